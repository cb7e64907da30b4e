// The program as it is started: options, the port line, what it says and what it keeps to itself.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { fileURLToPath } from "node:url";

const main = fileURLToPath(new URL("../src/main.js", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "sidecar-"));
after(() => rmSync(folder, { recursive: true }));

const file = (name, content) => {
  writeFileSync(join(folder, name), content, { mode: 0o600 });
  return join(folder, name);
};
const phrase = "bottom drive obey lake curtain smoke basket hold race lonely fit walk";
const token = "a-token-for-tests-only";
const mnemonicFile = file("mnemonic", `${phrase}\n`);

// Nobody listens at any of these.
const nowhere = {
  TFGRID_SUBSTRATE_URL: "ws://127.0.0.1:9",
  TFGRID_PROXY_URL: "http://127.0.0.1:9",
  TFGRID_GRAPHQL_URL: "http://127.0.0.1:9/graphql",
  TFGRID_RELAY_URL: "wss://127.0.0.1:9",
  TFGRID_ACTIVATION_URL: "http://127.0.0.1:9",
};

function start(args, environment = {}) {
  const child = spawn(process.execPath, [main, ...args], {
    env: { PATH: process.env.PATH, HOME: folder, ...environment },
  });
  const said = { out: "", err: "" };
  child.stdout.on("data", (part) => (said.out += part));
  child.stderr.on("data", (part) => (said.err += part));
  const ended = new Promise((resolve) => child.on("close", (code) => resolve({ code, ...said })));
  const line = () =>
    new Promise((resolve, reject) => {
      const look = () => said.out.includes("\n") && resolve(said.out);
      child.stdout.on("data", look);
      child.on("close", () => reject(new Error(said.err)));
      look();
    });
  return { child, said, ended, line };
}

const run = (args, environment) => start(args, environment).ended;

test("--help says how", async () => {
  const { code, out, err } = await run(["--help"]);
  assert.equal(code, 0);
  assert.match(out, /usage: tfgrid-sidecar/);
  assert.equal(err, "");
});

describe("it does not start", () => {
  const good = ["--mnemonic-file", mnemonicFile];
  const cases = {
    "without a token": [good, {}, /token/],
    "with a short token": [good, { TFGRID_SIDECAR_TOKEN: "short" }, /token/],
    "with an empty token file": [[...good, "--token-file", file("empty", "\n")], {}, /token is empty/],
    "with a token file that is not there": [[...good, "--token-file", join(folder, "none")], {}, /ENOENT/],
    "without a mnemonic": [[], { TFGRID_SIDECAR_TOKEN: token }, /mnemonic/],
    "with a file that holds no mnemonic": [
      ["--mnemonic-file", file("odd", "only four words here")],
      { TFGRID_SIDECAR_TOKEN: token },
      /neither a mnemonic nor/,
    ],
    "on an unknown grid": [[...good, "--network", "moon"], { TFGRID_SIDECAR_TOKEN: token }, /network must be one of/],
    "at a port that is none": [[...good, "--port", "70000"], { TFGRID_SIDECAR_TOKEN: token }, /port/],
    "with an unknown flag": [[...good, "--mnemonic", phrase], { TFGRID_SIDECAR_TOKEN: token }, /mnemonic/],
  };
  for (const [what, [args, environment, text]] of Object.entries(cases)) {
    test(what, async () => {
      const { code, out, err } = await run(args, environment);
      assert.equal(code, 2);
      assert.equal(out, "");
      assert.match(err, text);
      assert.ok(!err.includes("obey lake") && !err.includes("four words"));
    });
  }
});

test("it prints its port as one line, answers while it is not connected, keeps its secrets, and ends when it is told to", async () => {
  const tokenFile = file("token", `${token}\n`);
  const { child, said, ended, line } = start(
    ["--mnemonic-file", mnemonicFile, "--token-file", tokenFile, "--network", "dev"],
    nowhere,
  );
  const { port } = JSON.parse(await line());
  const get = async (path) => {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, { headers: { authorization: `Bearer ${token}` } });
    return { status: answer.status, body: await answer.json() };
  };
  assert.equal((await get("/v1/healthz")).status, 503);
  assert.equal((await get("/v1/balance")).body.code, "not_connected");
  const until = Date.now() + 20_000;
  while (!said.err.includes("chain_unreachable") && Date.now() < until)
    await new Promise((done) => setTimeout(done, 50));
  child.kill("SIGTERM");
  const { code, out, err } = await ended;
  assert.equal(code, 0);
  assert.equal(out, `${JSON.stringify({ port })}\n`);
  const events = err
    .trim()
    .split("\n")
    .map((each) => JSON.parse(each));
  assert.ok(events.some((each) => each.event === "not_connected" && each.code === "chain_unreachable"));
  for (const secret of ["obey lake", token]) assert.ok(!err.includes(secret));
});
