import assert from "node:assert/strict";
import { after, beforeEach, describe, test } from "node:test";

import { silenceConsole } from "../src/log.js";
import { GridDouble, order } from "./double.js";

silenceConsole();

let double;
let grid;
const ids = (contracts) => contracts.map((each) => each.id);
const refused = (code) => (error) => {
  assert.equal(error.code, code, `${error.code}: ${error.message}`);
  return true;
};

beforeEach(async () => {
  GridDouble.forgetProcess();
  await double?.stop();
  double = await new GridDouble().start();
  grid = await double.connect();
});
after(() => double.stop());

const deploy = (changes, seen = () => {}) => grid.deploy(order(changes), seen);

describe("a lost answer is looked up:", () => {
  for (const [what, way] of [
    ["the answer", "back"],
    ["the request", "there"],
  ]) {
    test(`${what} to a deploy message`, async () => {
      double.relay.lose("zos.deployment.deploy", { way });
      assert.equal((await deploy()).state, "ready");
      assert.equal(double.relay.requests.filter((each) => each === "zos.deployment.deploy").length, 2);
      assert.equal(double.chain.contracts.size, 2);
    });
  }

  test("a poll", async () => {
    double.relay.lose("zos.deployment.get", { times: 2 });
    assert.equal((await deploy()).state, "ready");
  });

  test("a node that never answers ends the job, and leaves no contract", async () => {
    double.relay.lose("zos.deployment.deploy", { way: "there", times: 99 });
    const error = await deploy().catch((each) => each);
    assert.equal(error.code, "node_unreachable");
    assert.equal(error.retryable, true);
    assert.deepEqual(error.contracts, []);
    assert.equal(double.chain.contracts.size, 0);
    double.relay.faults.length = 0;
    assert.equal((await deploy()).state, "ready");
  });

  test("a node that is away before anything was made", async () => {
    double.nodes.get(11).up = false;
    await assert.rejects(deploy(), refused("node_unreachable"));
    assert.deepEqual(double.chain.calls, []);
  });
});

describe("what the grid refuses has a code:", () => {
  test("a workload that fails, with the node's words; its contracts are cancelled", async () => {
    double.nodes.get(11).failing.set("zmachine", "failed to mount flist: no such image");
    const error = await deploy().catch((each) => each);
    assert.equal(error.code, "workload_failed");
    assert.match(error.message, /failed to mount flist: no such image/);
    assert.deepEqual(error.contracts, []);
    assert.deepEqual(double.chain.cancelled, [9001, 9002]);
  });

  test("and its name is free at once, although the indexer still shows the contracts", async () => {
    double.nodes.get(11).failing.set("zmachine", "no such image");
    const send = double.relay.send.bind(double.relay);
    double.relay.send = (command, ...rest) => {
      if (command === "zos.deployment.deploy" && !double.services.frozen) double.services.freeze();
      return send(command, ...rest);
    };
    await assert.rejects(deploy(), refused("workload_failed"));
    assert.equal(double.services.frozen.length, 2);
    assert.deepEqual(await grid.reads.contracts(), []);
    double.nodes.get(11).failing.clear();
    assert.equal((await deploy()).state, "ready");
  });

  test("and the contracts are named when the wallet cannot pay for cancelling them", async () => {
    double.nodes.get(11).failing.set("zmachine", "no such image");
    double.chain.free = double.chain.fee;
    const error = await deploy().catch((each) => each);
    assert.equal(error.code, "workload_failed");
    assert.deepEqual(ids(error.contracts), [9001, 9002]);
  });

  test("a node that left the old billing", async () => {
    double.chain.excluded.add(11);
    await assert.rejects(deploy(), refused("node_excluded"));
    assert.deepEqual(double.chain.calls, []);
  });

  test("a node in standby, and one that does not exist", async () => {
    double.nodes.get(11).standby = true;
    await assert.rejects(deploy(), refused("node_unavailable"));
    await assert.rejects(deploy({ name: "d2p1", node: 999 }), refused("node_unavailable"));
  });

  test("a node that somebody else rents", async () => {
    double.nodes.get(11).rentedBy = 7;
    await assert.rejects(deploy(), refused("node_unavailable"));
  });

  test("a node that is full", async () => {
    await assert.rejects(deploy({ resources: { ...order().resources, sru: 5000 } }), refused("no_capacity"));
  });

  test("a farm without public addresses", async () => {
    await assert.rejects(
      deploy({ node: 21, resources: { ...order().resources, public_ips: 1 } }),
      refused("no_public_ip"),
    );
  });

  test("an empty wallet, and one that cannot pay the fee", async () => {
    double.chain.free = 0n;
    await assert.rejects(deploy(), refused("insufficient_balance"));
    double.chain.free = 10_000n - 1n;
    await assert.rejects(deploy(), refused("insufficient_balance"));
  });

  test("an account that is not verified: before the chain is asked", async () => {
    double.kyc.status = "UNVERIFIED";
    await assert.rejects(deploy(), refused("kyc_unverified"));
    assert.deepEqual(double.chain.calls, []);
  });

  test("an indexer or proxy that is away", async () => {
    double.services.broken = true;
    await assert.rejects(deploy(), refused("grid_unavailable"));
    await assert.rejects(grid.reads.contracts(), refused("grid_unavailable"));
  });

  test("a chain that is away", async () => {
    double.chain.down = true;
    await assert.rejects(deploy(), (error) => ["outcome_unknown", "internal"].includes(error.code));
    assert.equal(double.chain.contracts.size, 0);
  });
});

test("many at once are one after the other on the chain, and waiting in line is not waiting for the chain", async () => {
  // Six take three seconds. One has two to spare: the machine may be busy with other things.
  double.chain.delay = 500;
  grid = await double.connect({ limits: { chainSeconds: 2.5 } });
  const views = await Promise.all([1, 2, 3, 4, 5, 6].map((n) => deploy({ name: `d${n}p1`, node: n % 2 ? 11 : 21 })));
  assert.ok(views.every((view) => view.state === "ready"));
  assert.equal(new Set(views.map((view) => view.contract)).size, 6);
  assert.equal(double.chain.nonce, 6);
});

test("what a failure leaves behind is named when the chain goes away before it can be undone", async () => {
  double.nodes.get(11).failing.set("zmachine", "no such image");
  const send = double.relay.send.bind(double.relay);
  let polls = 0;
  double.relay.send = (command, ...rest) => {
    if (command === "zos.deployment.get" && ++polls === 2) setImmediate(() => (double.chain.down = true));
    return send(command, ...rest);
  };
  const error = await deploy().catch((each) => each);
  assert.equal(error.code, "workload_failed");
  assert.deepEqual(ids(error.contracts), [9001, 9002]);
});

test("no error tells the user's environment, a private key or the account's phrase", async () => {
  const env = { SSH_KEY: "ssh-ed25519 AAAA test", PASSWORD: "hunter2hunter2" };
  const send = double.relay.send.bind(double.relay);
  // A signature that was changed on its way.
  double.relay.send = (command, body, twin) =>
    send(command, body.replace(/"signature":"..../, '"signature":"0000'), twin);
  const forged = await deploy({ env }).catch((each) => each);
  assert.equal(forged.code, "node_refused");
  assert.match(forged.message, /failed to verify signature/);
  double.relay.lose("zos.deployment.deploy", { way: "there", times: 99 });
  const lost = await deploy({ name: "d2p1", env }).catch((each) => each);
  assert.equal(lost.code, "node_unreachable");
  for (const { message } of [forged, lost]) {
    for (const secret of ["hunter2", "wireguard_private_key", "SSH_KEY", "bottom drive"])
      assert.ok(!message.includes(secret), message);
  }
});
