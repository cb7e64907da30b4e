// The client library's deployment handler, with three habits changed, because each of them loses a
// deployment that is fine:
//
//   - a lost answer of a node is looked up, not taken for a refusal;
//   - one failed poll does not end the wait;
//   - what a rollback could not undo does not hide what went wrong.
//
// It is given the library's class instead of importing it.

import { codeOf } from "./errors.js";

const passing = ["node_unreachable", "grid_unavailable", "chain_unreachable", "outcome_unknown"];

export const patientHandler = (Handler) =>
  class extends Handler {
    constructor(config, { writeChain, seen = () => {}, cancelled = () => {}, updating = false, attempts, pause }) {
      super(config);
      this.seen = seen;
      this.cancelled = cancelled;
      this.updating = updating;
      this.attempts = attempts;
      this.pause = pause;
      // Contract ids are told to the caller the moment the chain has named them.
      this.tfclient = Object.create(config.tfclient, {
        applyAllExtrinsics: {
          value: async (extrinsics) => {
            const results = await this.onChain(() => writeChain(() => config.tfclient.applyAllExtrinsics(extrinsics)));
            const contracts = results.filter((each) => each?.contractType);
            if (contracts.length === 0) return results;
            this.seen(contracts);
            return contracts;
          },
        },
      });
    }

    // The library turns later chain errors into text; the first one keeps its name here.
    async onChain(write) {
      try {
        return await write();
      } catch (error) {
        if (!this.rollingBack) this.chainError ??= error;
        throw error;
      }
    }

    async createNameContract(name) {
      // An update finds its name taken, by itself.
      return this.updating ? undefined : super.createNameContract(name);
    }

    async checkNodesCapacity(twinDeployments) {
      // What a replaced machine takes is mostly what it gives back; the caller has checked the difference.
      if (!this.updating) await super.checkNodesCapacity(twinDeployments);
    }

    async getDeployment(contract) {
      for (let attempt = 1; ; attempt += 1) {
        try {
          return await super.getDeployment(contract);
        } catch (error) {
          if (attempt >= this.attempts || !passing.includes(codeOf(error))) throw error;
        }
        await this.rest();
      }
    }

    async sendToNode(twinDeployment) {
      for (let attempt = 1; ; attempt += 1) {
        try {
          twinDeployment.deployment.signature_requirement.signatures = [];
          return await super.sendToNode(twinDeployment);
        } catch (error) {
          const lost = codeOf(error) === "node_unreachable";
          if (attempt === 1 && !lost) throw error;
          if (await this.arrived(twinDeployment)) return undefined;
          if (attempt >= this.attempts || !lost) throw error;
        }
        await this.rest();
      }
    }

    async arrived(twinDeployment) {
      try {
        const there = await this.getDeployment(twinDeployment.deployment.contract_id);
        return there.version === twinDeployment.deployment.version;
      } catch {
        return false;
      }
    }

    // New contracts are cancelled. An update is not undone here: see `replace` in grid.js.
    async rollback(contracts) {
      const ids = contracts.created.map((each) => each.contractId);
      this.rollingBack = true;
      try {
        const extrinsics = [];
        for (const id of ids) extrinsics.push(await this.tfclient.contracts.cancel({ id }));
        await this.tfclient.applyAllExtrinsics(extrinsics);
        this.cancelled(ids);
      } catch {
        // Whoever reports the failure asks the chain which contracts are left.
      }
    }

    rest() {
      return new Promise((resolve) => setTimeout(resolve, this.pause));
    }
  };
