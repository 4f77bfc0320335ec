/**
 * @file Mocha's `spec` reporter, and two things more: the skipped tests are listed with their reasons, and the counts
 * are written as JSON to the file named by TENON_TEST_COUNTS. A failed hook counts as a failed test.
 *
 * A test says why it is skipped by `this.test.title += " (reason)"` or `this.test.skipReason = "reason"`, before
 * `this.skip()`.
 */
"use strict";
const { writeFileSync } = require("node:fs");
const Mocha = require("mocha");

const { EVENT_RUN_END, EVENT_TEST_PENDING } = Mocha.Runner.constants;

module.exports = class TenonReporter extends Mocha.reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    const skipped = [];
    runner.on(EVENT_TEST_PENDING, (test) => skipped.push(test));
    runner.once(EVENT_RUN_END, () => {
      for (const test of skipped) {
        const reason = test.skipReason ?? test.parent?.skipReason;
        process.stdout.write(`  skipped: ${test.fullTitle()}${reason === undefined ? "" : ` (${reason})`}\n`);
      }
      const path = process.env.TENON_TEST_COUNTS;
      if (path !== undefined) {
        const { passes, failures, pending } = runner.stats;
        writeFileSync(path, JSON.stringify({ passed: passes, failed: failures, skipped: pending }));
      }
    });
  }
};
