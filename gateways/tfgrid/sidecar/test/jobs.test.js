import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { Refusal } from "../src/errors.js";
import { Jobs, jobView } from "../src/jobs.js";

const tick = () => new Promise((done) => setImmediate(done));
const about = (changes) => ({ kind: "deploy", subject: "deployment/a", name: "a", fingerprint: "1", ...changes });
const scrub = (text) => text;

function deferred() {
  const result = {};
  result.promise = new Promise((resolve, reject) => Object.assign(result, { resolve, reject }));
  return result;
}

describe("a job", () => {
  test("runs once however often it is asked for", async () => {
    const jobs = new Jobs({ scrub });
    const work = deferred();
    let runs = 0;
    const run = () => {
      runs += 1;
      return work.promise;
    };
    const first = jobs.start(about(), run);
    assert.equal(jobs.start(about(), run), first);
    work.resolve({ name: "a" });
    await tick();
    assert.equal(jobs.start(about(), run), first);
    assert.equal(runs, 1);
    assert.deepEqual(jobView(first), {
      job: first.id,
      kind: "deploy",
      name: "a",
      state: "succeeded",
      contracts: [],
      deployment: { name: "a" },
      gateway: null,
      error: null,
    });
  });

  test("that failed is run anew when it is asked for again", async () => {
    const jobs = new Jobs({ scrub });
    const first = jobs.start(about(), () => Promise.reject(new Refusal("node_unreachable", "silence")));
    await tick();
    assert.deepEqual(first.error, { code: "node_unreachable", message: "silence", retryable: true });
    const second = jobs.start(about(), async () => ({}));
    assert.notEqual(second, first);
  });

  test("shows its contracts while it runs, and those that are left when it failed", async () => {
    const jobs = new Jobs({ scrub });
    const work = deferred();
    const job = jobs.start(about(), (seen) => {
      seen({ id: 2, kind: "vm", node: 11 });
      seen({ id: 1, kind: "network", node: 11 });
      return work.promise;
    });
    await tick();
    assert.deepEqual(
      job.contracts.map((each) => each.id),
      [2, 1],
    );
    assert.equal(jobs.runningOn(2), job);
    work.reject(new Refusal("workload_failed", "no", { contracts: [{ id: 2, kind: "vm", node: 11 }] }));
    await tick();
    assert.deepEqual(job.contracts, [{ id: 2, kind: "vm", node: 11 }]);
    assert.equal(jobs.runningOn(2), null);
  });

  test("keeps others from its subject while it runs", async () => {
    const jobs = new Jobs({ scrub });
    jobs.start(about(), () => deferred().promise);
    for (const other of [{ fingerprint: "2" }, { kind: "restart" }]) {
      assert.throws(
        () => jobs.start(about(other), async () => ({})),
        (error) => error.code === "in_progress" && error.retryable,
      );
    }
    jobs.start(about({ subject: "deployment/b" }), async () => ({}));
  });

  test("with other contents is refused after the first succeeded, unless it is one that can be repeated", async () => {
    const jobs = new Jobs({ scrub });
    jobs.start(about(), async () => ({}));
    await tick();
    assert.throws(
      () => jobs.start(about({ fingerprint: "2" }), async () => ({})),
      (error) => error.code === "conflict",
    );
    const restart = about({ kind: "restart", repeatable: true });
    const first = jobs.start(restart, async () => ({}));
    await tick();
    assert.notEqual(
      jobs.start(restart, async () => ({})),
      first,
    );
  });

  test("is forgotten by name when its contracts were cancelled", async () => {
    const jobs = new Jobs({ scrub });
    const run = async (seen) => {
      seen({ id: 1, kind: "vm", node: 11 });
      return {};
    };
    const first = jobs.start(about(), run);
    await tick();
    jobs.release([1]);
    assert.notEqual(jobs.start(about(), run), first);
    assert.equal(jobs.get(first.id), first);
  });

  test("that never ends is given up", async () => {
    const jobs = new Jobs({ scrub, limits: { seconds: 0.02 } });
    const job = jobs.start(about(), () => deferred().promise);
    await new Promise((done) => setTimeout(done, 100));
    assert.equal(job.error.code, "outcome_unknown");
    assert.deepEqual(jobs.counts(), { running: 0, waiting: 0 });
  });

  test("with an error that nobody foresaw fails as internal", async () => {
    const jobs = new Jobs({ scrub });
    const job = jobs.start(about(), () => {
      throw new TypeError("x is not a function");
    });
    await tick();
    assert.equal(job.error.code, "internal");
  });
});

describe("the limits:", () => {
  const subject = (n) => about({ subject: `deployment/${n}` });

  test("so many run, so many wait, and then callers are told", async () => {
    const jobs = new Jobs({ scrub, limits: { parallel: 2, waiting: 3 } });
    const works = [];
    const run = () => {
      works.push(deferred());
      return works.at(-1).promise;
    };
    for (let n = 0; n < 5; n += 1) jobs.start(subject(n), run);
    assert.deepEqual(jobs.counts(), { running: 2, waiting: 3 });
    assert.throws(
      () => jobs.start(subject(5), run),
      (error) => error.code === "busy" && error.retryable,
    );
    for (let done = 0; done < 5; done += 1) {
      works[done].resolve({});
      await tick();
      await tick();
    }
    assert.deepEqual(jobs.counts(), { running: 0, waiting: 0 });
  });

  test("finished jobs are forgotten in order, running ones never", async () => {
    const jobs = new Jobs({ scrub, limits: { kept: 2 } });
    const running = jobs.start(subject("running"), () => deferred().promise);
    const ended = [];
    for (let n = 0; n < 4; n += 1) {
      ended.push(jobs.start(subject(n), async () => ({})));
      await tick();
    }
    assert.equal(jobs.get(ended[0].id), null);
    assert.equal(jobs.get(ended[3].id), ended[3]);
    assert.equal(jobs.get(running.id), running);
  });
});
