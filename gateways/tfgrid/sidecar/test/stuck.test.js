// In a file, and so in a process, of its own: a chain call without an end holds a lock of the library for ever.

import assert from "node:assert/strict";
import { test } from "node:test";

import { silenceConsole } from "../src/log.js";
import { GridDouble, order } from "./double.js";

silenceConsole();

test("a chain call without an end is an unknown outcome, is reported, and is found by its name afterwards", async (t) => {
  const double = await new GridDouble().start();
  t.after(() => double.stop());
  let reported = 0;
  const grid = await double.connect({ stuck: () => (reported += 1), limits: { chainSeconds: 0.2 } });
  double.chain.hang = true;
  const error = await grid.deploy(order(), () => {}).catch((each) => each);
  assert.equal(error.code, "outcome_unknown");
  assert.equal(error.retryable, true);
  assert.equal(reported, 1);
  // The call did reach a block, and nobody was told.
  double.chain.put({ node: 11, type: "network", name: "d1p1" });
  double.chain.put({ node: 11, type: "vm", name: "d1p1" });
  GridDouble.forgetProcess();
  const next = await double.connect();
  const again = await next.deploy(order(), () => {}).catch((each) => each);
  assert.equal(again.code, "incomplete");
  assert.deepEqual(
    again.contracts.map((each) => each.id),
    [9001, 9002],
  );
});
