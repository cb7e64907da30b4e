// Reads request bodies: the shape is checked here, strictly; what a name or a size may be is left to the
// grid's own validators (see grid.js), so that their rules are not written twice.

import { createHash } from "node:crypto";

import { applications, layouts } from "./applications.js";
import { Refusal } from "./errors.js";

const refuse = (message) => {
  throw new Refusal("validation", message);
};

function fields(value, where, allowed) {
  if (value === null || typeof value !== "object" || Array.isArray(value)) refuse(`${where} must be an object`);
  for (const key of Object.keys(value)) if (!allowed.includes(key)) refuse(`${where} has an unknown field '${key}'`);
  return value;
}

function text(value, where, { longest, fallback } = {}) {
  if (value === undefined && fallback !== undefined) return fallback;
  if (typeof value !== "string") refuse(`${where} must be a string`);
  if (value.length > longest) refuse(`${where} must not be longer than ${longest} characters`);
  return value;
}

function whole(value, where, { least = 0, most = Number.MAX_SAFE_INTEGER, fallback } = {}) {
  if (value === undefined && fallback !== undefined) return fallback;
  if (!Number.isSafeInteger(value)) refuse(`${where} must be a whole number`);
  if (value < least || value > most) refuse(`${where} must be between ${least} and ${most}`);
  return value;
}

function flag(value, where, fallback) {
  if (value === undefined) return fallback;
  if (typeof value !== "boolean") refuse(`${where} must be true or false`);
  return value;
}

function environment(value, where) {
  if (value === undefined) return {};
  const entries = Object.entries(fields(value, where, Object.keys(value ?? {})));
  if (entries.length > 64) refuse(`${where} must not have more than 64 variables`);
  const result = {};
  for (const [key, content] of entries) {
    if (!/^[A-Za-z_][A-Za-z0-9_]{0,63}$/.test(key)) refuse(`${where} has a variable with a bad name`);
    result[key] = text(content, `${where}.${key}`, { longest: 8192 });
  }
  return result;
}

// One machine's share of a node, in the units in which plans are sold: cores and whole GiB. The most is what the
// grid's validators allow a machine; they look only when its document is made, long after the request was answered.
function resources(value, where) {
  const given = fields(value, where, ["cru", "mru", "sru", "hru", "gpus", "public_ips"]);
  const result = {
    cru: whole(given.cru, `${where}.cru`, { most: 32 }),
    mru: whole(given.mru, `${where}.mru`, { most: 256 }),
    sru: whole(given.sru, `${where}.sru`, { most: 10240 }),
    hru: whole(given.hru, `${where}.hru`, { fallback: 0 }),
    gpus: whole(given.gpus, `${where}.gpus`, { most: 16, fallback: 0 }),
    public_ips: whole(given.public_ips, `${where}.public_ips`, { most: 1, fallback: 0 }),
  };
  if (result.hru !== 0) refuse(`${where}.hru must be 0: machines have no hard disks`);
  return result;
}

function image(body) {
  if ((body.application === undefined) === (body.flist === undefined)) {
    refuse("either 'application' or 'flist' must be given");
  }
  if (body.application !== undefined) {
    const name = text(body.application, "application", { longest: 64 });
    for (const field of ["entrypoint", "layout", "mountpoint"]) {
      if (body[field] !== undefined) refuse(`'${field}' goes with 'flist', not with 'application'`);
    }
    if (!Object.hasOwn(applications, name)) refuse(`application '${name}' is not known`);
    return { env: {}, requiredEnv: [], mountpoint: "/mnt/data", ...applications[name] };
  }
  const layout = text(body.layout, "layout", { longest: 8, fallback: "root" });
  if (!layouts.includes(layout)) refuse(`layout must be one of ${layouts.join(", ")}`);
  return {
    flist: text(body.flist, "flist", { longest: 512 }),
    entrypoint: text(body.entrypoint, "entrypoint", { longest: 512, fallback: "" }),
    mountpoint: text(body.mountpoint, "mountpoint", { longest: 128, fallback: "/mnt/data" }),
    layout,
    env: {},
    requiredEnv: [],
  };
}

export function readDeployment(body) {
  fields(body, "the body", [
    "name",
    "node",
    "farm",
    "resources",
    "ssh_key",
    "application",
    "flist",
    "entrypoint",
    "layout",
    "mountpoint",
    "env",
    "metadata",
    "network",
  ]);
  const chosen = image(body);
  const given = environment(body.env, "env");
  for (const key of chosen.requiredEnv) if (!given[key]) refuse(`env.${key} is needed by this application`);
  const network = fields(body.network ?? {}, "network", ["planetary", "mycelium"]);
  const ssh = text(body.ssh_key, "ssh_key", { longest: 4096 });
  if (/[\r\n]/.test(ssh)) refuse("ssh_key must be one line");
  return {
    name: text(body.name, "name", { longest: 256 }),
    node: whole(body.node, "node", { most: 0xffffffff }),
    farm: whole(body.farm, "farm", { most: 0xffffffff, fallback: 0 }),
    resources: resources(body.resources, "resources"),
    image: { flist: chosen.flist, entrypoint: chosen.entrypoint, layout: chosen.layout, mountpoint: chosen.mountpoint },
    env: { ...given, ...chosen.env, SSH_KEY: ssh },
    metadata: text(body.metadata, "metadata", { longest: 512, fallback: "" }),
    network: {
      planetary: flag(network.planetary, "network.planetary", false),
      mycelium: flag(network.mycelium, "network.mycelium", true),
    },
  };
}

// The version that the caller last saw: with it a change that is asked for twice is made once.
const version = (body) => (body.version === undefined ? null : whole(body.version, "version", { most: 0xffffffff }));

export function readRestart(body) {
  fields(body, "the body", ["allow_root_reset", "version"]);
  return { allowRootReset: flag(body.allow_root_reset, "allow_root_reset", false), version: version(body) };
}

export function readResize(body) {
  fields(body, "the body", ["resources", "allow_root_reset", "version"]);
  return {
    resources: resources(body.resources, "resources"),
    allowRootReset: flag(body.allow_root_reset, "allow_root_reset", false),
    version: version(body),
  };
}

function backends(value) {
  if (!Array.isArray(value) || value.length === 0 || value.length > 16) refuse("backends must hold 1 to 16 addresses");
  return value.map((entry, index) => text(entry, `backends[${index}]`, { longest: 256 }));
}

export function readName(body) {
  fields(body, "the body", ["name", "node", "backends", "tls_passthrough"]);
  return {
    name: text(body.name, "name", { longest: 256 }),
    node: whole(body.node, "node", { most: 0xffffffff, fallback: 0 }),
    backends: backends(body.backends),
    tlsPassthrough: flag(body.tls_passthrough, "tls_passthrough", false),
  };
}

export function readBackends(body) {
  fields(body, "the body", ["backends", "version"]);
  return { backends: backends(body.backends), version: version(body) };
}

// Names in paths are only looked up, so a bad one is simply not there; this keeps them short and plain.
export function nameFrom(path) {
  if (!/^[A-Za-z0-9_]{1,35}$/.test(path)) {
    throw new Refusal("validation", "name must be 1 to 35 letters, digits or underscores");
  }
  return path;
}

export function numberFrom(value, where) {
  if (!/^[0-9]{1,16}$/.test(value) || !Number.isSafeInteger(Number(value)) || Number(value) < 1) {
    refuse(`${where} must be a whole number above 0`);
  }
  return Number(value);
}

// Two requests are the same when everything in them is, in whatever order it was written.
export function fingerprint(value) {
  const ordered = (part) => {
    if (Array.isArray(part)) return part.map(ordered);
    if (part === null || typeof part !== "object") return part;
    return Object.fromEntries(
      Object.keys(part)
        .sort()
        .map((key) => [key, ordered(part[key])]),
    );
  };
  return createHash("sha256")
    .update(JSON.stringify(ordered(value)))
    .digest("hex");
}
