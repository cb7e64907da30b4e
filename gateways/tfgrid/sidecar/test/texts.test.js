import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { describe, test } from "node:test";

import { applications } from "../src/applications.js";
import { Refusal, codeOf, errorCodes, refusalFrom } from "../src/errors.js";
import { logger } from "../src/log.js";
import { planDeployment, smallestRoot, storage } from "../src/plan.js";
import * as requests from "../src/requests.js";
import { scrubber } from "../src/scrub.js";
import { stateOf } from "../src/view.js";

const require = createRequire(import.meta.url);
const types = require("@threefold/types");
const { TFChainError } = require("@threefold/tfchain_client");
const here = new URL("..", import.meta.url);

describe("the library's errors become codes:", () => {
  const chain = (keyError, message = "Module Error: Failed to apply 'batchAll'") =>
    new TFChainError({ message, keyError });
  const { Nodes, Farms, Workloads } = types.GridClientErrors;
  const cases = [
    [chain("OnlyTwinAdminCanDeployOnThisNode"), "node_excluded"],
    [chain("NodeNotAvailableToDeploy"), "node_unavailable"],
    [chain("NodeHasRentContract"), "node_unavailable"],
    [chain("FarmHasNotEnoughPublicIPsFree"), "no_public_ip"],
    [chain("NameExists"), "name_taken"],
    [chain("CannotUpdateContractInGraceState"), "contract_in_grace"],
    [chain("ContractIsNotUnique"), "conflict"],
    [chain('"FundsUnavailable"'), "insufficient_balance"],
    [chain("SomethingNew"), "chain_refused"],
    [chain("GenericError"), "outcome_unknown"],
    [
      chain("GenericError", "Failed to create name contract acme due to Error: Your account is not verified."),
      "kyc_unverified",
    ],
    [chain("GenericError", "Unable to establish a connection with the chain wss://x"), "chain_unreachable"],
    [new types.InsufficientBalanceError("Insufficient Balance Error: Failed to apply"), "insufficient_balance"],
    [new types.ValidationError("Balance is not enough to apply an extrinsic."), "insufficient_balance"],
    [new types.ValidationError("Name contract with name acme is already reserved."), "name_taken"],
    [new types.ValidationError("Couldn't find a node with id: 9."), "node_unavailable"],
    [new types.ValidationError("Another machine deployment with the same name a already exists."), "conflict"],
    [new types.ValidationError("Validation failed. errors: name"), "validation"],
    [new types.TimeoutError("Didn't get a response after 20 seconds"), "node_unreachable"],
    [new types.TimeoutError("Deployment with contract_id: 9 failed to be ready after 10 minutes."), "deploy_timeout"],
    [new types.TimeoutError("Client couldn't connect to wss://x after 10 seconds"), "chain_unreachable"],
    [new types.RMBError("255 deployment not found"), "incomplete"],
    [new types.RMBError("255 user with twin id 42 is not verified"), "kyc_unverified"],
    [new types.RMBError("255 invalid data"), "node_refused"],
    [new types.RMBError("Unable to send due to Error: closed"), "node_unreachable"],
    [new types.RequestError("HTTP request failed due to timeout of 20000ms exceeded."), "grid_unavailable"],
    [
      new Workloads.WorkloadDeployError("Failed to deploy zmachine with name vm1 on node 11 due to: no."),
      "workload_failed",
    ],
    [new Nodes.InvalidResourcesError("Node 11 doesn't have enough resources: sru=1, mru=1 ."), "no_capacity"],
    [
      new Nodes.DiskAllocationError("Cannot fit the required SSD disk with size 5000.00 GB., on Node 11"),
      "no_capacity",
    ],
    [new Farms.InvalidResourcesError("Farm 1 doesn't have enough public IPs: requested IPs=1"), "no_public_ip"],
    [new Nodes.GPULockedError("This GPU: x is currently in use"), "no_gpu"],
    [new Nodes.UnavailableNodeError("Node 11 is not available for user with twinId: 42"), "node_unavailable"],
    [new types.TwinNotExistError("Couldn't find a user for the provided mnemonic on dev network."), "account_unknown"],
    [new Error("Failed to reach GridProxy on all provided stacks"), "grid_unavailable"],
    [new TypeError("x is not a function"), "internal"],
  ];
  for (const [error, code] of cases) {
    test(`${error.keyError ?? error.constructor.name}: ${error.message.slice(0, 60)} is ${code}`, () => {
      assert.equal(codeOf(error), code);
      assert.equal(refusalFrom(error, (text) => text).code, code);
    });
  }

  test("the chain's name for it is part of the message", () => {
    assert.match(refusalFrom(chain("SomethingNew"), (text) => text).message, /^SomethingNew: /);
  });

  test("every code has a status and says whether to try again", () => {
    for (const code of errorCodes) {
      const refusal = new Refusal(code, "x");
      assert.ok(refusal.status >= 400 && refusal.status < 600, code);
      assert.equal(typeof refusal.body().retryable, "boolean");
    }
  });
});

describe("secrets are taken out of texts:", () => {
  const scrub = scrubber(["bottom drive obey lake", "short"]);

  test("payloads of messages to nodes, with the reason kept", () => {
    const payload = JSON.stringify({ env: { PASSWORD: "hunter2, payload: x due to y" } });
    assert.equal(
      scrub(
        `Failed to send.\n\t Failed to send request to twinId 9 with command: zos.deployment.deploy, payload: ${payload}\n\t 255 no`,
      ),
      "Failed to send. Failed to send request to twinId 9 with command: zos.deployment.deploy 255 no",
    );
    assert.equal(
      scrub(`with command: c, payload: ${payload} due to Error: closed`),
      "with command: c due to Error: closed",
    );
  });

  test("the phrase, hexadecimal seeds and WireGuard keys", () => {
    const key = "aGVsbG8gd29ybGQgaGVsbG8gd29ybGQgaGVsbG8gd28=";
    assert.equal(
      scrub(`x bottom drive obey lake 0x${"ab".repeat(32)} ${"cd".repeat(32)} ${key}.`),
      "x [secret] [hex] [hex] [key].",
    );
  });

  test("what is too long to be read", () => {
    assert.ok(scrub("word ".repeat(1000)).length <= 601);
  });

  test("from logs as well", () => {
    let line = "";
    logger(scrub, (text) => (line += text))("info", "x", { message: "bottom drive obey lake", ms: 5 });
    const { time, ...rest } = JSON.parse(line);
    assert.ok(!Number.isNaN(Date.parse(time)));
    assert.deepEqual(rest, { level: "info", event: "x", message: "[secret]", ms: 5 });
  });
});

describe("requests are read strictly:", () => {
  const good = () => ({
    name: "d1p1",
    node: 11,
    resources: { cru: 2, mru: 4, sru: 50 },
    ssh_key: "ssh-ed25519 AAAA",
    application: "ubuntu-24.04",
  });
  const bad = {
    "an unknown field": { colour: "red" },
    "an unknown resource": { resources: { cru: 1, mru: 1, sru: 10, nru: 1 } },
    "half a core": { resources: { cru: 1.5, mru: 1, sru: 10 } },
    "more cores than a machine can have": { resources: { cru: 33, mru: 1, sru: 10 } },
    "more memory than a machine can have": { resources: { cru: 1, mru: 257, sru: 10 } },
    "hard disks": { resources: { cru: 1, mru: 1, sru: 10, hru: 1 } },
    "two public addresses": { resources: { cru: 1, mru: 1, sru: 10, public_ips: 2 } },
    "a number as a name": { name: 5 },
    "no node": { node: undefined },
    "an unknown application": { application: "toString" },
    "an application and an image": { flist: "https://hub.grid.tf/x.flist" },
    "an entry point for an application": { entrypoint: "/init" },
    "a key of two lines": { ssh_key: "ssh-ed25519 AAAA\nssh-ed25519 BBBB" },
    "a variable with a bad name": { env: { "A B": "x" } },
    "a variable that is no text": { env: { A: 1 } },
    "a list for a network": { network: [] },
  };
  for (const [what, changes] of Object.entries(bad)) {
    test(`${what} is refused`, () => {
      assert.throws(
        () => requests.readDeployment({ ...good(), ...changes }),
        (error) => error.code === "validation",
      );
    });
  }

  test("a body that is not an object is refused", () => {
    for (const body of [null, [], 5, "x"])
      assert.throws(
        () => requests.readDeployment(body),
        (error) => error.code === "validation",
      );
  });

  test("an application says image, layout and what it needs", () => {
    const order = requests.readDeployment({
      ...good(),
      application: "kubernetes",
      env: { K3S_TOKEN: "t", K3S_URL: "https://elsewhere" },
    });
    assert.equal(order.image.layout, "data");
    assert.equal(order.env.K3S_URL, "", "what the application fixes cannot be changed");
    assert.equal(order.env.K3S_TOKEN, "t");
    assert.throws(() => requests.readDeployment({ ...good(), application: "kubernetes" }), /K3S_TOKEN/);
  });

  test("every application's image is an address of the hub", () => {
    for (const { flist, layout } of Object.values(applications)) {
      assert.match(flist, /^https:\/\/hub\.grid\.tf\/[a-z-]+\/[\w.-]+\.flist$/);
      assert.ok(["root", "boot", "data"].includes(layout));
    }
  });

  test("the same request has the same fingerprint in any order", () => {
    const { name, node, ...rest } = good();
    assert.equal(requests.fingerprint({ name, node, ...rest }), requests.fingerprint({ ...rest, node, name }));
    assert.notEqual(requests.fingerprint(good()), requests.fingerprint({ ...good(), node: 12 }));
  });

  test("root and disks together are what was ordered, in every layout", () => {
    for (const layout of ["root", "boot", "data"]) {
      for (const resources of [
        { cru: 1, mru: 2, sru: 25 },
        { cru: 8, mru: 32, sru: 250 },
      ]) {
        const { root, disks } = storage(resources, { layout, mountpoint: "/mnt/data" });
        assert.ok(root >= smallestRoot(resources));
        assert.equal(Math.ceil(root) + disks.reduce((sum, disk) => sum + disk.size, 0), resources.sru);
      }
    }
  });

  test("the same order is the same plan", () => {
    const order = requests.readDeployment(good());
    assert.deepEqual(planDeployment(order), planDeployment(structuredClone(order)));
  });
});

test("a state that is not known is not final", () => {
  const of = (...states) => stateOf({ workloads: states.map((state) => ({ result: { state } })) });
  assert.equal(of("ok", "ok"), "ready");
  assert.equal(of("ok", "init"), "deploying");
  assert.equal(of("ok", "unchanged"), "deploying");
  assert.equal(of("ok", "something new"), "deploying");
  assert.equal(of("paused", "ok"), "paused");
  assert.equal(of("paused", "error"), "failed");
  assert.equal(of("deleted"), "incomplete");
  assert.equal(stateOf(null), "incomplete");
});

describe("the house is in order:", () => {
  test("only one file knows the grid's package", () => {
    const users = readdirSync(new URL("src/", here)).filter((file) =>
      /require\(|from "@|"@threefold/.test(readFileSync(new URL(`src/${file}`, here), "utf8")),
    );
    assert.deepEqual(users, ["grid.js"]);
  });

  test("the lock file names no registry", () => {
    const lock = JSON.parse(readFileSync(new URL("package-lock.json", here), "utf8"));
    assert.equal(lock.packages["node_modules/@threefold/grid_client"].version, "2.9.2");
    for (const [path, entry] of Object.entries(lock.packages)) {
      assert.equal(entry.resolved, undefined, path);
      if (path) assert.ok(entry.integrity, path);
    }
  });

  test("the protocol names every code and every application", () => {
    const text = readFileSync(new URL("PROTOCOL.md", here), "utf8");
    for (const code of [...errorCodes, ...Object.keys(applications)]) assert.ok(text.includes(`\`${code}\``), code);
  });
});
