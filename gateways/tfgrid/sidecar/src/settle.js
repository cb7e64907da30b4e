// What an earlier call began is waited for, never begun again.

import { Refusal, codeOf } from "./errors.js";
import { stateOf } from "./view.js";

// Ends when the deployment of the one `main` contract is up; refuses when the contracts are not one of each kind,
// when the node does not have the deployment after the time of grace, and when it fails.
export async function untilSettled({ contracts, kinds, main, get, rest, limits, scrub }) {
  const refuse = (code, message) => {
    throw new Refusal(code, scrub(message), { contracts });
  };
  const incomplete = (why) => refuse("incomplete", `${why}; cancel the contracts and ask again`);
  if (kinds.some((kind) => contracts.filter((entry) => entry.kind === kind).length !== 1)) {
    incomplete(`there is not one contract each of ${kinds.join(" and ")}`);
  }
  const { id } = contracts.find((entry) => entry.kind === main);
  const begun = Date.now();
  const past = (seconds) => Date.now() - begun > seconds * 1000;
  for (;;) {
    let deployment = null;
    try {
      deployment = await get(id);
    } catch (error) {
      if (codeOf(error) !== "incomplete") throw error;
      if (past(limits.graceSeconds)) incomplete("the node has no such deployment");
    }
    const state = deployment ? stateOf(deployment) : "deploying";
    if (state === "ready" || state === "paused") return;
    if (state === "incomplete") incomplete("the node has deleted a part of it");
    if (state === "failed") {
      const broken = deployment.workloads.find((each) => each.result.state === "error");
      refuse("workload_failed", `${broken.type} ${broken.name}: ${broken.result.message}`);
    }
    if (past(limits.deploySeconds)) refuse("deploy_timeout", `not ready after ${limits.deploySeconds} s`);
    await rest();
  }
}
