// What a caller sees of a deployment or a name. Every field is always there; what is not known is null.

import { gatewayOf, machineOf, resourcesOf } from "./plan.js";

const brief = (contracts) =>
  contracts
    .map(({ id, kind, node, state, created }) => ({ id, kind, node, state, created }))
    .sort((left, right) => left.id - right.id);

const workloadsOf = (deployment) =>
  (deployment?.workloads ?? []).map((each) => ({
    name: each.name,
    type: each.type,
    state: each.result?.state || "init",
    message: each.result?.message ?? "",
  }));

// Nodes know more states than the client library does; what is not surely final is still deploying.
export function stateOf(deployment) {
  const states = workloadsOf(deployment).map((each) => each.state);
  if (states.length === 0) return "incomplete";
  if (states.includes("error")) return "failed";
  if (states.includes("deleted")) return "incomplete";
  if (states.includes("paused")) return "paused";
  return states.every((state) => state === "ok") ? "ready" : "deploying";
}

function accessOf(deployment) {
  const machine = deployment && machineOf(deployment);
  const found = machine?.result?.data ?? {};
  const address = deployment?.workloads.find((each) => each.type === "ip")?.result?.data ?? {};
  return {
    private_ip: machine?.data.network?.interfaces?.[0]?.ip ?? null,
    planetary_ip: found.planetary_ip || found.ygg_ip || null,
    mycelium_ip: found.mycelium_ip || null,
    public_ip: address.ip ? String(address.ip).split("/")[0] : null,
    public_ip6: address.ip6 ? String(address.ip6).split("/")[0] : null,
    console_url: found.console_url || null,
  };
}

export function deploymentView(name, contracts, deployment, nodeError = null) {
  const machine = contracts.find((each) => each.kind === "vm");
  return {
    name,
    node: (machine ?? contracts[0])?.node ?? null,
    contract: machine?.id ?? null,
    contracts: brief(contracts),
    state: nodeError ? "unknown" : stateOf(deployment),
    version: deployment?.version ?? null,
    resources: deployment ? resourcesOf(deployment) : null,
    workloads: workloadsOf(deployment),
    access: accessOf(deployment),
    node_error: nodeError,
  };
}

export function nameView(name, contracts, deployment, nodeError = null) {
  const gateway = contracts.find((each) => each.kind === "gateway");
  const workload = deployment && gatewayOf(deployment);
  return {
    name,
    node: gateway?.node ?? null,
    contract: contracts.find((each) => each.kind === "name")?.id ?? null,
    contracts: brief(contracts),
    state: nodeError ? "unknown" : stateOf(deployment),
    version: deployment?.version ?? null,
    fqdn: workload?.result?.data?.fqdn || null,
    backends: workload?.data.backends ?? [],
    tls_passthrough: workload?.data.tls_passthrough ?? null,
    workloads: workloadsOf(deployment),
    node_error: nodeError,
  };
}
