#!/usr/bin/env node
// Starts the sidecar.

import { logger, silenceConsole } from "./log.js";
import { help, readOptions } from "./options.js";
import { scrubber } from "./scrub.js";

let options;
try {
  options = readOptions(process.argv.slice(2), process.env);
} catch (error) {
  process.stderr.write(`tfgrid-sidecar: ${error.message}\n`);
  process.exit(2);
}
if (options.help) {
  process.stdout.write(help);
  process.exit(0);
}
delete process.env.TFGRID_SIDECAR_TOKEN;

const scrub = scrubber([options.grid.mnemonic, options.token]);
const log = logger(scrub);
silenceConsole();

// The chain client leaves rejections of its reconnections to nobody.
process.on("unhandledRejection", (error) => log("warning", "unhandled", { message: String(error?.message ?? error) }));

// Loaded after the console is silent: the grid's libraries write to it while they load.
const { Grid } = await import("./grid.js");
const { Sidecar } = await import("./sidecar.js");

// A chain call without an end holds the library's lock; only a new process gets rid of it.
let stuck = false;
const onStuck = () => {
  if (stuck) return;
  stuck = true;
  log("error", "chain_call_without_end", { message: "leaving, to be started again" });
  setTimeout(() => process.exit(75), 5000);
};

const sidecar = new Sidecar({
  token: options.token,
  connect: () => Grid.connect(options.grid, { scrub, stuck: onStuck, limits: options.limits }),
  scrub,
  log,
});

for (const signal of ["SIGTERM", "SIGINT"]) {
  process.on(signal, () => {
    log("info", "stopping", { signal });
    sidecar.stop().finally(() => process.exit(0));
  });
}

try {
  const { port, connected } = await sidecar.start(options.port);
  process.stdout.write(`${JSON.stringify({ port })}\n`);
  await connected;
} catch (error) {
  log("error", "failed", { code: error.code, message: error.message });
  process.exit(1);
}
