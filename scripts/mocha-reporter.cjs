/**
 * @file Mocha's `spec` reporter, and three things more: the failed tests are listed, a line each, and the skipped ones
 * with their reasons, and the counts of each file are written as JSON to the file named by TENON_TEST_COUNTS. A failed
 * hook counts as a failed test.
 *
 * A test says why it is skipped by `this.test.title += " (reason)"` or `this.test.skipReason = "reason"`, before
 * `this.skip()`.
 */
"use strict";
const { writeFileSync } = require("node:fs");
const Mocha = require("mocha");

const { EVENT_RUN_END, EVENT_TEST_FAIL, EVENT_TEST_PASS, EVENT_TEST_PENDING } = Mocha.Runner.constants;

module.exports = class TenonReporter extends Mocha.reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    const failed = [];
    const skipped = [];
    const files = {};
    const count = (test, outcome) => {
      let file = test.file;
      for (let suite = test.parent; file === undefined && suite !== undefined; suite = suite.parent)
        file = suite.file;
      files[file] ??= { passed: 0, failed: 0, skipped: 0 };
      files[file][outcome] += 1;
    };
    runner.on(EVENT_TEST_PASS, (test) => count(test, "passed"));
    runner.on(EVENT_TEST_FAIL, (test) => count(test, "failed"));
    runner.on(EVENT_TEST_FAIL, (test, error) => failed.push({ test, error }));
    runner.on(EVENT_TEST_PENDING, (test) => count(test, "skipped"));
    runner.on(EVENT_TEST_PENDING, (test) => skipped.push(test));
    runner.once(EVENT_RUN_END, () => {
      for (const { test, error } of failed) {
        const reason = String(error?.message ?? error).split("\n", 1)[0];
        process.stdout.write(`  failed: ${test.fullTitle()}: ${reason}\n`);
      }
      for (const test of skipped) {
        const reason = test.skipReason ?? test.parent?.skipReason;
        process.stdout.write(`  skipped: ${test.fullTitle()}${reason === undefined ? "" : ` (${reason})`}\n`);
      }
      const path = process.env.TENON_TEST_COUNTS;
      if (path !== undefined) {
        writeFileSync(path, JSON.stringify(files));
      }
    });
  }
};
