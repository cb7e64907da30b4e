import assert from "node:assert/strict";
import { after, beforeEach, describe, test } from "node:test";

import { silenceConsole } from "../src/log.js";
import { GridDouble, library, order } from "./double.js";

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

// A second service on the same grid, as after a restart: nothing is remembered.
async function restarted(options) {
  GridDouble.forgetProcess();
  grid = await double.connect(options);
}

describe("the real library signs and hashes", () => {
  const hash = "31d04a67e2218596f438f0a4d2957a67";

  test("the known deployment has the known hash, and //Alice's ed25519 signature", async () => {
    const machine = new library.VMPrimitive().create(
      "vm1",
      order().image.flist,
      2,
      4096,
      50,
      [],
      "net1",
      "10.20.2.2",
      false,
      false,
      "",
      "",
      "",
      { SSH_KEY: "ssh-ed25519 AAAA test" },
    );
    const deployment = new library.DeploymentFactory({ twinId: 42 }).create([machine], 0);
    assert.equal(deployment.challenge_hash(), hash);
    await deployment.sign(42, "//Alice", "ed25519");
    assert.equal(
      deployment.signature_requirement.signatures[0].signature,
      "3facabc89d6ded24356683c4c112aa2a7004abf118efdeeec7b32d0f8fb46cedde53df5f2a07b49fb5774e833178fd9b521ee7c86e7a2bef3933c80114bc7105",
    );
  });

  test("the same hash goes to the chain when that deployment is ordered here", async () => {
    const view = await deploy({ name: "net1", network: { planetary: false, mycelium: false } });
    assert.equal(double.chain.contracts.get(view.contract).contractType.nodeContract.deploymentHash, hash);
  });

  for (const keypair of ["sr25519", "ed25519"]) {
    test(`a node accepts an ${keypair} signature`, async () => {
      double.chain.account = null;
      await restarted({ keypair });
      assert.equal((await deploy()).state, "ready");
      const [vm] = double.nodes.get(11).deployments.get(9002).signature_requirement.signatures;
      assert.deepEqual([vm.twin_id, vm.signature_type], [42, keypair]);
    });
  }
});

describe("a deployment", () => {
  test("is two contracts on the node, told as soon as the chain has named them", async () => {
    const seen = [];
    const view = await deploy({}, (entry) => seen.push([entry.id, entry.kind, entry.node]));
    assert.deepEqual(seen, [
      [9001, "network", 11],
      [9002, "vm", 11],
    ]);
    assert.equal(view.contract, 9002);
    assert.deepEqual(view.resources, order().resources);
    assert.deepEqual(view.workloads, [{ name: "vm1", type: "zmachine", state: "ok", message: "" }]);
    assert.equal(view.access.private_ip, "10.20.2.2");
    const label = JSON.parse(double.chain.contracts.get(9002).contractType.nodeContract.deploymentData);
    assert.deepEqual(label, { version: 3, type: "vm", name: "d1p1", projectName: "marketplace" });
  });

  test("has a mycelium address that comes from its name", async (t) => {
    const first = await deploy();
    const machine = double.nodes.get(11).deployments.get(first.contract).workloads[0];
    GridDouble.forgetProcess();
    const other = await new GridDouble().start();
    t.after(() => other.stop());
    const second = await (await other.connect()).deploy(order({ node: 21 }), () => {});
    assert.equal(second.access.mycelium_ip, first.access.mycelium_ip);
    assert.match(machine.data.network.mycelium.hex_seed, /^[0-9a-f]{12}$/);
  });

  test("puts the ordered disk where the image's layout wants it, and never takes more than was ordered", async () => {
    const image = { ...order().image, layout: "boot" };
    const view = await deploy({ image });
    const { workloads } = double.nodes.get(11).deployments.get(view.contract);
    const disk = workloads.find((each) => each.type === "zmount");
    assert.equal(disk.data.size, 48 * 1024 ** 3);
    assert.deepEqual(workloads.find((each) => each.type === "zmachine").data.mounts, [
      { name: "boot", mountpoint: "/" },
    ]);
    assert.equal(view.resources.sru, 50);
  });

  test("gets a public address when one was ordered", async () => {
    const view = await deploy({ resources: { ...order().resources, public_ips: 1 } });
    assert.equal(view.access.public_ip, "185.206.122.40");
    assert.equal(view.resources.public_ips, 1);
    assert.equal(double.chain.contracts.get(view.contract).contractType.nodeContract.publicIps, 1);
  });

  test("gets free graphics cards of a node that the account rents", async () => {
    double.nodes.get(31).rentedBy = 42;
    const view = await deploy({ node: 31, resources: { ...order().resources, gpus: 1 } });
    assert.equal(view.resources.gpus, 1);
    await assert.rejects(
      deploy({ name: "d2p1", node: 11, resources: { ...order().resources, gpus: 1 } }),
      refused("no_gpu"),
    );
  });

  test("runs on a node of the lighter kind", async () => {
    const view = await deploy({ node: 41 });
    assert.equal(view.state, "ready");
    assert.equal(view.workloads[0].type, "zmachine-light");
    assert.deepEqual(
      view.contracts.map((each) => each.kind),
      ["network", "vm"],
    );
  });

  test("is refused on a node of another farm than the one that was named", async () => {
    await assert.rejects(deploy({ farm: 2 }), refused("conflict"));
    assert.equal((await deploy({ farm: 1 })).state, "ready");
  });
});

describe("the library's own validators refuse", () => {
  const cases = {
    "a hyphen in a name": [{ name: "d1-p1" }, /name/],
    "an empty name": [{ name: "" }, /name/],
    "36 characters in a name": [{ name: "a".repeat(36) }, /maxLength|shorter than or equal to 35/],
    "no processor": [{ resources: { ...order().resources, cru: 0 } }, /cpu/],
    "no memory": [{ resources: { ...order().resources, mru: 0 } }, /memory/],
    "an image that is no address": [{ image: { ...order().image, flist: "not an address" } }, /flist/],
    "node 0": [{ node: 0 }, /node_id/],
  };
  for (const [what, [changes, text]] of Object.entries(cases)) {
    test(what, () => {
      assert.throws(
        () => grid.checkDeployment(order(changes)),
        (error) => refused("validation")(error) && text.test(error.message),
      );
    });
  }

  test("a gateway without backends, or with one that is no address", () => {
    const name = { name: "acme", node: 51, tlsPassthrough: false };
    for (const backends of [[], ["ftp://1.2.3.4"], ["not an address"]]) {
      assert.throws(() => grid.checkName({ ...name, backends }), refused("validation"));
    }
    grid.checkName({ ...name, backends: ["http://10.20.2.2:80"] });
  });
});

describe("our own rules refuse", () => {
  test("names that nodes or the chain keep to themselves", () => {
    assert.throws(() => grid.checkDeployment(order({ name: "mycelium" })), refused("validation"));
    for (const name of ["ab", "Acme", "a_b", "a-b"]) {
      assert.throws(
        () => grid.checkName({ name, node: 51, backends: ["http://10.0.0.1:80"], tlsPassthrough: false }),
        refused("validation"),
      );
    }
  });

  test("a disk that is smaller than the image's root", () => {
    const resources = { ...order().resources, sru: 1 };
    assert.throws(() => grid.checkDeployment(order({ resources })), refused("validation"));
    assert.throws(
      () =>
        grid.checkDeployment(
          order({ resources: { ...resources, sru: 2 }, image: { ...order().image, layout: "boot" } }),
        ),
      refused("validation"),
    );
  });
});

describe("a name that exists is not made again", () => {
  test("by the same process", async () => {
    const first = await deploy();
    const again = await deploy();
    assert.deepEqual(ids(again.contracts), ids(first.contracts));
    assert.equal(double.chain.contracts.size, 2);
  });

  test("by a process that was started after the contracts were made, while the indexer is behind", async () => {
    double.services.freeze();
    const first = await deploy();
    await restarted();
    const seen = [];
    const again = await deploy({}, (entry) => seen.push(entry.id));
    assert.equal(again.contract, first.contract);
    assert.deepEqual(seen.sort(), ids(first.contracts));
    assert.equal(double.chain.contracts.size, 2);
  });

  test("while its node is still at work: that is waited for", async () => {
    const first = await deploy();
    const { workloads } = double.nodes.get(11).deployments.get(first.contract);
    Object.assign(workloads[0], { polls: 3, result: { created: 1, state: "init", message: "", data: null } });
    await restarted();
    assert.equal((await deploy()).state, "ready");
    assert.equal(double.chain.contracts.size, 2);
  });

  test("on another node", async () => {
    await deploy();
    await assert.rejects(deploy({ node: 21 }), refused("conflict"));
    assert.equal(double.chain.contracts.size, 2);
  });

  test("and another account's contract of that name is nobody's business", async () => {
    double.chain.put({ twin: 7, node: 11, type: "vm", name: "d1p1" });
    double.chain.put({ node: 11, type: "vm", name: "d1p1", project: "somebody else" });
    assert.equal((await deploy()).state, "ready");
  });
});

describe("half a deployment is reported with its contracts, and made anew once they are cancelled:", () => {
  test("a contract without a deployment on its node", async () => {
    double.chain.put({ node: 11, type: "network", name: "d1p1" });
    double.chain.put({ node: 11, type: "vm", name: "d1p1", hash: "1".repeat(32) });
    const error = await deploy().catch((each) => each);
    assert.equal(error.code, "incomplete");
    assert.deepEqual(ids(error.contracts), [9001, 9002]);
    assert.deepEqual((await grid.cancel(9002)).cancelled, [9001, 9002]);
    assert.equal((await deploy()).state, "ready");
  });

  test("a deployment of which the node deleted a part", async () => {
    const view = await deploy();
    double.nodes.get(11).deployments.get(view.contract).workloads[0].result.state = "deleted";
    await restarted();
    const error = await deploy().catch((each) => each);
    assert.equal(error.code, "incomplete");
    assert.deepEqual(ids(error.contracts), ids(view.contracts));
  });

  test("a deployment that failed after the service was gone", async () => {
    const view = await deploy();
    Object.assign(double.nodes.get(11).deployments.get(view.contract).workloads[0].result, {
      state: "error",
      message: "out of memory",
    });
    await restarted();
    const error = await deploy().catch((each) => each);
    assert.equal(error.code, "workload_failed");
    assert.match(error.message, /zmachine vm1: out of memory/);
    assert.deepEqual(ids(error.contracts), ids(view.contracts));
  });

  test("a network without a machine", async () => {
    double.chain.put({ node: 11, type: "network", name: "d1p1" });
    const error = await deploy().catch((each) => each);
    assert.equal(error.code, "incomplete");
    await grid.cancel(9001);
    assert.equal((await deploy()).state, "ready");
  });
});
