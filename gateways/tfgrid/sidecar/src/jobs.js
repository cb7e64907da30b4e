// Work that takes minutes. Jobs live in memory: after a restart the caller looks the name up on the grid.

import { randomUUID } from "node:crypto";

import { Refusal, refusalFrom } from "./errors.js";

const defaults = {
  parallel: 8, // Jobs that run at a time.
  waiting: 256, // Jobs that may wait for their turn.
  kept: 4096, // Finished jobs that are remembered.
  seconds: 1200, // After this a job counts as lost, whatever it is waiting for.
};

export class Jobs {
  #limits;
  #scrub;
  #log;
  #jobs = new Map(); // In order of arrival.
  #current = new Map(); // By subject: the job that was asked for last.
  #queue = [];
  #running = 0;

  constructor({ scrub, log = () => {}, limits = {} }) {
    this.#limits = { ...defaults, ...limits };
    this.#scrub = scrub;
    this.#log = log;
  }

  // Starts a job on a subject ("deployment/d1p1"). The same request again is the same job, until that failed;
  // another request on the subject waits for nobody: it is refused while a job runs.
  start({ kind, subject, name, fingerprint, repeatable = false }, run) {
    const last = this.#current.get(subject);
    if (last) {
      const same = last.kind === kind && last.fingerprint === fingerprint;
      if (last.state === "running" && same) return last;
      if (last.state === "running") throw new Refusal("in_progress", `a job on '${name}' is running: ${last.id}`);
      if (last.kind === kind && last.state === "succeeded" && !repeatable) {
        if (same) return last;
        throw new Refusal("conflict", `'${name}' was asked for before, with other contents`);
      }
    }
    if (this.#queue.length >= this.#limits.waiting) throw new Refusal("busy", "too many jobs are waiting");
    const job = {
      id: randomUUID(),
      kind,
      subject,
      name,
      fingerprint,
      state: "running",
      contracts: [],
      result: null,
      error: null,
    };
    this.#jobs.set(job.id, job);
    this.#current.set(subject, job);
    this.#queue.push({ job, run });
    this.#trim();
    this.#next();
    return job;
  }

  get(id) {
    return this.#jobs.get(id) ?? null;
  }

  counts() {
    return { running: this.#running, waiting: this.#queue.length };
  }

  // The job that is at work on a contract, if any.
  runningOn(contract) {
    for (const job of this.#current.values()) {
      if (job.state === "running" && job.contracts.some((each) => each.id === contract)) return job;
    }
    return null;
  }

  // Cancelled contracts free their names: the next request begins anew.
  release(contracts) {
    for (const [subject, job] of this.#current) {
      if (job.state !== "running" && job.contracts.some((each) => contracts.includes(each.id)))
        this.#current.delete(subject);
    }
  }

  #next() {
    while (this.#running < this.#limits.parallel && this.#queue.length > 0) {
      const { job, run } = this.#queue.shift();
      this.#running += 1;
      this.#run(job, run).finally(() => {
        this.#running -= 1;
        this.#next();
      });
    }
  }

  async #run(job, run) {
    const begun = Date.now();
    let timer;
    const limit = new Promise((_, reject) => {
      const late = () => reject(new Refusal("outcome_unknown", `no end after ${this.#limits.seconds} s`));
      timer = setTimeout(late, this.#limits.seconds * 1000).unref();
    });
    const seen = ({ id, kind, node }) => {
      if (job.state === "running" && !job.contracts.some((each) => each.id === id))
        job.contracts.push({ id, kind, node });
    };
    try {
      job.result = await Promise.race([run(seen), limit]);
      job.state = "succeeded";
    } catch (error) {
      const refusal = refusalFrom(error, this.#scrub);
      if (refusal.contracts) job.contracts = refusal.contracts.map(({ id, kind, node }) => ({ id, kind, node }));
      job.error = refusal.body();
      job.state = "failed";
    } finally {
      clearTimeout(timer);
    }
    job.contracts.sort((left, right) => left.id - right.id);
    const { kind, name, state, error } = job;
    this.#log(state === "failed" ? "warning" : "info", "job", {
      job: job.id,
      kind,
      name,
      state,
      code: error?.code,
      message: error?.message,
      ms: Date.now() - begun,
    });
  }

  #trim() {
    for (const [id, job] of this.#jobs) {
      if (this.#jobs.size <= this.#limits.kept) return;
      if (job.state === "running") continue;
      this.#jobs.delete(id);
      if (this.#current.get(job.subject) === job) this.#current.delete(job.subject);
    }
  }
}

export function jobView(job) {
  return {
    job: job.id,
    kind: job.kind,
    name: job.name,
    state: job.state,
    contracts: job.contracts,
    deployment: job.kind === "name" || job.kind === "backends" ? null : job.result,
    gateway: job.kind === "name" || job.kind === "backends" ? job.result : null,
    error: job.error,
  };
}
