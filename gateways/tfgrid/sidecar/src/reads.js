// Questions about the grid: which contracts, deployments and names there are, and how they are.

import { refusalFrom } from "./errors.js";
import { deploymentView, nameView } from "./view.js";

export class Reads {
  #contracts;
  #getDeployment;
  #twin;
  #scrub;

  constructor({ contracts, getDeployment, twin, scrub }) {
    this.#contracts = contracts;
    this.#getDeployment = getDeployment;
    this.#twin = twin;
    this.#scrub = scrub;
  }

  async contracts() {
    return this.#refusing(async () =>
      (await this.#contracts.all()).map((entry) => ({
        id: entry.id,
        kind: entry.kind,
        name: entry.name,
        project: entry.project,
        ours: this.#contracts.isOurs(entry),
        node: entry.node,
        state: entry.state,
        created: entry.created,
      })),
    );
  }

  // Without asking the nodes: what there is, not how it is.
  async deployments(prefix) {
    return this.#refusing(async () => {
      const names = new Map();
      for (const entry of await this.#contracts.all()) {
        if (!["vm", "network"].includes(entry.kind) || !this.#contracts.isOurs(entry)) continue;
        if (entry.name.startsWith(prefix)) names.set(entry.name, [...(names.get(entry.name) ?? []), entry]);
      }
      return [...names.keys()].sort().map((name) => {
        const { node, contract, contracts } = deploymentView(name, names.get(name), null);
        return { name, node, contract, contracts };
      });
    });
  }

  async deployment(name, node) {
    return this.#refusing(async () => {
      const contracts = await this.#contracts.named(name, ["vm", "network"], node);
      return contracts.length ? this.describeDeployment(name, contracts) : null;
    });
  }

  async name(name, node) {
    return this.#refusing(async () => {
      const contracts = await this.contractsOfName(name, node);
      return contracts.length ? this.describeName(name, contracts) : null;
    });
  }

  // The contract of a gateway's name, if it is ours, and those of its gateway.
  async contractsOfName(name, node) {
    const owner = await this.#contracts.byNameContract(name);
    const gateways = await this.#contracts.named(name, ["gateway"], node);
    return owner && owner.twin === this.#twin ? [owner, ...gateways] : gateways;
  }

  async describeDeployment(name, contracts) {
    return this.#describe(name, contracts, "vm", deploymentView);
  }

  async describeName(name, contracts) {
    return this.#describe(name, contracts, "gateway", nameView);
  }

  async #describe(name, contracts, kind, view) {
    const main = contracts.find((entry) => entry.kind === kind);
    if (!main) return view(name, contracts, null);
    try {
      return view(name, contracts, await this.#getDeployment(main.id));
    } catch (error) {
      const refusal = refusalFrom(error, this.#scrub);
      return view(name, contracts, null, refusal.code === "incomplete" ? null : refusal.body());
    }
  }

  async #refusing(action) {
    try {
      return await action();
    } catch (error) {
      throw refusalFrom(error, this.#scrub);
    }
  }
}
