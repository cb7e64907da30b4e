// The parts put together: a server that answers at once, and a grid that is connected to behind it.

import { Refusal } from "./errors.js";
import { Jobs } from "./jobs.js";
import { makeRoutes } from "./routes.js";
import { listen, makeServer } from "./server.js";

// `connect` gives a Grid or throws; it is tried until it succeeds. `wait` sleeps between two tries.
export class Sidecar {
  #connect;
  #log;
  #wait;
  #grid = null;
  #why = "the connection is being made";
  #closed = false;
  #server;

  constructor({
    token,
    connect,
    scrub,
    log = () => {},
    limits = {},
    wait = (ms) => new Promise((done) => setTimeout(done, ms)),
  }) {
    this.#connect = connect;
    this.#log = log;
    this.#wait = wait;
    const jobs = new Jobs({ scrub, log, limits: limits.jobs });
    const grid = () => {
      if (!this.#grid) throw new Refusal("not_connected", this.#why);
      return this.#grid;
    };
    const routes = makeRoutes({ grid, jobs, status: () => this.#status(jobs) });
    this.#server = makeServer({ routes, token, scrub, log, limits: limits.server });
  }

  // Listens, and connects in the background. Ends the returned `connected` with an error that waiting cannot mend.
  async start(port) {
    const bound = await listen(this.#server, port);
    return { port: bound, connected: this.#connecting() };
  }

  async stop() {
    this.#closed = true;
    this.#server.closeAllConnections();
    await new Promise((done) => this.#server.close(done));
  }

  async #connecting() {
    for (let pause = 1000; !this.#closed; pause = Math.min(pause * 2, 60_000)) {
      try {
        this.#grid = await this.#connect();
        this.#log("info", "connected", this.#grid.account());
        return;
      } catch (error) {
        this.#why = error.message;
        this.#log("warning", "not_connected", { code: error.code, message: error.message });
        if (["validation", "account_unknown", "internal"].includes(error.code)) throw error;
      }
      await this.#wait(pause);
    }
  }

  #status(jobs) {
    const links = this.#grid?.health() ?? { chain: false, relay: false };
    const healthy = Boolean(this.#grid) && links.chain && links.relay;
    const account = this.#grid?.account() ?? { twin: null, address: null, network: null };
    return { status: healthy ? 200 : 503, body: { healthy, ...links, ...account, jobs: jobs.counts() } };
  }
}
