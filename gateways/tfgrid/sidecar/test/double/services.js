// The grid's HTTP services on a loopback port: the proxy, the indexer (GraphQL) and the KYC service, each only
// as far as the client library asks them.

import { createServer } from "node:http";

export class ServicesDouble {
  constructor({ nodes, chain, kyc }) {
    this.nodes = nodes;
    this.chain = chain;
    this.kyc = kyc;
    this.frozen = null; // The contracts as the indexer last saw them, while it is behind.
    this.broken = false;
    this.asked = 0;
  }

  // Stops the indexer where it is: contracts that are made from now on are not seen in it.
  freeze() {
    this.frozen = structuredClone([...this.chain.contracts.values()]);
  }

  async start() {
    this.server = createServer((request, response) => this.#answer(request, response));
    await new Promise((done) => this.server.listen(0, "127.0.0.1", done));
    this.port = this.server.address().port;
  }

  async stop() {
    this.server.closeAllConnections();
    await new Promise((done) => this.server.close(done));
  }

  async #answer(request, response) {
    this.asked += 1;
    const parts = [];
    for await (const part of request) parts.push(part);
    const url = new URL(request.url, "http://double");
    const body = this.broken ? undefined : this.#body(url, Buffer.concat(parts).toString());
    response.writeHead(body === undefined ? 502 : 200, { "content-type": "application/json" });
    response.end(JSON.stringify(body ?? { error: "bad gateway" }));
  }

  #body(url, text) {
    if (url.pathname === "/graphql") return { data: this.#graphql(JSON.parse(text)) };
    if (url.pathname === "/kyc/api/v1/status") return { result: { status: this.kyc.status } };
    if (url.pathname === "/proxy/version") return { version: "double" };
    const one = /^\/proxy\/nodes\/(\d+)$/.exec(url.pathname);
    if (one) return this.#node(this.nodes.get(Number(one[1])));
    if (url.pathname !== "/proxy/nodes") return undefined;
    let nodes = [...this.nodes.values()];
    if (url.searchParams.has("node_id"))
      nodes = nodes.filter((node) => node.id === Number(url.searchParams.get("node_id")));
    if (url.searchParams.get("domain") === "true") nodes = nodes.filter((node) => node.domain && node.up);
    return nodes.map((node) => this.#node(node));
  }

  #node(node) {
    if (!node) return undefined;
    return {
      nodeId: node.id,
      farmId: node.farm,
      twinId: node.twin,
      features: node.features,
      publicConfig: { domain: node.domain, ipv4: node.domain ? "185.1.2.3/24" : "", ipv6: "", gw4: "", gw6: "" },
      status: node.up ? "up" : "down",
      rentedByTwinId: node.rentedBy,
      rentContractId: node.rentedBy ? 1 : 0,
      inDedicatedFarm: false,
      capacity: { total_resources: node.total, used_resources: node.used },
    };
  }

  #graphql({ query, variables }) {
    if (query.includes("__typename")) return { __typename: "Query" };
    if (query.includes("getNodeTwinId")) {
      const node = this.nodes.get(Number(variables.nodeId));
      return { nodes: node ? [{ twinID: node.twin }] : [] };
    }
    const seen = this.frozen ?? [...this.chain.contracts.values()];
    const mine = seen.filter((each) => each.twinId === this.chain.twin);
    const count = /items: (\w+)Connection/.exec(query);
    if (count) return { items: { count: mine.length } };
    const wanted = [...query.matchAll(/deploymentData_contains: "((?:\\.|[^"\\])*)"/g)].map((each) =>
      JSON.parse(`"${each[1]}"`),
    );
    const common = (each) => ({
      contractID: String(each.contractId),
      createdAt: "1700000000",
      state: "gracePeriod" in each.state ? "GracePeriod" : "Created",
    });
    const nodeContracts = mine
      .filter((each) => each.contractType.nodeContract)
      .filter((each) => wanted.every((part) => each.contractType.nodeContract.deploymentData.includes(part)))
      .map((each) => ({
        ...common(each),
        deploymentData: each.contractType.nodeContract.deploymentData,
        nodeID: each.contractType.nodeContract.nodeId,
        numberOfPublicIPs: each.contractType.nodeContract.publicIps,
      }));
    const nameContracts = mine
      .filter((each) => each.contractType.nameContract)
      .map((each) => ({ ...common(each), name: each.contractType.nameContract.name }));
    return { nodeContracts, nameContracts, rentContracts: [] };
  }
}
