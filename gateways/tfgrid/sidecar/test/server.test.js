import assert from "node:assert/strict";
import { request } from "node:http";
import { connect } from "node:net";
import { after, before, describe, test } from "node:test";

import { Refusal } from "../src/errors.js";
import { silenceConsole } from "../src/log.js";
import { makeRoutes } from "../src/routes.js";
import { listen, makeServer } from "../src/server.js";
import { Sidecar } from "../src/sidecar.js";
import { GridDouble, token } from "./double.js";

silenceConsole();

const bearer = { authorization: `Bearer ${token}` };
const json = { ...bearer, "content-type": "application/json" };

describe("the door", () => {
  let double;
  let served;
  const log = [];
  before(async () => {
    double = await new GridDouble().start();
    served = await double.serve({ log: (level, event, fields) => log.push({ level, event, ...fields }) });
  });
  after(async () => {
    await served.stop();
    await double.stop();
  });

  const call = async (method, path, { headers = bearer, body } = {}) => {
    const answer = await fetch(served.url + path, { method, headers, body });
    return { status: answer.status, headers: answer.headers, body: await answer.json() };
  };

  test("listens on loopback only", () => {
    assert.match(served.url, /^http:\/\/127\.0\.0\.1:\d+$/);
  });

  test("opens to the token alone, and shows others not even which resources there are", async () => {
    for (const authorization of [
      "",
      "Bearer",
      `bearer-${token}`,
      `Basic ${token}`,
      `Bearer ${token}x`,
      `Bearer ${token.slice(1)}`,
    ]) {
      for (const path of ["/v1/balance", "/v1/nothing"]) {
        const { status, headers, body } = await call("GET", path, { headers: authorization ? { authorization } : {} });
        assert.equal(status, 401);
        assert.equal(body.code, "unauthorized");
        assert.equal(headers.get("www-authenticate"), "Bearer");
      }
    }
    assert.equal((await call("GET", "/v1/balance")).status, 200);
  });

  test("says without a token whether it is healthy", async () => {
    const { status, body } = await call("GET", "/v1/healthz", { headers: {} });
    assert.equal(status, 200);
    assert.deepEqual([body.healthy, body.chain, body.relay, body.twin], [true, true, true, 42]);
    double.relay.con.readyState = 3;
    assert.equal((await call("GET", "/v1/healthz", { headers: {} })).status, 503);
    double.relay.con.readyState = 1;
  });

  test("takes bodies of limited size, in JSON", async () => {
    const path = "/v1/deployments";
    const long = JSON.stringify({ name: "x".repeat(300_000) });
    assert.equal((await call("POST", path, { headers: json, body: long })).body.code, "body_too_large");
    assert.equal((await call("POST", path, { headers: json, body: "{" })).body.code, "invalid_json");
    assert.equal(
      (await call("POST", path, { headers: json, body: Buffer.from([0x22, 0xff, 0x22]) })).body.code,
      "invalid_json",
    );
    assert.equal((await call("POST", path, { headers: bearer, body: "{}" })).body.code, "unsupported_media_type");
    assert.equal((await call("POST", path, { headers: json, body: "{}" })).body.code, "validation");
  });

  test("counts the bytes of a body whose length was not told", async () => {
    const answer = await new Promise((resolve, reject) => {
      const { port } = new URL(served.url);
      const sent = request(
        { port, host: "127.0.0.1", method: "POST", path: "/v1/deployments", headers: json },
        (response) => {
          response.resume();
          response.on("end", () => resolve(response.statusCode));
        },
      );
      sent.on("error", reject);
      for (let n = 0; n < 40; n += 1) sent.write("x".repeat(10_000));
      sent.end();
    });
    assert.equal(answer, 413);
  });

  test("does not tell the token, keys or contents to the log", async () => {
    const body = JSON.stringify({
      name: "d9p1",
      node: 11,
      resources: { cru: 1, mru: 2, sru: 10 },
      ssh_key: "ssh-ed25519 SECRET",
      application: "ubuntu-24.04",
      env: { PASSWORD: "hunter2" },
    });
    assert.equal((await call("POST", "/v1/deployments?x=hunter2", { headers: json, body })).status, 202);
    const text = JSON.stringify(log);
    for (const secret of [token, "SECRET", "hunter2"]) assert.ok(!text.includes(secret));
    assert.ok(log.some((each) => each.event === "request" && each.path === "/v1/deployments" && each.status === 202));
  });

  test("knows its methods", async () => {
    const { status, headers, body } = await call("PATCH", "/v1/deployments");
    assert.deepEqual([status, body.code, headers.get("allow")], [405, "method_not_allowed", "GET, POST"]);
    assert.equal((await call("GET", "/v1/deployments/a/b/c")).status, 404);
    assert.equal((await call("GET", "/v1/deployments/a-b")).body.code, "validation");
  });
});

describe("a request that takes too long", () => {
  const serve = async (table, limits) => {
    const routes = { find: (path) => (table[path] ? { open: true, methods: table[path], parameters: {} } : null) };
    const server = makeServer({ routes, token, scrub: (text) => text, limits });
    return { server, port: await listen(server, 0) };
  };

  test("to answer is told so", async (t) => {
    const { server, port } = await serve(
      { "/slow": { GET: { handle: () => new Promise(() => {}) } } },
      { answerSeconds: 0.05 },
    );
    t.after(() => server.close());
    const answer = await fetch(`http://127.0.0.1:${port}/slow`);
    assert.equal(answer.status, 504);
    assert.deepEqual(await answer.json(), { code: "timeout", message: "no answer within 0.05 s", retryable: true });
  });

  test("to arrive is cut off", async (t) => {
    const { server, port } = await serve(
      { "/x": { POST: { body: true, handle: () => ({ status: 200, body: {} }) } } },
      { bodySeconds: 0.2 },
    );
    t.after(() => server.closeAllConnections());
    const socket = connect(port, "127.0.0.1");
    socket.write("POST /x HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\n{");
    const text = await new Promise((resolve) => {
      let got = "";
      socket.on("data", (part) => (got += part));
      socket.on("close", () => resolve(got));
    });
    server.close();
    assert.match(text, /^HTTP\/1\.1 408 /);
  });

  test("and fails in a way that nobody foresaw is an internal error without details of the stack", async (t) => {
    const { server, port } = await serve({ "/bad": { GET: { handle: () => undefined.x } } }, {});
    t.after(() => server.close());
    const answer = await fetch(`http://127.0.0.1:${port}/bad`);
    assert.equal(answer.status, 500);
    const body = await answer.json();
    assert.equal(body.code, "internal");
    assert.ok(!body.message.includes(" at "));
  });
});

describe("before the grid is connected", () => {
  test("everything but the health says so, and the connection is tried until it is there", async (t) => {
    let tries = 0;
    let free;
    const waiting = new Promise((resolve) => (free = resolve));
    const grid = {
      account: () => ({ twin: 42, address: "x", network: "dev" }),
      health: () => ({ chain: true, relay: true }),
      balance: async () => ({ free: "0" }),
    };
    const connectOnce = async () => {
      tries += 1;
      if (tries < 3) throw new Refusal("chain_unreachable", "nobody there");
      return grid;
    };
    const sidecar = new Sidecar({ token, connect: connectOnce, scrub: (text) => text, wait: () => waiting });
    const { port, connected } = await sidecar.start(0);
    t.after(() => sidecar.stop());
    const get = async (path) => {
      const answer = await fetch(`http://127.0.0.1:${port}${path}`, { headers: bearer });
      return { status: answer.status, body: await answer.json() };
    };
    assert.deepEqual(await get("/v1/balance"), {
      status: 503,
      body: { code: "not_connected", message: "nobody there", retryable: true },
    });
    assert.equal((await get("/v1/healthz")).body.healthy, false);
    free();
    await connected;
    assert.equal(tries, 3);
    assert.equal((await get("/v1/balance")).status, 200);
    assert.equal((await get("/v1/healthz")).body.healthy, true);
  });

  test("an account that is not on the grid ends it", async (t) => {
    const sidecar = new Sidecar({
      token,
      connect: async () => Promise.reject(new Refusal("account_unknown", "no such user")),
      scrub: (text) => text,
    });
    const { connected } = await sidecar.start(0);
    t.after(() => sidecar.stop());
    await assert.rejects(connected, /no such user/);
  });
});

test("a contract of a job that is at work cannot be cancelled", async () => {
  const job = { id: "j" };
  const routes = makeRoutes({
    grid: () => assert.fail(),
    jobs: { runningOn: (id) => (id === 9 ? job : null) },
    status: () => {},
  });
  const { methods, parameters } = routes.find("/v1/contracts/9");
  await assert.rejects(
    methods.DELETE.handle({ parameters }),
    (error) => error.code === "in_progress" && error.retryable,
  );
});
