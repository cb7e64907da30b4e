import assert from "node:assert/strict";
import { after, beforeEach, describe, test } from "node:test";

import { silenceConsole } from "../src/log.js";
import { GridDouble, order } from "./double.js";

silenceConsole();

const gib = 1024 ** 3;
const boot = { ...order().image, layout: "boot" };
const quiet = () => {};
const ids = (contracts) => contracts.map((each) => each.id);
const refused = (code) => (error) => {
  assert.equal(error.code, code, `${error.code}: ${error.message}`);
  return true;
};

let double;
let grid;

beforeEach(async () => {
  GridDouble.forgetProcess();
  await double?.stop();
  double = await new GridDouble().start();
  grid = await double.connect();
});
after(() => double.stop());

const deploy = (changes) => grid.deploy(order(changes), quiet);
const onNode = (view) => double.nodes.get(view.node).deployments.get(view.contract);
const machine = (view) => onNode(view).workloads.find((each) => each.type.startsWith("zmachine"));
const wish = (changes = {}) => ({ allowRootReset: false, version: null, ...changes });
const size = (changes) => wish({ resources: { ...order().resources, ...changes } });

describe("a restart", () => {
  test("replaces the machine in its contract and keeps disks and addresses", async () => {
    const resources = { ...order().resources, public_ips: 1 };
    const before = await deploy({ image: boot, resources });
    const seen = [];
    const after = await grid.restart("d1p1", wish(), (entry) => seen.push(entry.id));
    assert.equal(after.state, "ready");
    assert.equal(after.version, 1);
    assert.equal(after.contract, before.contract);
    assert.deepEqual(seen.slice(0, 2).sort(), ids(before.contracts));
    assert.deepEqual(after.access, before.access);
    assert.deepEqual(after.resources, before.resources);
    assert.deepEqual(
      onNode(after).workloads.map((each) => [each.name, each.version]),
      [
        ["boot", 0],
        ["vm1_pubip", 0],
        ["vm2", 1],
      ],
    );
    const { deploymentHash } = double.chain.contracts.get(after.contract).contractType.nodeContract;
    assert.match(deploymentHash, /^[0-9a-f]{32}$/);
    assert.deepEqual(double.chain.calls.slice(2), ["updateNodeContract"]);
  });

  test("that would erase the root file system has to be told that it may", async () => {
    const before = await deploy();
    await assert.rejects(grid.restart("d1p1", wish(), quiet), refused("would_erase_root"));
    assert.equal(onNode(before).version, 0);
    assert.equal((await grid.restart("d1p1", wish({ allowRootReset: true }), quiet)).version, 1);
  });

  test("that names a version happens once", async () => {
    await deploy({ image: boot });
    assert.equal((await grid.restart("d1p1", wish({ version: 0 }), quiet)).version, 1);
    await assert.rejects(grid.restart("d1p1", wish({ version: 0 }), quiet), refused("conflict"));
    assert.equal((await grid.restart("d1p1", wish({ version: 1 }), quiet)).version, 2);
  });

  test("works on a node of the lighter kind", async () => {
    await deploy({ node: 41 });
    const after = await grid.restart("d1p1", wish({ allowRootReset: true }), quiet);
    assert.deepEqual(
      after.workloads.map((each) => [each.name, each.type]),
      [["vm2", "zmachine-light"]],
    );
  });

  test("works on a node that is full", async () => {
    await deploy({ image: boot });
    const node = double.nodes.get(11);
    node.used = { ...node.total };
    assert.equal((await grid.restart("d1p1", wish(), quiet)).state, "ready");
  });

  test("survives the loss of the node's answer", async () => {
    await deploy({ image: boot });
    double.relay.lose("zos.deployment.update");
    const after = await grid.restart("d1p1", wish(), quiet);
    assert.deepEqual([after.state, after.version], ["ready", 1]);
  });

  test("of what does not exist is not possible", async () => {
    await assert.rejects(grid.restart("nothing", wish(), quiet), refused("not_found"));
  });

  test("is not possible while the contract is in grace", async () => {
    const view = await deploy({ image: boot });
    double.chain.contracts.get(view.contract).state = { gracePeriod: 123 };
    await assert.rejects(grid.restart("d1p1", wish(), quiet), refused("contract_in_grace"));
    assert.equal((await grid.reads.deployment("d1p1", 0)).contracts[1].state, "grace");
  });
});

describe("a resize", () => {
  test("gives the machine more of everything and grows its disk", async () => {
    const before = await deploy({ image: boot });
    const after = await grid.resize("d1p1", size({ cru: 4, mru: 8, sru: 100 }), quiet);
    assert.deepEqual(after.resources, { ...order().resources, cru: 4, mru: 8, sru: 100 });
    assert.equal(after.access.mycelium_ip, before.access.mycelium_ip);
    assert.deepEqual(machine(after).data.compute_capacity, { cpu: 4, memory: 8 * gib });
    const disk = onNode(after).workloads.find((each) => each.type === "zmount");
    assert.deepEqual([disk.version, disk.data.size], [1, 98 * gib]);
  });

  test("of a machine without a disk changes its root", async () => {
    await deploy();
    const after = await grid.resize("d1p1", { ...size({ sru: 80 }), allowRootReset: true }, quiet);
    assert.equal(after.resources.sru, 80);
    assert.equal(machine(after).data.size, 80 * gib);
  });

  test("never shrinks a disk and never moves cards or public addresses", async () => {
    await deploy({ image: boot });
    for (const changes of [{ sru: 40 }, { gpus: 1 }, { public_ips: 1 }, { cru: 0 }]) {
      await assert.rejects(grid.resize("d1p1", size(changes), quiet), refused("validation"));
    }
  });

  test("is refused when the node has not that much more", async () => {
    await deploy({ image: boot });
    await assert.rejects(grid.resize("d1p1", size({ mru: 200 }), quiet), refused("no_capacity"));
    await assert.rejects(grid.resize("d1p1", size({ sru: 5000 }), quiet), refused("no_capacity"));
  });

  test("that fails on the node puts back what ran before", async () => {
    const before = await deploy({ image: boot });
    const node = double.nodes.get(11);
    node.failing.set("zmachine", "no such memory");
    const get = double.relay.send.bind(double.relay);
    let updates = 0;
    double.relay.send = (command, ...rest) => {
      if (command === "zos.deployment.update" && ++updates === 2) node.failing.clear();
      return get(command, ...rest);
    };
    const error = await grid.resize("d1p1", size({ mru: 8 }), quiet).catch((each) => each);
    assert.equal(error.code, "workload_failed");
    assert.match(error.message, /no such memory.*put back/);
    assert.deepEqual(ids(error.contracts), ids(before.contracts));
    const now = await grid.reads.deployment("d1p1", 0);
    assert.deepEqual([now.state, now.version, now.resources.mru], ["ready", 2, 4]);
  });

  test("that the node refuses at once leaves the machine alone", async () => {
    await deploy({ image: boot });
    double.kyc.status = "UNVERIFIED";
    await assert.rejects(grid.resize("d1p1", size({ mru: 8 }), quiet), refused("kyc_unverified"));
    const now = await grid.reads.deployment("d1p1", 0);
    assert.deepEqual([now.state, now.version], ["ready", 0]);
  });
});

describe("a cancellation", () => {
  test("takes the machine and its network, and happens once", async () => {
    const view = await deploy();
    assert.deepEqual(await grid.cancel(view.contract), { cancelled: [9001, 9002], already_gone: false });
    assert.deepEqual(await grid.cancel(view.contract), { cancelled: [], already_gone: true });
    assert.deepEqual(await grid.cancel(9001), { cancelled: [], already_gone: true });
    assert.equal(await grid.reads.deployment("d1p1", 11), null);
  });

  test("of a contract that never was is already done", async () => {
    assert.deepEqual(await grid.cancel(123456), { cancelled: [], already_gone: true });
  });

  test("of a contract that will be made later does not hide it", async () => {
    await grid.cancel(9001);
    const view = await deploy();
    assert.deepEqual(ids(view.contracts), [9001, 9002]);
    assert.deepEqual(ids(await grid.reads.contracts()), [9001, 9002]);
  });

  test("frees the name at once, although the indexer is behind", async () => {
    const first = await deploy();
    double.services.freeze();
    await grid.cancel(first.contract);
    assert.deepEqual(await grid.reads.contracts(), []);
    const second = await deploy();
    assert.notEqual(second.contract, first.contract);
    assert.equal(second.state, "ready");
  });

  test("needs no verified account, only a wallet that can pay the fee", async () => {
    const view = await deploy();
    double.kyc.status = "UNVERIFIED";
    double.chain.free = 0n;
    await assert.rejects(grid.cancel(view.contract), refused("insufficient_balance"));
    double.chain.free = 10_000n;
    assert.equal((await grid.cancel(view.contract)).already_gone, false);
  });

  test("never takes what others made", async () => {
    const theirs = double.chain.put({ twin: 7, node: 11, type: "vm", name: "x" });
    const tools = double.chain.put({ node: 11, type: "vm", name: "y", project: "dashboard" });
    const name = double.chain.putName({ twin: 7, name: "taken" });
    for (const { contractId } of [theirs, tools, name])
      await assert.rejects(grid.cancel(contractId), refused("not_ours"));
    assert.equal(double.chain.contracts.size, 3);
    assert.equal(double.chain.nonce, 0, "the chain was not even asked");
  });
});

describe("a name", () => {
  const name = (changes) => ({
    name: "acme",
    node: 0,
    backends: ["http://10.20.2.2:80"],
    tlsPassthrough: false,
    ...changes,
  });
  const attach = (changes) => grid.deployName(name(changes), quiet);

  test("is a name contract and a gateway on a node that has a domain", async () => {
    const view = await attach();
    assert.equal(view.fqdn, "acme.gw.example");
    assert.equal(view.node, 51);
    assert.deepEqual(view.backends, ["http://10.20.2.2:80"]);
    assert.deepEqual(view.contracts.map((each) => each.kind).sort(), ["gateway", "name"]);
    assert.equal(view.contract, view.contracts.find((each) => each.kind === "name").id);
    assert.equal(view.state, "ready");
  });

  test("is not made twice, whatever the indexer knows", async () => {
    const first = await attach();
    double.services.freeze();
    GridDouble.forgetProcess();
    grid = await double.connect();
    assert.deepEqual(ids((await attach({ node: 51 })).contracts), ids(first.contracts));
    assert.equal(double.chain.contracts.size, 2);
  });

  test("of somebody else is taken", async () => {
    double.chain.putName({ twin: 7, name: "acme" });
    await assert.rejects(attach(), refused("name_taken"));
    assert.deepEqual(double.chain.calls, []);
    assert.equal(await grid.reads.name("acme", 0), null);
  });

  test("that is snatched at the last moment is taken, too", async () => {
    const contracts = double.chain.names;
    const get = contracts.get.bind(contracts);
    contracts.get = (key) => (key === "acme" && !double.chain.calls.length ? undefined : get(key));
    double.chain.putName({ twin: 7, name: "acme" });
    await assert.rejects(attach(), refused("name_taken"));
    assert.equal(double.chain.contracts.size, 1);
  });

  test("without its gateway is incomplete, and anew once it is cancelled", async () => {
    double.chain.putName({ name: "acme" });
    const error = await attach().catch((each) => each);
    assert.equal(error.code, "incomplete");
    assert.deepEqual(ids(error.contracts), [9001]);
    await grid.cancel(9001);
    assert.equal((await attach()).state, "ready");
  });

  test("gets other backends in its contract", async () => {
    const before = await attach();
    const backends = ["http://10.20.2.9:8080"];
    const after = await grid.changeBackends("acme", { backends, version: 0 }, quiet);
    assert.deepEqual([after.backends, after.fqdn, after.version], [backends, before.fqdn, 1]);
    assert.deepEqual(ids(after.contracts), ids(before.contracts));
    await assert.rejects(grid.changeBackends("acme", { backends, version: 0 }, quiet), refused("conflict"));
    await assert.rejects(grid.changeBackends("other", { backends, version: null }, quiet), refused("not_found"));
  });

  for (const kind of ["name", "gateway"]) {
    test(`is cancelled whole by its ${kind} contract`, async () => {
      const view = await attach();
      const { id } = view.contracts.find((each) => each.kind === kind);
      assert.deepEqual((await grid.cancel(id)).cancelled, ids(view.contracts));
      assert.equal(await grid.reads.name("acme", 0), null);
      assert.equal((await attach()).state, "ready");
    });
  }

  test("needs a gateway node", async () => {
    double.nodes.get(51).up = false;
    await assert.rejects(attach(), refused("node_unavailable"));
  });

  test("may be that of a deployment; they do not get in each other's way", async () => {
    await deploy({ name: "acme" });
    await attach();
    assert.equal((await grid.reads.deployments("acme")).length, 1);
    await grid.cancel((await grid.reads.name("acme", 0)).contract);
    assert.equal((await grid.reads.deployment("acme", 0)).state, "ready");
  });
});

describe("the lists", () => {
  test("hold ours by prefix, new ones although the indexer is behind", async () => {
    await deploy();
    double.services.freeze();
    await deploy({ name: "d1b1", node: 21 });
    await deploy({ name: "e1p1" });
    double.chain.put({ node: 11, type: "vm", name: "d1x9", project: "dashboard" });
    const listed = await grid.reads.deployments("d1");
    assert.deepEqual(
      listed.map((each) => [each.name, each.node, each.contract]),
      [
        ["d1b1", 21, 9004],
        ["d1p1", 11, 9002],
      ],
    );
    assert.equal((await grid.reads.deployments("")).length, 3);
  });

  test("of contracts say whose and what each is", async () => {
    await deploy();
    double.chain.put({ node: 21, type: "kubernetes", name: "k8s", project: "dashboard" });
    double.chain.put({ twin: 7, node: 21, type: "vm", name: "theirs" });
    const listed = await grid.reads.contracts();
    assert.deepEqual(
      listed.map(({ id, kind, ours }) => [id, kind, ours]),
      [
        [9001, "network", true],
        [9002, "vm", true],
        [9003, "other", false],
      ],
    );
    assert.ok(listed.every((each) => each.state === "created"));
  });

  test("the balance is in whole units of 1e-7 TFT", async () => {
    double.chain.free = 123_4567890n;
    const { free, reserved, frozen, twin, network } = await grid.balance();
    assert.deepEqual(
      { free, reserved, frozen, twin, network },
      { free: "1234567890", reserved: "0", frozen: "0", twin: 42, network: "dev" },
    );
  });

  test("prices are those that the chain bills with", async () => {
    const policy = { id: 1, cu: 305600, su: 194400, ipu: 69400, unique_name: 2500 };
    assert.deepEqual(await grid.prices(), { tft: 12, policy });
    double.chain.tft.average = 7;
    assert.equal((await grid.prices()).tft, 10);
    double.chain.tft.average = 2000;
    assert.equal((await grid.prices()).tft, 1000);
    double.chain.tft.average = 0;
    double.chain.policies.clear();
    assert.deepEqual(await grid.prices(), { tft: null, policy: null });
  });

  test("a deployment whose node is away is shown with what the chain knows", async () => {
    const view = await deploy();
    double.nodes.get(11).up = false;
    const now = await grid.reads.deployment("d1p1", 0);
    assert.deepEqual([now.state, now.contract, now.node_error.code], ["unknown", view.contract, "node_unreachable"]);
    assert.deepEqual(now.workloads, []);
  });

  test("a paused machine is seen as such", async () => {
    const view = await deploy();
    machine(view).result.state = "paused";
    assert.equal((await grid.reads.deployment("d1p1", 0)).state, "paused");
  });
});
