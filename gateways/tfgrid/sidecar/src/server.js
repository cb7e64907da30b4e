// HTTP on loopback: who may ask, how much and how long. What the routes do is in routes.js.

import { createHash, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";

import { Refusal, refusalFrom } from "./errors.js";

const defaults = {
  bodyBytes: 256 * 1024,
  bodySeconds: 10, // For a request to arrive in.
  answerSeconds: 60, // For an answer, unless the route says otherwise.
  connections: 128,
};

const digest = (text) => createHash("sha256").update(text).digest();

// Compared as digests, so that neither the time nor the length tells anything.
function bearerCheck(token) {
  const wanted = digest(token);
  return (header) => {
    const given = /^Bearer ([\x21-\x7e]{1,512})$/.exec(header ?? "")?.[1] ?? "";
    return timingSafeEqual(digest(given), wanted);
  };
}

function readBody(request, limit) {
  return new Promise((resolve, reject) => {
    const parts = [];
    let size = 0;
    const tooLarge = () => reject(new Refusal("body_too_large", `a body may have ${limit} bytes`));
    if (Number(request.headers["content-length"] ?? 0) > limit) return tooLarge();
    request.on("data", (part) => {
      size += part.length;
      if (size > limit) {
        request.removeAllListeners("data");
        request.resume();
        return tooLarge();
      }
      parts.push(part);
      return undefined;
    });
    request.on("end", () => resolve(Buffer.concat(parts)));
    request.on("error", reject);
    return undefined;
  });
}

async function jsonBody(request, limit) {
  const bytes = await readBody(request, limit);
  if (bytes.length === 0) return {};
  if (!/^application\/json\s*(;|$)/i.test(request.headers["content-type"] ?? "")) {
    throw new Refusal("unsupported_media_type", "a body must be application/json");
  }
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw new Refusal("invalid_json", "the body is not JSON");
  }
}

async function within(seconds, promise) {
  let timer;
  const limit = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Refusal("timeout", `no answer within ${seconds} s`)), seconds * 1000);
  });
  try {
    return await Promise.race([promise, limit]);
  } finally {
    clearTimeout(timer);
  }
}

export function makeServer({ routes, token, scrub, log = () => {}, limits: given = {} }) {
  const limits = { ...defaults, ...given };
  const allowed = bearerCheck(token);

  async function answer(request) {
    const url = new URL(request.url, "http://sidecar");
    const found = routes.find(url.pathname);
    if (!found?.open && !allowed(request.headers.authorization)) {
      throw new Refusal("unauthorized", "a bearer token is needed");
    }
    if (!found) throw new Refusal("not_found", "there is no such resource");
    const route = found.methods[request.method];
    if (!route) {
      const refusal = new Refusal("method_not_allowed", `${request.method} is not possible here`);
      refusal.allow = Object.keys(found.methods).join(", ");
      throw refusal;
    }
    const body = route.body ? await jsonBody(request, limits.bodyBytes) : null;
    const call = Promise.resolve().then(() =>
      route.handle({ parameters: found.parameters, query: url.searchParams, body }),
    );
    // Whoever gave up waiting does not learn how it ended.
    call.catch(() => {});
    return within(route.seconds ?? limits.answerSeconds, call);
  }

  const arrival = limits.bodySeconds * 1000;
  const server = createServer({
    requestTimeout: arrival,
    headersTimeout: arrival,
    connectionsCheckingInterval: Math.min(arrival, 1000),
  });
  server.maxConnections = limits.connections;
  server.on("request", async (request, response) => {
    const begun = Date.now();
    let status;
    let body;
    const headers = { "content-type": "application/json", "cache-control": "no-store" };
    try {
      ({ status, body } = await answer(request));
    } catch (error) {
      const refusal = refusalFrom(error, scrub);
      status = refusal.status;
      body = refusal.body();
      if (refusal.allow) headers.allow = refusal.allow;
      if (status === 401) headers["www-authenticate"] = "Bearer";
      if (status === 413) headers.connection = "close";
      if (refusal.code === "internal") log("error", "internal", { message: refusal.message });
    }
    const bytes = Buffer.from(`${JSON.stringify(body)}\n`);
    response.writeHead(status, { ...headers, "content-length": bytes.length });
    response.end(bytes);
    log("info", "request", {
      method: request.method,
      path: request.url.split("?")[0].slice(0, 200),
      status,
      ms: Date.now() - begun,
    });
  });
  return server;
}

// Never on anything but loopback: the token is all that stands between a caller and the wallet.
export function listen(server, port) {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => resolve(server.address().port));
  });
}
