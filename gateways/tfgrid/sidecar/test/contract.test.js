// What a caller may rely on, over HTTP. With SIDECAR_URL and SIDECAR_TOKEN it is run against that service (this
// one, or one that stands in for it); without them it starts this service on a grid in memory. See PROTOCOL.md.
//
//   SIDECAR_NODE          a node with room for a few small machines          (11)
//   SIDECAR_MISSING_NODE  a node that does not exist                         (999999)
//   SIDECAR_WAIT_SECONDS  how long a job may take                            (60)

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

const given = process.env;
const node = Number(given.SIDECAR_NODE ?? 11);
const missing = Number(given.SIDECAR_MISSING_NODE ?? 999999);
const patience = Number(given.SIDECAR_WAIT_SECONDS ?? 60) * 1000;

let base = given.SIDECAR_URL;
let token = given.SIDECAR_TOKEN;
let close = async () => {};
const made = new Set();

before(async () => {
  if (base) return;
  const { silenceConsole } = await import("../src/log.js");
  silenceConsole();
  const { GridDouble, token: own } = await import("./double.js");
  const double = await new GridDouble().start();
  const served = await double.serve();
  base = served.url;
  token = own;
  close = async () => {
    await served.stop();
    await double.stop();
  };
});

after(async () => {
  for (const id of made) await call("DELETE", `/v1/contracts/${id}`).catch(() => {});
  await close();
});

async function call(method, path, body, headers = {}) {
  const answer = await fetch(base + path, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...headers,
    },
    body: body === undefined || typeof body === "string" ? body : JSON.stringify(body),
  });
  assert.match(answer.headers.get("content-type"), /^application\/json/);
  return { status: answer.status, body: await answer.json() };
}

const keys = (value, expected) => assert.deepEqual(Object.keys(value).sort(), [...expected].sort());

function isError({ status, body }, expected, code) {
  assert.equal(status, expected, JSON.stringify(body));
  keys(body, ["code", "message", "retryable"]);
  assert.equal(body.code, code);
  assert.equal(typeof body.message, "string");
  assert.equal(typeof body.retryable, "boolean");
}

function isJob(job, kind, name) {
  keys(job, ["job", "kind", "name", "state", "contracts", "deployment", "gateway", "error"]);
  assert.deepEqual([job.kind, job.name], [kind, name]);
  assert.ok(["running", "succeeded", "failed"].includes(job.state));
  for (const contract of job.contracts) keys(contract, ["id", "kind", "node"]);
}

function isDeployment(view) {
  keys(view, [
    "name",
    "node",
    "contract",
    "contracts",
    "state",
    "version",
    "resources",
    "workloads",
    "access",
    "node_error",
  ]);
  keys(view.access, ["private_ip", "planetary_ip", "mycelium_ip", "public_ip", "public_ip6", "console_url"]);
  keys(view.resources, ["cru", "mru", "sru", "hru", "gpus", "public_ips"]);
  for (const contract of view.contracts) keys(contract, ["id", "kind", "node", "state", "created"]);
  for (const workload of view.workloads) keys(workload, ["name", "type", "state", "message"]);
}

async function ended({ status, body }) {
  assert.equal(status, 202, JSON.stringify(body));
  const until = Date.now() + patience;
  let job = body;
  while (job.state === "running") {
    assert.ok(Date.now() < until, "the job took too long");
    await new Promise((done) => setTimeout(done, 50));
    job = (await call("GET", `/v1/jobs/${body.job}`)).body;
    isJob(job, body.kind, body.name);
  }
  for (const { id } of job.contracts) made.add(id);
  return job;
}

async function succeeded(answer) {
  const job = await ended(answer);
  assert.equal(job.state, "succeeded", JSON.stringify(job.error));
  assert.equal(job.error, null);
  return job;
}

async function failed(answer, code) {
  const job = await ended(answer);
  assert.equal(job.state, "failed");
  keys(job.error, ["code", "message", "retryable"]);
  assert.equal(job.error.code, code, job.error.message);
  return job;
}

const run = Math.floor(Math.random() * 36 ** 5)
  .toString(36)
  .padStart(5, "0");
let names = 0;
const name = () => `t${run}x${++names}`;
const resources = { cru: 1, mru: 2, sru: 25 };
const order = (changes) => ({
  name: name(),
  node,
  resources,
  ssh_key: "ssh-ed25519 AAAA test",
  application: "ubuntu-24.04",
  ...changes,
});
const withDisk = (changes) => order({ application: "ubuntu-22.04", ...changes });
const deploy = (body) => call("POST", "/v1/deployments", body);
const cancel = (id) => call("DELETE", `/v1/contracts/${id}`);

describe("the door", () => {
  test("is open for the health and for nothing else", async () => {
    const { status, body } = await call("GET", "/v1/healthz", undefined, { authorization: "" });
    assert.equal(status, 200);
    keys(body, ["healthy", "chain", "relay", "twin", "address", "network", "jobs"]);
    assert.equal(body.healthy, true);
    for (const authorization of ["", "Bearer wrong", `Basic ${token}`]) {
      isError(await call("GET", "/v1/balance", undefined, { authorization }), 401, "unauthorized");
    }
  });

  test("answers every mistake with a code", async () => {
    isError(await call("GET", "/v1/nothing"), 404, "not_found");
    isError(await call("GET", `/v1/jobs/${"0".repeat(36)}`), 404, "not_found");
    isError(await call("GET", `/v1/deployments/${name()}`), 404, "not_found");
    isError(await call("GET", `/v1/names/${name()}`), 404, "not_found");
    isError(await call("PATCH", "/v1/deployments"), 405, "method_not_allowed");
    isError(await deploy("{"), 400, "invalid_json");
    isError(
      await call("POST", "/v1/deployments", "{}", { "content-type": "text/plain" }),
      415,
      "unsupported_media_type",
    );
    isError(await deploy({ name: "x".repeat(300_000) }), 413, "body_too_large");
    isError(await cancel("abc"), 422, "validation");
  });

  test("refuses orders that cannot be meant", async () => {
    const bad = [
      {},
      order({ name: "a-b" }),
      order({ name: "" }),
      order({ name: "a".repeat(36) }),
      order({ name: "ygg" }),
      order({ node: 0 }),
      order({ resources: { ...resources, cru: 0 } }),
      order({ resources: { ...resources, cru: 33 } }),
      order({ resources: { ...resources, mru: 257 } }),
      order({ resources: { ...resources, mru: 0 } }),
      order({ resources: { ...resources, sru: 0 } }),
      order({ resources: { ...resources, hru: 5 } }),
      order({ resources: { ...resources, public_ips: 2 } }),
      order({ application: "nothing" }),
      order({ flist: "https://hub.grid.tf/a/b.flist" }),
      order({ application: undefined, flist: "not an address" }),
      order({ colour: "red" }),
      order({ application: "kubernetes" }),
    ];
    for (const body of bad) isError(await deploy(body), 422, "validation");
    for (const body of [
      { name: "Acme", backends: ["http://10.0.0.1:80"] },
      { name: "acme", backends: [] },
      { name: "acme", backends: ["ftp://x"] },
    ]) {
      isError(await call("POST", "/v1/names", body), 422, "validation");
    }
  });

  test("tells the balance in whole units of 1e-7 TFT", async () => {
    const { status, body } = await call("GET", "/v1/balance");
    assert.equal(status, 200);
    keys(body, ["twin", "address", "network", "free", "reserved", "frozen"]);
    for (const amount of [body.free, body.reserved, body.frozen]) assert.match(amount, /^[0-9]+$/);
  });

  test("tells the prices in whole units, or that there are none", async () => {
    const { status, body } = await call("GET", "/v1/prices");
    assert.equal(status, 200);
    keys(body, ["tft", "policy"]);
    assert.ok(body.tft === null || (Number.isInteger(body.tft) && body.tft > 0));
    if (body.policy === null) return;
    keys(body.policy, ["id", "cu", "su", "ipu", "unique_name"]);
    for (const price of Object.values(body.policy)) assert.ok(Number.isInteger(price) && price >= 0);
  });
});

describe("a deployment", () => {
  const body = order();
  let contract;

  test("is accepted as a job, the same one for the same order", async () => {
    const first = await deploy(body);
    isJob(first.body, "deploy", body.name);
    const again = await deploy(body);
    assert.deepEqual([again.status, again.body.job], [202, first.body.job]);
    const other = await deploy({ ...body, ssh_key: "ssh-ed25519 BBBB other" });
    assert.equal(other.status, 409);
    assert.ok(["in_progress", "conflict"].includes(other.body.code));
    const { deployment, contracts } = await succeeded(first);
    isDeployment(deployment);
    contract = deployment.contract;
    assert.equal(deployment.state, "ready");
    assert.equal(deployment.version, 0);
    assert.equal(deployment.node, node);
    assert.deepEqual(deployment.resources, { ...resources, hru: 0, gpus: 0, public_ips: 0 });
    assert.deepEqual(contracts.map((each) => each.kind).sort(), ["network", "vm"]);
    assert.ok(contracts.some((each) => each.id === contract && each.kind === "vm"));
    assert.ok(deployment.access.private_ip && deployment.access.mycelium_ip);
    assert.deepEqual((await deploy(body)).body.deployment, deployment);
    isError(await deploy({ ...body, ssh_key: "ssh-ed25519 BBBB other" }), 409, "conflict");
  });

  test("is found by its name, its prefix and its contract", async () => {
    const { status, body: view } = await call("GET", `/v1/deployments/${body.name}?node=${node}`);
    assert.equal(status, 200);
    isDeployment(view);
    assert.equal(view.contract, contract);
    const listed = (await call("GET", `/v1/deployments?prefix=t${run}`)).body.deployments;
    const found = listed.find((each) => each.name === body.name);
    keys(found, ["name", "node", "contract", "contracts"]);
    assert.equal(found.contract, contract);
    assert.deepEqual((await call("GET", "/v1/deployments?prefix=zzzz_nobody")).body, { deployments: [] });
    const { contracts } = (await call("GET", "/v1/contracts")).body;
    const entry = contracts.find((each) => each.id === contract);
    keys(entry, ["id", "kind", "name", "project", "ours", "node", "state", "created"]);
    assert.deepEqual(
      [entry.kind, entry.name, entry.ours, entry.node, entry.state],
      ["vm", body.name, true, node, "created"],
    );
  });

  test("would lose its root in a restart, and has to be told that it may", async () => {
    const path = `/v1/deployments/${body.name}/restart`;
    await failed(await call("POST", path, {}), "would_erase_root");
    const { deployment } = await succeeded(await call("POST", path, { allow_root_reset: true, version: 0 }));
    assert.deepEqual([deployment.version, deployment.contract, deployment.state], [1, contract, "ready"]);
    await failed(await call("POST", path, { allow_root_reset: true, version: 0 }), "conflict");
  });

  test("is cancelled once, with its network, and can then be made anew", async () => {
    const first = await cancel(contract);
    assert.equal(first.status, 200);
    keys(first.body, ["cancelled", "already_gone"]);
    assert.equal(first.body.already_gone, false);
    assert.equal(first.body.cancelled.length, 2);
    assert.ok(first.body.cancelled.includes(contract));
    assert.deepEqual((await cancel(contract)).body, { cancelled: [], already_gone: true });
    isError(await call("GET", `/v1/deployments/${body.name}?node=${node}`), 404, "not_found");
    assert.ok(!(await call("GET", "/v1/contracts")).body.contracts.some((each) => each.id === contract));
    const { deployment } = await succeeded(await deploy(body));
    assert.notEqual(deployment.contract, contract);
    assert.equal((await cancel(deployment.contract)).status, 200);
  });

  test("on a node that does not exist fails, and leaves nothing", async () => {
    const wrong = order({ node: missing });
    const job = await failed(await deploy(wrong), "node_unavailable");
    assert.deepEqual([job.contracts, job.deployment, job.error.retryable], [[], null, false]);
    const again = await deploy(wrong);
    assert.notEqual(again.body.job, job.job);
    await ended(again);
  });

  test("whose contract nobody knows is cancelled already", async () => {
    assert.deepEqual((await cancel(8_999_999_999)).body, { cancelled: [], already_gone: true });
  });
});

describe("a machine with a disk of its own", () => {
  const body = withDisk();

  test("keeps its addresses when it is restarted or resized, and never shrinks", async () => {
    const { deployment: before } = await succeeded(await deploy(body));
    const restarted = (await succeeded(await call("POST", `/v1/deployments/${body.name}/restart`, {}))).deployment;
    assert.deepEqual([restarted.version, restarted.contract], [1, before.contract]);
    assert.equal(restarted.access.mycelium_ip, before.access.mycelium_ip);
    const bigger = { cru: 2, mru: 4, sru: 50 };
    const resized = (
      await succeeded(await call("PUT", `/v1/deployments/${body.name}`, { resources: bigger, version: 1 }))
    ).deployment;
    isDeployment(resized);
    assert.deepEqual(resized.resources, { ...bigger, hru: 0, gpus: 0, public_ips: 0 });
    assert.equal(resized.access.mycelium_ip, before.access.mycelium_ip);
    await failed(
      await call("PUT", `/v1/deployments/${body.name}`, { resources: { ...bigger, sru: 20 } }),
      "validation",
    );
    await failed(await call("PUT", `/v1/deployments/${body.name}`, { resources: bigger, version: 1 }), "conflict");
    const now = (await call("GET", `/v1/deployments/${body.name}`)).body;
    assert.deepEqual([now.state, now.version, now.resources], ["ready", 2, resized.resources]);
    await cancel(before.contract);
  });

  test("that does not exist can be neither restarted nor resized", async () => {
    await failed(await call("POST", `/v1/deployments/${name()}/restart`, {}), "not_found");
    await failed(await call("PUT", `/v1/deployments/${name()}`, { resources }), "not_found");
  });
});

describe("a name", () => {
  const own = name();
  const isName = (view) => {
    keys(view, [
      "name",
      "node",
      "contract",
      "contracts",
      "state",
      "version",
      "fqdn",
      "backends",
      "tls_passthrough",
      "workloads",
      "node_error",
    ]);
    assert.deepEqual([view.name, view.state], [own, "ready"]);
    assert.ok(view.fqdn.startsWith(`${own}.`));
  };

  test("is attached, found, pointed elsewhere, and let go", async () => {
    const body = { name: own, backends: ["http://10.20.2.2:80"] };
    const accepted = await call("POST", "/v1/names", body);
    isJob(accepted.body, "name", own);
    const { gateway, contracts } = await succeeded(accepted);
    isName(gateway);
    assert.deepEqual(gateway.backends, body.backends);
    assert.deepEqual(contracts.map((each) => each.kind).sort(), ["gateway", "name"]);
    assert.equal(contracts.find((each) => each.kind === "name").id, gateway.contract);
    assert.equal((await call("POST", "/v1/names", body)).body.job, accepted.body.job);
    const backends = ["http://10.20.2.9:8080"];
    const changed = (await succeeded(await call("PUT", `/v1/names/${own}`, { backends }))).gateway;
    isName(changed);
    const found = await call("GET", `/v1/names/${own}`);
    assert.deepEqual(found.body, changed);
    assert.deepEqual(
      [found.body.backends, found.body.fqdn, found.body.contract],
      [backends, gateway.fqdn, gateway.contract],
    );
    assert.equal((await cancel(gateway.contract)).body.cancelled.length, 2);
    isError(await call("GET", `/v1/names/${own}`), 404, "not_found");
    await failed(await call("PUT", `/v1/names/${own}`, { backends }), "not_found");
  });
});
