// Runs mocha over test/ (all of it, or the files named, or all but `--except FOLDER`) and closes with `N passed, N failed, N skipped`.
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const mocha = join(dirname(createRequire(import.meta.url).resolve("mocha/package.json")), "lib/cli/cli.js");

// These have commands of their own: npm run interop, npm run bench.
const elsewhere = /^(interop|bench|output)[/\\]/;
const allTests = () =>
  readdirSync(join(root, "test"), { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".test.ts") && !elsewhere.test(path))
    .sort()
    .map((path) => join("test", path));

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { except: { type: "string" }, grep: { type: "string", short: "g" } },
});
const named = values.grep === undefined ? positionals : ["--grep", values.grep, ...positionals];
const isLeftOut = (path) => values.except !== undefined && path.startsWith(join(values.except, "/"));
const files = positionals.length > 0 ? named : [...named, ...allTests().filter((path) => !isLeftOut(path))];

const folder = mkdtempSync(join(tmpdir(), "tenon-test-"));
const countsPath = join(folder, "counts.json");
const child = spawn(
  process.execPath,
  ["--import", "tsx", mocha, "--reporter", join(root, "scripts/mocha-reporter.cjs"), ...files],
  {
    cwd: root,
    stdio: ["ignore", "inherit", "inherit"],
    env: { ...process.env, TENON_TEST_COUNTS: countsPath },
  },
);

// A test that leaves a handle open must not hang a build: once the counts are written, mocha has this long to end.
const grace = 15_000;
let hung = false;
const watch = setInterval(() => {
  if (!existsSync(countsPath)) return;
  clearInterval(watch);
  setTimeout(() => {
    hung = true;
    child.kill("SIGKILL");
  }, grace).unref();
}, 500);

child.once("error", (error) => {
  throw error;
});
child.once("close", (code, signal) => {
  clearInterval(watch);
  let counts = { passed: 0, failed: 0, skipped: 0 };
  const reported = existsSync(countsPath);
  if (reported) counts = JSON.parse(readFileSync(countsPath, "utf8"));
  rmSync(folder, { recursive: true, force: true });
  if (hung) {
    console.log("A test left a handle open: mocha did not end after its last test.");
    counts.failed += 1;
  } else if (counts.failed === 0 && code !== 0) {
    console.log(
      `mocha ended with ${signal ?? `exit code ${code}`}${reported ? "" : " before its last test"}.`,
    );
    counts.failed += 1;
  }
  console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
  process.exitCode = counts.failed === 0 ? 0 : 1;
});
