// A chain in memory, at the level of the polkadot API: everything above it, building calls, batching them,
// reading events and errors, is the real client's. It keeps the pallet's rules that matter here.

const primitive = (value) => ({ toPrimitive: () => structuredClone(value), toString: () => JSON.stringify(value) });

const amount = (value) => ({ toJSON: () => Number(value), toString: () => String(value) });

const farTooLow = "1010: Invalid Transaction: Inability to pay some fees , e.g. account balance too low";

class Dispatch {
  constructor(name) {
    this.isModule = true;
    this.asModule = { name };
    Object.assign(this, {
      isToken: false,
      asToken: null,
      isArithmetic: false,
      asArithmetic: null,
      isBadOrigin: false,
      asBadOrigin: null,
    });
  }
}

export class ChainDouble {
  constructor({ twin, nodes, farms }) {
    this.twin = twin;
    this.account = null; // The address that signs first is the twin's.
    this.nodes = nodes;
    this.farms = farms;
    this.contracts = new Map();
    this.names = new Map();
    this.nextContract = 9001;
    this.free = 1_000_0000000n;
    this.fee = 10_000n;
    this.tft = { average: 12, least: 10, most: 1000 };
    const price = (value) => ({ value, unit: "Gigabytes" });
    this.policies = new Map([
      [
        1,
        {
          id: 1,
          name: "threefold_default_pricing_policy",
          cu: price(305_600),
          su: price(194_400),
          nu: price(15_000),
          ipu: price(69_400),
          uniqueName: price(2_500),
        },
      ],
    ]);
    this.calls = []; // Every call that reached a block, by method.
    this.excluded = new Set(); // Nodes that left the old billing.
    this.hang = false; // Calls are taken and never answered.
    this.down = false;
    this.delay = 0; // Milliseconds until a call is in a block.
    this.nonce = 0;
    this.cancelled = [];
  }

  api() {
    const chain = this;
    const query = (get) => async (key) => {
      if (chain.down) throw new Error("WebSocket is not connected");
      return primitive(get(key));
    };
    const call =
      (section, method) =>
      (...args) =>
        chain.#extrinsic(section, method, args);
    return {
      isConnected: true,
      on: () => {},
      off: () => {},
      rpc: { system: { accountNextIndex: async () => chain.nonce } },
      registry: { findMetaError: ({ name }) => ({ section: "smartContractModule", name, docs: [] }) },
      query: {
        system: {
          account: async () => ({ data: { free: amount(chain.free), reserved: amount(0n), frozen: amount(0n) } }),
        },
        tfgridModule: {
          twins: query((id) => ({ id, accountId: chain.account, relay: "relay.double", pk: null })),
          twinIdByAccountID: query((address) => {
            chain.account ??= address;
            return chain.account === address ? chain.twin : 0;
          }),
          farms: query((id) => chain.farms.get(id) ?? null),
          pricingPolicies: query((id) => chain.policies.get(id) ?? null),
        },
        tftPriceModule: {
          averageTftPrice: query(() => chain.tft.average),
          minTftPrice: query(() => chain.tft.least),
          maxTftPrice: query(() => chain.tft.most),
        },
        smartContractModule: {
          contracts: query((id) => chain.contracts.get(Number(id)) ?? null),
          contractIDByNameRegistration: query((name) => chain.names.get(name) ?? 0),
          activeNodeContracts: query((node) => chain.#onNode(node).map((each) => each.contractId)),
        },
      },
      tx: {
        smartContractModule: {
          createNodeContract: call("smartContractModule", "createNodeContract"),
          updateNodeContract: call("smartContractModule", "updateNodeContract"),
          createNameContract: call("smartContractModule", "createNameContract"),
          cancelContract: call("smartContractModule", "cancelContract"),
        },
        utility: { batchAll: call("utility", "batchAll") },
      },
    };
  }

  // A contract that somebody else made, or that an earlier process left behind.
  put({ twin = this.twin, node, type, name, project = "marketplace", hash = "0".repeat(32) }) {
    const data = JSON.stringify({ version: 3, type, name, projectName: project });
    return this.#add(twin, {
      nodeContract: { nodeId: node, deploymentHash: hash, deploymentData: data, publicIps: 0, publicIpsList: [] },
    });
  }

  putName({ twin = this.twin, name }) {
    const contract = this.#add(twin, { nameContract: { name } });
    this.names.set(name, contract.contractId);
    return contract;
  }

  #onNode(node) {
    return [...this.contracts.values()].filter((each) => each.contractType.nodeContract?.nodeId === Number(node));
  }

  #add(twin, contractType) {
    const contract = {
      version: 4,
      state: { created: null },
      contractId: this.nextContract++,
      twinId: twin,
      contractType,
      solutionProviderId: null,
    };
    this.contracts.set(contract.contractId, contract);
    return contract;
  }

  #extrinsic(section, method, args) {
    const chain = this;
    return {
      method: { section, method, args },
      async signAndSend(keypair, { nonce }, callback) {
        if (chain.down) throw new Error("WebSocket is not connected");
        if (nonce !== chain.nonce) throw new Error("1014: Priority is too low");
        if (chain.free < chain.fee) throw new Error(farTooLow);
        if (keypair.address !== chain.account) throw new Error("1010: Invalid Transaction: bad signature");
        chain.nonce += 1;
        chain.free -= chain.fee;
        if (chain.hang) return;
        if (chain.delay) await new Promise((done) => setTimeout(done, chain.delay));
        const calls = method === "batchAll" ? args[0] : [this];
        const kept = [new Map(chain.contracts), new Map(chain.names), chain.nextContract];
        const events = [];
        try {
          for (const each of calls) events.push(...chain.#apply(each.method.method, each.method.args));
          events.push(["system", "ExtrinsicSuccess", []]);
          chain.calls.push(...calls.map((each) => each.method.method));
        } catch (error) {
          if (!(error instanceof Dispatch)) throw error;
          [chain.contracts, chain.names, chain.nextContract] = kept;
          events.splice(0, events.length, ["system", "ExtrinsicFailed", [error]]);
        }
        const told = events.map(([where, name, data]) => ({
          phase: "apply",
          event: {
            section: where,
            method: name,
            data: Object.assign([...data], { toPrimitive: () => structuredClone(data), toString: () => name }),
          },
        }));
        setImmediate(() => callback({ status: { isInBlock: true }, events: told }));
      },
    };
  }

  #apply(method, args) {
    const need = (condition, name) => {
      if (!condition) throw new Dispatch(name);
    };
    if (method === "createNodeContract") {
      const [nodeId, deploymentHash, deploymentData, publicIps] = args;
      const node = this.nodes.get(nodeId);
      need(node, "NodeNotExists");
      need(!this.excluded.has(nodeId), "OnlyTwinAdminCanDeployOnThisNode");
      need(!node.standby, "NodeNotAvailableToDeploy");
      need(deploymentData.length <= 512, "DeploymentDataTooLong");
      need(
        !this.#onNode(nodeId).some((each) => each.contractType.nodeContract.deploymentHash === deploymentHash),
        "ContractIsNotUnique",
      );
      const free = this.farms.get(node.farm).publicIps.filter((ip) => ip.contractId === 0);
      need(free.length >= publicIps, "FarmHasNotEnoughPublicIPsFree");
      const contract = this.#add(this.twin, {
        nodeContract: { nodeId, deploymentHash, deploymentData, publicIps, publicIpsList: [] },
      });
      for (const ip of free.slice(0, publicIps)) ip.contractId = contract.contractId;
      return [["smartContractModule", "ContractCreated", [contract]]];
    }
    if (method === "createNameContract") {
      const [name] = args;
      need(name.length >= 3, "NameContractNameTooShort");
      need(/^[a-z0-9_-]+$/.test(name), "NameNotValid");
      need(!this.names.has(name), "NameExists");
      return [["smartContractModule", "ContractCreated", [this.putName({ name })]]];
    }
    const contract = this.contracts.get(Number(args[0]));
    need(contract, "ContractNotExists");
    if (method === "updateNodeContract") {
      need(contract.twinId === this.twin, "TwinNotAuthorizedToUpdateContract");
      need(!("gracePeriod" in contract.state), "CannotUpdateContractInGraceState");
      const changed = structuredClone(contract);
      changed.contractType.nodeContract.deploymentHash = args[1];
      changed.contractType.nodeContract.deploymentData = args[2];
      this.contracts.set(changed.contractId, changed);
      return [["smartContractModule", "ContractUpdated", [changed]]];
    }
    need(contract.twinId === this.twin, "TwinNotAuthorizedToCancelContract");
    this.contracts.delete(contract.contractId);
    this.cancelled.push(contract.contractId);
    if (contract.contractType.nameContract) {
      this.names.delete(contract.contractType.nameContract.name);
      return [["smartContractModule", "NameContractCanceled", [contract.contractId]]];
    }
    const { nodeId } = contract.contractType.nodeContract;
    for (const ip of this.farms.get(this.nodes.get(nodeId).farm).publicIps)
      if (ip.contractId === contract.contractId) ip.contractId = 0;
    this.nodes.get(nodeId).deployments.delete(contract.contractId);
    return [["smartContractModule", "NodeContractCanceled", [contract.contractId, nodeId, this.twin]]];
  }
}
