// Runs mocha over test/ (all of it, or the files named, or all but `--except FOLDER`) and closes with `N passed, N failed, N skipped`.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
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

// What drives the window of VS Code depends on how busy the machine is: such a file that fails is run again, alone, twice at most.
const window = join(root, "test/extension/ui/");

// A test that leaves a handle open must not hang a build: once the counts are written, mocha has this long to end.
const grace = 15_000;

/** Runs mocha; gives the counts of each file. */
async function runMocha(args) {
  const folder = mkdtempSync(join(tmpdir(), "tenon-test-"));
  const countsPath = join(folder, "counts.json");
  const child = spawn(
    process.execPath,
    ["--import", "tsx", mocha, "--reporter", join(root, "scripts/mocha-reporter.cjs"), ...args],
    {
      cwd: root,
      stdio: ["ignore", "inherit", "inherit"],
      env: { ...process.env, TENON_TEST_COUNTS: countsPath },
    },
  );
  let hung = false;
  const watch = setInterval(() => {
    if (!existsSync(countsPath)) return;
    clearInterval(watch);
    setTimeout(() => {
      hung = true;
      child.kill("SIGKILL");
    }, grace).unref();
  }, 500);
  const [code, signal] = await once(child, "close");
  clearInterval(watch);
  const reported = existsSync(countsPath);
  const counts = reported ? JSON.parse(readFileSync(countsPath, "utf8")) : {};
  rmSync(folder, { recursive: true, force: true });
  const problem = hung
    ? "A test left a handle open: mocha did not end after its last test."
    : sum(counts, "failed") === 0 && code !== 0
      ? `mocha ended with ${signal ?? `exit code ${code}`}${reported ? "" : " before its last test"}.`
      : undefined;
  if (problem !== undefined) {
    console.log(problem);
    counts["mocha"] = { passed: 0, failed: 1, skipped: 0 };
  }
  return counts;
}

function sum(counts, outcome) {
  return Object.values(counts).reduce((total, each) => total + each[outcome], 0);
}

const counts = await runMocha(files);
for (let attempt = 0; attempt < 2; attempt++) {
  const failed = Object.keys(counts).filter((file) => counts[file].failed > 0);
  if (failed.length === 0 || !failed.every((file) => file.startsWith(window))) break;
  console.log(`Run once more: ${failed.map((file) => relative(root, file)).join(", ")}`);
  for (const file of failed) delete counts[file];
  Object.assign(counts, await runMocha(failed));
}
const [passed, failures, skipped] = ["passed", "failed", "skipped"].map((outcome) => sum(counts, outcome));
console.log(`${passed} passed, ${failures} failed, ${skipped} skipped`);
process.exitCode = failures === 0 ? 0 : 1;
