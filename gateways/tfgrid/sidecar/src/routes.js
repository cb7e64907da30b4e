// The route table.

import { Refusal } from "./errors.js";
import { jobView } from "./jobs.js";
import * as requests from "./requests.js";

const ok = (body) => ({ status: 200, body });
const accepted = (job) => ({ status: 202, body: jobView(job) });

function found(value, what) {
  if (!value) throw new Refusal("not_found", `there is no ${what}`);
  return value;
}

// `grid` gives the connected grid, or throws `not_connected`.
export function makeRoutes({ grid, jobs, status }) {
  const node = (query) => (query.has("node") ? requests.numberFrom(query.get("node"), "node") : 0);

  const table = {
    "/v1/healthz": {
      open: true,
      GET: { handle: () => status() },
    },
    "/v1/balance": {
      GET: { handle: async () => ok(await grid().balance()) },
    },
    "/v1/prices": {
      GET: { handle: async () => ok(await grid().prices()) },
    },
    "/v1/contracts": {
      GET: { handle: async () => ok({ contracts: await grid().reads.contracts() }) },
    },
    "/v1/contracts/{id}": {
      DELETE: {
        seconds: 300,
        handle: async ({ parameters }) => {
          const id = requests.numberFrom(parameters.id, "the contract");
          const job = jobs.runningOn(id);
          if (job) throw new Refusal("in_progress", `a job is at work on contract ${id}: ${job.id}`);
          const answer = await grid().cancel(id);
          jobs.release([id, ...answer.cancelled]);
          return ok(answer);
        },
      },
    },
    "/v1/deployments": {
      GET: {
        handle: async ({ query }) => {
          const prefix = query.get("prefix") ?? "";
          if (prefix) requests.nameFrom(prefix);
          return ok({ deployments: await grid().reads.deployments(prefix) });
        },
      },
      POST: {
        body: true,
        handle: ({ body }) => {
          const order = requests.readDeployment(body);
          const connected = grid();
          connected.checkDeployment(order);
          const fingerprint = requests.fingerprint(order);
          const about = { kind: "deploy", subject: `deployment/${order.name}`, name: order.name, fingerprint };
          return accepted(jobs.start(about, (seen) => connected.deploy(order, seen)));
        },
      },
    },
    "/v1/deployments/{name}": {
      GET: {
        handle: async ({ parameters, query }) => {
          const name = requests.nameFrom(parameters.name);
          return ok(found(await grid().reads.deployment(name, node(query)), `deployment '${name}'`));
        },
      },
      PUT: {
        body: true,
        handle: ({ parameters, body }) => {
          const name = requests.nameFrom(parameters.name);
          const change = requests.readResize(body);
          const connected = grid();
          const fingerprint = requests.fingerprint(change);
          const about = { kind: "resize", subject: `deployment/${name}`, name, fingerprint, repeatable: true };
          return accepted(jobs.start(about, (seen) => connected.resize(name, change, seen)));
        },
      },
    },
    "/v1/deployments/{name}/restart": {
      POST: {
        body: true,
        handle: ({ parameters, body }) => {
          const name = requests.nameFrom(parameters.name);
          const wish = requests.readRestart(body);
          const connected = grid();
          const fingerprint = requests.fingerprint(wish);
          const about = { kind: "restart", subject: `deployment/${name}`, name, fingerprint, repeatable: true };
          return accepted(jobs.start(about, (seen) => connected.restart(name, wish, seen)));
        },
      },
    },
    "/v1/names": {
      POST: {
        body: true,
        handle: ({ body }) => {
          const order = requests.readName(body);
          const connected = grid();
          connected.checkName(order);
          const fingerprint = requests.fingerprint(order);
          const about = { kind: "name", subject: `name/${order.name}`, name: order.name, fingerprint };
          return accepted(jobs.start(about, (seen) => connected.deployName(order, seen)));
        },
      },
    },
    "/v1/names/{name}": {
      GET: {
        handle: async ({ parameters, query }) => {
          const name = requests.nameFrom(parameters.name);
          return ok(found(await grid().reads.name(name, node(query)), `name '${name}'`));
        },
      },
      PUT: {
        body: true,
        handle: ({ parameters, body }) => {
          const name = requests.nameFrom(parameters.name);
          const change = requests.readBackends(body);
          const connected = grid();
          connected.checkName({ name, backends: change.backends, tlsPassthrough: false });
          const fingerprint = requests.fingerprint(change);
          const about = { kind: "backends", subject: `name/${name}`, name, fingerprint, repeatable: true };
          return accepted(jobs.start(about, (seen) => connected.changeBackends(name, change, seen)));
        },
      },
    },
    "/v1/jobs/{id}": {
      GET: {
        handle: ({ parameters }) => ok(jobView(found(jobs.get(parameters.id), "such job; look the name up"))),
      },
    },
  };

  const compiled = Object.entries(table).map(([path, { open = false, ...methods }]) => ({
    pattern: new RegExp(`^${path.replace(/\{(\w+)\}/g, "(?<$1>[^/]{1,128})")}$`),
    open,
    methods,
  }));

  return {
    find(path) {
      for (const { pattern, open, methods } of compiled) {
        const match = pattern.exec(path);
        if (match) return { open, methods, parameters: { ...match.groups } };
      }
      return null;
    },
  };
}
