// The grid, through the npm package @threefold/grid_client. No other file of this service knows that package.

import { createRequire } from "node:module";

import { Contracts } from "./contracts.js";
import { Refusal, refusalFrom } from "./errors.js";
import { patientHandler } from "./patient_handler.js";
import * as plans from "./plan.js";
import { Reads } from "./reads.js";
import { replaceWorkload } from "./replacement.js";
import { untilSettled } from "./settle.js";

const library = createRequire(import.meta.url)("@threefold/grid_client");
// The package's own copies: validators register themselves in the copy that the package uses.
const beside = createRequire(createRequire(import.meta.url).resolve("@threefold/grid_client"));
const { plainToInstance } = beside("class-transformer");
const axios = beside("axios");

const remembered = 50_000; // Cancelled contracts that the index may still show.
const signals = ["SIGTERM", "SIGINT", "SIGUSR1", "SIGUSR2"];

const defaults = {
  deploySeconds: 600, // How long a node may take to bring a deployment up.
  chainSeconds: 240, // How long one chain call may take before its outcome counts as unknown.
  graceSeconds: 30, // How long a contract may be without a deployment on its node.
  attempts: 3, // How often a node is asked again after a lost answer.
  pause: 2000, // Between two questions, in milliseconds.
};

// The library would keep files in the home directory; nothing it stores there is needed any more.
const noStorage = { get: async () => '""', set: async () => {}, remove: async () => {}, list: async () => [] };

const Patient = patientHandler(library.TwinDeploymentHandler);

export class Grid {
  #client;
  #contracts;
  #reads;
  #limits;
  #scrub;
  #stuck;
  #turn = Promise.resolve();

  constructor(client, { project, limits, scrub, stuck }) {
    this.#client = client;
    this.#limits = limits;
    this.#scrub = scrub;
    this.#stuck = stuck;
    this.#contracts = new Contracts({
      chain: client.tfclient,
      graphql: client.config.graphqlURL,
      twin: client.twinId,
      project,
    });
    const getDeployment = (id) => this.#handler({ attempts: 1 }).getDeployment(id);
    this.#reads = new Reads({ contracts: this.#contracts, getDeployment, twin: client.twinId, scrub });
  }

  static async connect(options, { scrub, stuck = () => {}, limits: given = {} }) {
    const limits = { ...defaults, ...given };
    axios.defaults.timeout = 20_000;
    const client = new library.GridClient({
      mnemonic: options.mnemonic,
      network: options.network,
      // With a store secret the library leaves the account's key-value store alone.
      storeSecret: options.mnemonic,
      keypairType: options.keypair,
      projectName: options.project,
      substrateURL: options.urls.substrate,
      proxyURL: options.urls.proxy,
      graphqlURL: options.urls.graphql,
      relayURL: options.urls.relay,
      activationURL: options.urls.activation,
      deploymentTimeoutMinutes: limits.deploySeconds / 60,
    });
    client.clientOptions.backendStorage = noStorage;
    if (options.urls.kyc) {
      const urls = client.getDefaultUrls.bind(client);
      client.getDefaultUrls = (network) => ({ ...urls(network), KYC: options.urls.kyc });
    }
    const before = new Map(signals.map((signal) => [signal, process.listeners(signal)]));
    try {
      await client.connect();
    } catch (error) {
      throw refusalFrom(error, scrub);
    } finally {
      // Ending this process is not the library's business.
      for (const [signal, kept] of before) {
        for (const each of process.listeners(signal)) if (!kept.includes(each)) process.removeListener(signal, each);
      }
    }
    return new Grid(client, { project: options.project, limits, scrub, stuck });
  }

  // --- what is known

  get reads() {
    return this.#reads;
  }

  account() {
    return { twin: this.#client.twinId, address: this.#client.tfclient.address, network: this.#client.config.network };
  }

  health() {
    const relay = this.#client.rmbClient.con;
    return {
      chain: Boolean(this.#client.tfclient.api?.isConnected),
      relay: Boolean(relay && relay.readyState === relay.OPEN),
    };
  }

  async balance() {
    return this.#refusing(async () => {
      const { tfclient } = this.#client;
      await tfclient.connect();
      const { data } = await tfclient.api.query.system.account(tfclient.address);
      const units = (value) => BigInt(value.toString()).toString();
      return { ...this.account(), free: units(data.free), reserved: units(data.reserved), frozen: units(data.frozen) };
    });
  }

  // As the chain bills: its average, kept within the chain's bounds. Bills go by policy 1.
  async prices() {
    return this.#refusing(async () => {
      const { tfclient } = this.#client;
      await tfclient.connect();
      const { tftPriceModule, tfgridModule } = tfclient.api.query;
      const [average, least, most, policy] = (
        await Promise.all([
          tftPriceModule.averageTftPrice(),
          tftPriceModule.minTftPrice(),
          tftPriceModule.maxTftPrice(),
          tfgridModule.pricingPolicies(1),
        ])
      ).map((answer) => answer.toPrimitive());
      return {
        tft: average ? Math.min(Math.max(average, least), most) : null,
        policy: policy && {
          id: policy.id,
          cu: policy.cu.value,
          su: policy.su.value,
          ipu: policy.ipu.value,
          unique_name: policy.uniqueName.value,
        },
      };
    });
  }

  // --- what is asked for

  // The library's validators and the node's rules that they lack, before anything is done.
  checkDeployment(order) {
    const plan = plans.planDeployment(order);
    this.#validate(library.MachinesModel, plan);
    const { root, disks } = plans.storage(order.resources, order.image);
    if (plans.isReserved(order.name)) throw new Refusal("validation", `name '${order.name}' is reserved by the nodes`);
    if (root < plans.smallestRoot(order.resources) || disks.some((disk) => disk.size < 1)) {
      throw new Refusal("validation", "resources.sru is too small for the image and the memory");
    }
  }

  checkName(order) {
    if (!/^[a-z0-9]{3,35}$/.test(order.name)) {
      throw new Refusal("validation", "name must be 3 to 35 lower-case letters or digits");
    }
    this.#validate(library.GatewayNameModel, plans.planName(order, order.node || 1));
  }

  async deploy(order, seen) {
    return this.#job(seen, async (handler) => {
      const existing = await this.#contracts.named(order.name, ["vm", "network"], order.node);
      if (existing.length > 0) {
        if (existing.some((entry) => entry.node !== order.node)) {
          throw new Refusal("conflict", `'${order.name}' exists on node ${existing[0].node}`, { contracts: existing });
        }
        for (const entry of existing) seen(entry);
        await this.#settled(handler, existing, ["vm", "network"], "vm");
        return this.#reads.describeDeployment(order.name, existing);
      }
      if (order.farm) await this.#checkFarm(order);
      const gpus = order.resources.gpus ? await this.#freeGpus(order) : [];
      const machines = this.#module(library.machines, handler);
      await machines.deploy(plans.planDeployment(order, gpus));
      const made = await this.#contracts.named(order.name, ["vm", "network"], order.node);
      return this.#reads.describeDeployment(order.name, made);
    });
  }

  async deployName(order, seen) {
    return this.#job(seen, async (handler) => {
      const owner = await this.#contracts.byNameContract(order.name);
      if (owner && owner.twin !== this.#client.twinId) {
        throw new Refusal("name_taken", `the name '${order.name}' belongs to another account`);
      }
      let existing = await this.#reads.contractsOfName(order.name, order.node);
      if (existing.length > 0) {
        const until = Date.now() + this.#limits.graceSeconds * 1000;
        // The name is asked of the chain, the gateway of the index, which may be behind.
        while (existing.length < 2 && Date.now() < until) {
          await handler.rest();
          existing = await this.#reads.contractsOfName(order.name, order.node);
        }
        const node = existing.find((entry) => entry.kind === "gateway")?.node;
        if (order.node && node && node !== order.node) {
          throw new Refusal("conflict", `'${order.name}' exists on node ${node}`, { contracts: existing });
        }
        for (const entry of existing) seen(entry);
        await this.#settled(handler, existing, ["name", "gateway"], "gateway");
        return this.#reads.describeName(order.name, existing);
      }
      const node = order.node || (await this.#gatewayNode());
      const gateway = this.#module(library.gateway, handler);
      await gateway.deploy_name(plans.planName(order, node));
      return this.#reads.describeName(order.name, await this.#reads.contractsOfName(order.name, node));
    });
  }

  // A node can neither restart nor change a machine: the machine is replaced by one of another workload name
  // in the same contract. Disks, the public address and the mycelium address stay; the root file system of a
  // machine without a boot disk does not.
  async restart(name, wish, seen) {
    return this.#replaceMachine(name, wish, seen, () => {});
  }

  async resize(name, wish, seen) {
    return this.#replaceMachine(name, wish, seen, async (deployment, node) => {
      const more = plans.resizeMachine(deployment, wish.resources);
      if (!(await this.#nodes().nodeHasResources(node, more))) {
        throw new Refusal("no_capacity", `node ${node} has not ${more.mru} GiB memory and ${more.sru} GiB disk more`);
      }
    });
  }

  async changeBackends(name, { backends, version }, seen) {
    return this.#job(seen, async (handler, note) => {
      const contracts = await this.#reads.contractsOfName(name, 0);
      const gateway = contracts.find((entry) => entry.kind === "gateway");
      if (!gateway) throw new Refusal("not_found", `there is no gateway of the name '${name}'`);
      for (const entry of contracts) note(entry);
      const change = (deployment) => {
        plans.gatewayOf(deployment).data.backends = backends;
      };
      await this.#replace(handler, gateway, { find: plans.gatewayOf, prefix: "gw", version, change });
      return this.#reads.describeName(name, contracts);
    });
  }

  // Cancels a contract and those that are of no use without it. A contract that is not there counts as cancelled.
  async cancel(id) {
    return this.#refusing(async () => {
      const entry = await this.#contracts.byId(id);
      if (!entry) return { cancelled: [], already_gone: true };
      if (entry.twin !== this.#client.twinId || !this.#contracts.isOurs(entry)) {
        throw new Refusal("not_ours", `contract ${id} was not made by this service`);
      }
      const family = ["vm", "network"].includes(entry.kind)
        ? await this.#contracts.named(entry.name, ["vm", "network"], entry.node)
        : await this.#reads.contractsOfName(entry.name, entry.node ?? 0);
      const ids = [...new Set([id, ...family.map((each) => each.id)])].sort((left, right) => left - right);
      await this.#writeChain(() => this.#client.tfclient.contracts.batchCancelContracts(ids));
      this.#forget(ids);
      return { cancelled: ids, already_gone: false };
    });
  }

  // --- how

  async #refusing(action) {
    try {
      return await action();
    } catch (error) {
      throw refusalFrom(error, this.#scrub);
    }
  }

  // Runs what changes the grid. A failure names the contracts that are left of it.
  async #job(seen, action) {
    const touched = new Map();
    const note = (entry) => {
      touched.set(entry.id, entry);
      seen(entry);
    };
    const handler = this.#handler({ seen: note });
    try {
      return await action(handler, note);
    } catch (error) {
      const cause = handler.chainError ?? error;
      const refusal = refusalFrom(error instanceof Refusal ? error : cause, this.#scrub);
      refusal.contracts = await this.#left([...touched.values(), ...(refusal.contracts ?? [])]);
      throw refusal;
    }
  }

  async #left(entries) {
    const left = new Map();
    for (const entry of entries) {
      const still = await this.#contracts.byId(entry.id).catch(() => entry);
      if (still) left.set(entry.id, still);
    }
    return [...left.values()];
  }

  #handler({ seen = () => {}, updating = false, attempts = this.#limits.attempts } = {}) {
    return new Patient(this.#client.config, {
      writeChain: (write) => this.#writeChain(write),
      seen: (contracts) => {
        for (const contract of contracts) seen(this.#contracts.remember(contract));
      },
      cancelled: (ids) => this.#forget(ids),
      updating,
      attempts,
      pause: this.#limits.pause,
    });
  }

  // The library's modules keep state between calls, so that each job gets its own.
  #module(Module, handler) {
    const module = new Module(this.#client.config);
    module.twinDeploymentHandler = handler;
    return module;
  }

  #nodes() {
    const { graphqlURL, proxyURL, rmbClient } = this.#client.config;
    return new library.Nodes(graphqlURL, proxyURL, rmbClient);
  }

  #forget(ids) {
    this.#contracts.forget(ids);
    for (const { deletedContracts } of [library.BaseModule, library.Network]) {
      deletedContracts.push(...ids);
      if (deletedContracts.length > remembered) deletedContracts.splice(0, remembered / 2);
    }
  }

  #validate(Model, plan) {
    try {
      library.validateObject(plainToInstance(Model, plan, { excludeExtraneousValues: true }));
    } catch (error) {
      throw refusalFrom(error, this.#scrub);
    }
  }

  // One call after the other, each within its time: when the connection is lost under a call, the library waits
  // for ever and keeps its lock, so that nothing can be written any more.
  async #writeChain(write) {
    const before = this.#turn;
    let done;
    this.#turn = new Promise((resolve) => (done = resolve));
    await before;
    let timer;
    const limit = new Promise((_, reject) => {
      timer = setTimeout(() => {
        this.#stuck();
        reject(new Refusal("outcome_unknown", `the chain did not answer within ${this.#limits.chainSeconds} s`));
      }, this.#limits.chainSeconds * 1000);
    });
    try {
      return await Promise.race([write(), limit]);
    } finally {
      clearTimeout(timer);
      done();
    }
  }

  async #settled(handler, contracts, kinds, main) {
    const get = (id) => handler.getDeployment(id);
    const rest = () => handler.rest();
    await untilSettled({ contracts, kinds, main, get, rest, limits: this.#limits, scrub: this.#scrub });
  }

  async #replaceMachine(name, { allowRootReset, version }, seen, change) {
    return this.#job(seen, async (handler, note) => {
      const contracts = await this.#contracts.named(name, ["vm", "network"]);
      const main = contracts.find((entry) => entry.kind === "vm");
      if (!main) throw new Refusal("not_found", `there is no deployment '${name}'`);
      for (const entry of contracts) note(entry);
      const guarded = async (deployment) => {
        if (!plans.hasBootDisk(deployment) && !allowRootReset) {
          throw new Refusal(
            "would_erase_root",
            "the root file system would be lost; say allow_root_reset if it may be",
          );
        }
        await change(deployment, main.node);
      };
      await this.#replace(handler, main, { find: plans.machineOf, prefix: "vm", version, change: guarded });
      return this.#reads.describeDeployment(name, contracts);
    });
  }

  async #replace(handler, contract, { find, prefix, version, change }) {
    const get = () => handler.getDeployment(contract.id);
    const apply = async (deployment) => {
      const made = await new library.DeploymentFactory(this.#client.config).fromObj(deployment);
      const updater = this.#handler({ updating: true });
      try {
        await updater.handle([new library.TwinDeployment(made, library.Operations.update, 0, contract.node, "", null)]);
      } catch (error) {
        throw updater.chainError ?? error;
      }
    };
    await replaceWorkload({ get, apply, find, prefix, version, change, scrub: this.#scrub });
  }

  async #checkFarm(order) {
    const node = await this.#nodes().getNode(order.node);
    if (!node) throw new Refusal("node_unavailable", `there is no node ${order.node}`);
    if (node.farmId !== order.farm) {
      throw new Refusal("conflict", `node ${order.node} is in farm ${node.farmId}, not in farm ${order.farm}`);
    }
  }

  async #freeGpus(order) {
    const cards = (await new library.zos(this.#client.config).getNodeGPUInfo({ nodeId: order.node })) ?? [];
    const free = cards
      .filter((card) => !card.contract)
      .map((card) => card.id)
      .sort();
    if (free.length < order.resources.gpus)
      throw new Refusal("no_gpu", `node ${order.node} has ${free.length} free GPUs`);
    return free.slice(0, order.resources.gpus);
  }

  async #gatewayNode() {
    const found = await this.#nodes().filterNodes({ gateway: true, availableFor: this.#client.twinId, healthy: true });
    const ids = found.filter((node) => node.publicConfig?.domain).map((node) => node.nodeId);
    if (ids.length === 0) throw new Refusal("node_unavailable", "no gateway node is up");
    return Math.min(...ids);
  }
}
