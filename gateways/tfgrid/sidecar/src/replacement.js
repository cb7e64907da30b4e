// Changes a deployment whose node cannot change it: machines and gateways can only be made and removed. The
// workload is replaced by one of another name in the same contract, in one update.

import { Refusal, refusalFrom } from "./errors.js";

// Names are never used twice, because every update, also one that puts something back, raises the version.
function renamed(deployment, find, prefix) {
  const workload = find(deployment);
  workload.name = `${prefix}${deployment.version + 2}`;
  workload.version = deployment.version + 1;
  delete workload.result;
  return deployment;
}

// `get` reads a deployment from its node, `apply` brings a changed one to chain and node and waits for it, `find`
// picks the workload out of a deployment, `change` changes a copy of what the node has.
export async function replaceWorkload({ get, apply, find, prefix, version, change, scrub }) {
  const before = await get();
  if (!find(before)) throw new Refusal("incomplete", `contract ${before.contract_id} has no such workload`);
  if (version !== null && version !== before.version) {
    throw new Refusal("conflict", `contract ${before.contract_id} is at version ${before.version}, not ${version}`);
  }
  const next = structuredClone(before);
  await change(next);
  try {
    await apply(renamed(next, find, prefix));
  } catch (error) {
    const after = await get().catch(() => null);
    if (!after || after.version === before.version || !find(after)) throw error;
    // The node took the change and then failed: what ran before is put back.
    find(after).data = find(before).data;
    const restored = await apply(renamed(after, find, prefix)).then(
      () => true,
      () => false,
    );
    const refusal = refusalFrom(error, scrub);
    refusal.message += restored ? " (what ran before was put back)" : " (what ran before could not be put back)";
    throw refusal;
  }
}
