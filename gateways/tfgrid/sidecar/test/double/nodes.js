// Nodes and the relay to them, in memory: a double of the RMB client's `send` and `read`. A node checks what a
// real one checks: the signature, the hash against the contract on the chain, versions, and which workloads can
// be changed. Answers can be lost, before or after the node did what it was asked.

import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const library = require("@threefold/grid_client");
const { RMBError, TimeoutError } = require("@threefold/types");
const { signatureVerify } = require("@polkadot/util-crypto");
const { hexToU8a } = require("@polkadot/util");

const gib = 1024 ** 3;
const features = [
  "ipv4",
  "ip",
  "mycelium",
  "wireguard",
  "yggdrasil",
  "zmachine",
  "zmount",
  "volume",
  "network",
  "zlogs",
];

export function makeNode(id, { farm = 1, domain = "", gpus = [], country = "Belgium", light = false } = {}) {
  const gateway = domain ? ["gateway-name-proxy", "gateway-fqdn-proxy"] : [];
  return {
    id,
    twin: 1000 + id,
    farm,
    domain,
    country,
    gpus,
    features: light ? ["mycelium", "network-light", "zmachine-light", "zmount"] : [...features, ...gateway],
    total: { cru: 32, mru: 128 * gib, sru: 2048 * gib, hru: 0 },
    used: { cru: 0, mru: 8 * gib, sru: 100 * gib, hru: 0 },
    rentedBy: 0,
    standby: false,
    up: true,
    polls: 0, // How often a new workload is still "init" when it is asked for.
    failing: new Map(), // Workload type to the message it fails with.
    deployments: new Map(),
  };
}

export class RelayDouble {
  constructor({ nodes, chain, kyc }) {
    this.nodes = nodes;
    this.chain = chain;
    this.kyc = kyc;
    this.con = { readyState: 1, OPEN: 1 };
    this.answers = new Map();
    this.requests = []; // Every command that reached a node.
    this.faults = [];
    this.nextRequest = 1;
  }

  // The next `times` requests of a command are lost: on the way there, or on the way back.
  lose(command, { way = "back", times = 1 } = {}) {
    this.faults.push({ command, way, times });
  }

  async connect() {}

  async disconnect() {}

  async send(command, payload, twin) {
    const id = `request-${this.nextRequest++}`;
    this.answers.set(id, this.#deliver(command, payload, twin));
    return id;
  }

  async read(id) {
    const answer = this.answers.get(id);
    this.answers.delete(id);
    return answer();
  }

  #deliver(command, payload, twin) {
    const lost = () => {
      throw new TimeoutError("Didn't get a response after 20 seconds");
    };
    const fault = this.faults.find((each) => each.command === command && each.times > 0);
    if (fault) fault.times -= 1;
    const node = [...this.nodes.values()].find((each) => each.twin === twin);
    if (!node || !node.up || fault?.way === "there") return lost;
    this.requests.push(command);
    try {
      const result = this.#handle(node, command, payload === "" ? null : JSON.parse(payload));
      return fault ? lost : () => structuredClone(result);
    } catch (error) {
      if (fault) return lost;
      return () => {
        throw new RMBError(`255 ${error.message}`);
      };
    }
  }

  #handle(node, command, body) {
    switch (command) {
      case "zos.system.node_features_get":
        return node.features;
      case "zos.statistics.get":
        return { total: node.total, used: node.used };
      case "zos.storage.pools":
        return [{ name: "pool", type: "ssd", size: node.total.sru, used: node.used.sru }];
      case "zos.network.list_wg_ports":
        return [];
      case "zos.network.public_config_get":
        return { ipv4: "185.1.2.3/24", ipv6: "2a02::3/64" };
      case "zos.network.list_private_ips":
        return this.#privateIps(node, body.network_name);
      case "zos.gpu.list":
        return node.gpus;
      case "zos.deployment.get":
        return this.#get(node, body.contract_id);
      case "zos.deployment.deploy":
        return this.#deploy(node, body);
      case "zos.deployment.update":
        return this.#update(node, body);
      default:
        throw new Error(`unknown command '${command}'`);
    }
  }

  #privateIps(node, network) {
    const machines = [...node.deployments.values()]
      .flatMap((each) => each.workloads)
      .filter((each) => each.type.startsWith("zmachine"));
    return machines
      .flatMap((each) => each.data.network.interfaces)
      .filter((each) => each.network === network)
      .map((each) => each.ip);
  }

  #get(node, contract) {
    const deployment = node.deployments.get(contract);
    if (!deployment) throw new Error("deployment not found");
    for (const workload of deployment.workloads) {
      if (workload.result.state !== "init") continue;
      if (workload.polls > 0) workload.polls -= 1;
      else workload.result = this.#result(node, deployment, workload);
    }
    const copy = structuredClone(deployment);
    for (const workload of copy.workloads) delete workload.polls;
    return copy;
  }

  #check(node, deployment) {
    if (this.kyc.status !== "VERIFIED") throw new Error(`user with twin id ${deployment.twin_id} is not verified`);
    const names = new Set();
    for (const workload of deployment.workloads) {
      if (!/^[a-zA-Z0-9_]{1,36}$/.test(workload.name) || workload.name === "ygg")
        throw new Error(`name '${workload.name}' is invalid`);
      if (names.has(workload.name)) throw new Error(`multiple workloads with the same name '${workload.name}'`);
      if (workload.version > deployment.version)
        throw new Error(`workload '${workload.name}' version cannot be higher`);
      if (!node.features.includes(workload.type)) throw new Error(`unsupported workload type '${workload.type}'`);
      names.add(workload.name);
      if (workload.type === "zmachine") this.#checkMachine(deployment, workload);
    }
    const { hash, real } = this.#hash(deployment);
    const [signature] = deployment.signature_requirement.signatures;
    if (
      !signature ||
      !signatureVerify(hexToU8a(`0x${hash}`), hexToU8a(`0x${signature.signature}`), this.chain.account).isValid
    ) {
      throw new Error("failed to verify signature");
    }
    return { hash, real };
  }

  #checkMachine(deployment, workload) {
    const { data } = workload;
    if (data.network.interfaces.length !== 1)
      throw new Error("only one network private network is supported at the moment");
    if (data.compute_capacity.memory < 250 * 1024 ** 2) throw new Error("mem capacity can't be less that 250M");
    const least =
      Math.trunc((data.compute_capacity.cpu * data.compute_capacity.memory) / (8 * gib)) === 0
        ? 500 * 1024 ** 2
        : 2 * gib;
    if (data.size !== 0 && data.size < least)
      throw new Error(`disk size can't be less that ${least}. Set to 0 for minimum`);
    if (["ygg", "pub", "mycelium"].includes(data.network.interfaces[0].network))
      throw new Error("reserved network name");
    if (data.network.public_ip && !deployment.workloads.some((each) => each.name === data.network.public_ip))
      throw new Error("public ip is not found");
    if (data.network.mycelium && data.network.mycelium.hex_seed.length !== 12)
      throw new Error("invalid mycelium seed length expected 6 bytes");
  }

  #hash(deployment) {
    const copy = structuredClone(deployment);
    for (const workload of copy.workloads) {
      workload.data.__type = workload.type;
      delete workload.result;
    }
    const { plainToInstance } = createRequire(require.resolve("@threefold/grid_client"))("class-transformer");
    const hash = plainToInstance(library.Deployment, copy).challenge_hash();
    const contract = this.chain.contracts.get(deployment.contract_id);
    return { hash, real: contract?.contractType.nodeContract?.deploymentHash };
  }

  #deploy(node, deployment) {
    if (deployment.version !== 0) throw new Error("expected version to be 0 on deployment creation");
    const { hash, real } = this.#check(node, deployment);
    if (node.deployments.has(deployment.contract_id)) throw new Error("deployment exists");
    node.deployments.set(
      deployment.contract_id,
      this.#stored(node, deployment, hash === real ? null : "contract hash does not match deployment hash"),
    );
    return null;
  }

  #update(node, deployment) {
    const { hash, real } = this.#check(node, deployment);
    const old = node.deployments.get(deployment.contract_id);
    if (!old) throw new Error("deployment not found");
    if (deployment.version !== old.version + 1)
      throw new Error(`expecting deployment version ${old.version + 1}, got ${deployment.version}`);
    const before = new Map(old.workloads.map((each) => [each.name, each]));
    for (const workload of deployment.workloads) {
      const older = before.get(workload.name);
      if (!older && workload.version !== deployment.version)
        throw new Error(`invalid version number for workload '${workload.name}'`);
      if (!older || workload.version === older.version) continue;
      if (workload.type !== "zmount") throw new Error(`workload '${workload.type}' does not support upgrade`);
      if (workload.data.size < older.data.size) throw new Error("not safe to shrink a disk");
    }
    const stored = this.#stored(
      node,
      deployment,
      hash === real ? null : "contract hash does not match deployment hash",
    );
    for (const workload of stored.workloads) {
      const older = before.get(workload.name);
      if (older && older.version === workload.version) Object.assign(workload, { result: older.result, polls: 0 });
    }
    node.deployments.set(deployment.contract_id, stored);
    return null;
  }

  #stored(node, deployment, problem) {
    const copy = structuredClone(deployment);
    for (const workload of copy.workloads) {
      delete workload.data.__type;
      delete workload.data.node_id;
      workload.polls = node.polls;
      workload.result = { created: 1, state: problem ? "error" : "init", message: problem ?? "", data: null };
    }
    return copy;
  }

  #result(node, deployment, workload) {
    const problem = node.failing.get(workload.type);
    if (problem) return { created: 2, state: "error", message: problem, data: null };
    const data =
      {
        ip: { ip: "185.206.122.40/24", ip6: "", gateway: "185.206.122.1" },
        "gateway-name-proxy": { fqdn: `${workload.data.name}.${node.domain}` },
        zmount: { volume_id: `${deployment.twin_id}-${deployment.contract_id}-${workload.name}` },
      }[workload.type] ?? {};
    if (workload.type.startsWith("zmachine")) {
      const { network } = workload.data;
      data.id = `${deployment.twin_id}-${deployment.contract_id}-${workload.name}`;
      data.ip = network.interfaces[0].ip;
      data.planetary_ip = network.planetary ? "300:e9c4:9048:57cf::1" : "";
      data.mycelium_ip = network.mycelium ? `5c9:${network.mycelium.hex_seed.match(/.{4}/g).join(":")}::1` : "";
      data.console_url = "10.20.2.0:20002";
    }
    return { created: 2, state: "ok", message: "", data };
  }
}
