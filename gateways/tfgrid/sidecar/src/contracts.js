// Which contracts the account has. The indexer (GraphQL) knows them all but lags behind the chain; the chain
// is exact but can only be asked by id, by node or by name. Whether a name is in use is therefore asked of
// both, and every contract that is found is confirmed by the chain.

const remembered = 50_000;
const atOnce = 16;

const kinds = { vm: "vm", network: "network", "network-light": "network", gateway: "gateway" };

function label(data) {
  try {
    const { type, name, projectName } = JSON.parse(data);
    return { kind: kinds[type] ?? "other", name: String(name ?? ""), project: String(projectName ?? "") };
  } catch {
    return { kind: "other", name: "", project: "" };
  }
}

const isGone = (contract) => !contract || (contract.state && "deleted" in contract.state);

function fromChain(contract, created = 0) {
  const { nodeContract, nameContract, rentContract } = contract.contractType;
  const named = nodeContract
    ? label(nodeContract.deploymentData)
    : { kind: nameContract ? "name" : "rent", name: nameContract?.name ?? "", project: "" };
  return {
    id: contract.contractId,
    ...named,
    node: nodeContract?.nodeId ?? rentContract?.nodeId ?? null,
    state: "gracePeriod" in contract.state ? "grace" : "created",
    created,
  };
}

function fromIndex(record, kind) {
  return {
    id: Number(record.contractID),
    ...(kind ? { kind, name: record.name ?? "", project: "" } : label(record.deploymentData)),
    node: record.nodeID ?? null,
    state: record.state === "GracePeriod" ? "grace" : "created",
    created: Number(record.createdAt) || 0,
  };
}

export class Contracts {
  #chain;
  #graphql;
  #twin;
  #project;
  #fresh = new Map(); // Made by this process and not seen in the index yet.
  #gone = new Set(); // Cancelled by this process; the index may still show them.
  #foreign = new Set(); // Other accounts' contracts on nodes that were searched.

  constructor({ chain, graphql, twin, project }) {
    this.#chain = chain;
    this.#graphql = graphql;
    this.#twin = twin;
    this.#project = project;
  }

  isOurs(entry) {
    return entry.kind === "name" || (entry.project === this.#project && entry.kind !== "other");
  }

  remember(contract) {
    const known = this.#fresh.get(contract.contractId)?.created;
    const entry = fromChain(contract, known ?? Math.floor(Date.now() / 1000));
    this.#fresh.set(entry.id, entry);
    return entry;
  }

  forget(ids) {
    for (const id of ids) {
      this.#fresh.delete(id);
      this.#gone.add(id);
    }
    if (this.#gone.size > remembered) this.#gone = new Set([...this.#gone].slice(-remembered / 2));
  }

  // The contract as the chain has it now, or null when there is none (any more).
  async byId(id) {
    const contract = await this.#chain.contracts.get({ id });
    if (isGone(contract)) return null;
    return { ...fromChain(contract, this.#fresh.get(id)?.created), twin: contract.twinId };
  }

  async byNameContract(name) {
    const id = await this.#chain.contracts.getContractIdByName({ name });
    return id ? this.byId(id) : null;
  }

  // Everything the account has, as far as is known: the index, and what this process made since.
  async all() {
    const found = await this.#chain.contracts.listMyContracts({ graphqlURL: this.#graphql });
    const entries = new Map();
    for (const record of found.nodeContracts) entries.set(Number(record.contractID), fromIndex(record));
    for (const record of found.nameContracts) entries.set(Number(record.contractID), fromIndex(record, "name"));
    for (const record of found.rentContracts) entries.set(Number(record.contractID), fromIndex(record, "rent"));
    for (const [id, entry] of this.#fresh) {
      if (entries.has(id)) this.#fresh.delete(id);
      else if (await this.byId(id)) entries.set(id, entry);
      else this.#fresh.delete(id);
    }
    for (const id of this.#gone) entries.delete(id);
    return [...entries.values()].sort((left, right) => left.id - right.id);
  }

  // The contracts that carry a name, confirmed by the chain. With a node, that node is searched on the chain
  // itself, so that a contract which the index does not show yet is found as well.
  async named(name, wanted, node = 0) {
    const matches = (entry) => entry.name === name && wanted.includes(entry.kind) && this.isOurs(entry);
    const found = new Map((await this.all()).filter(matches).map((entry) => [entry.id, entry.created]));
    if (node)
      for (const entry of await this.#onNode(node)) if (matches(entry) && !found.has(entry.id)) found.set(entry.id, 0);
    const confirmed = [];
    for (const [id, created] of found) {
      const entry = await this.byId(id);
      if (entry && matches(entry)) confirmed.push({ ...entry, created: created || entry.created });
    }
    return confirmed;
  }

  async #onNode(node) {
    const ids = (await this.#chain.contracts.getActiveContracts({ nodeId: node })) ?? [];
    const unknown = ids.filter((id) => !this.#foreign.has(id) && !this.#gone.has(id));
    const mine = [];
    for (let start = 0; start < unknown.length; start += atOnce) {
      const entries = await Promise.all(unknown.slice(start, start + atOnce).map((id) => this.byId(id)));
      for (const entry of entries) {
        if (!entry) continue;
        if (entry.twin === this.#twin) mine.push(entry);
        else this.#foreign.add(entry.id);
      }
    }
    if (this.#foreign.size > remembered) this.#foreign.clear();
    return mine;
  }
}
