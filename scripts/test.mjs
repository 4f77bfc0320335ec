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
const grep = values.grep === undefined ? [] : ["--grep", values.grep];
const isLeftOut = (path) => values.except !== undefined && path.startsWith(join(values.except, "/"));
const files = positionals.length > 0 ? positionals : allTests().filter((path) => !isLeftOut(path));

// What drives the window of VS Code waits most of the time, so two of its files run side by side.
const isWindowFile = (file) => file.startsWith(join("test", "extension", "ui", "/"));

// These take minutes and look at results and memory, not at delays: they run beside the others.
const isLongFile = (file) =>
  ["docs", "samples", "soak"].some((name) => file.startsWith(join("test", name, "/")));

// A test that leaves a handle open must not hang a build: once the counts are written, mocha has this long to end.
const grace = 15_000;

/** Runs mocha; gives the counts of each file. What it writes is shown as it comes, or kept for `output`. */
async function runMocha(files, output) {
  const folder = mkdtempSync(join(tmpdir(), "tenon-test-"));
  const countsPath = join(folder, "counts.json");
  const child = spawn(
    process.execPath,
    ["--import", "tsx", mocha, "--reporter", join(root, "scripts/mocha-reporter.cjs"), ...grep, ...files],
    {
      cwd: root,
      stdio: ["ignore", ...(output ? ["pipe", "pipe"] : ["inherit", "inherit"])],
      env: { ...process.env, TENON_TEST_COUNTS: countsPath },
    },
  );
  if (output)
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => output.push(text));
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
    if (output) output.push(`${problem}\n`);
    else console.log(problem);
    counts["mocha"] = { passed: 0, failed: 1, skipped: 0 };
  }
  return counts;
}

/** Runs a script of the tests to its end. */
async function runScript(file, output) {
  const args = ["--import", "tsx", join(root, file)];
  await once(spawn(process.execPath, args, { cwd: root, stdio: ["ignore", output, output] }), "close");
}

function sum(counts, outcome) {
  return Object.values(counts).reduce((total, each) => total + each[outcome], 0);
}

const results = [];
const windowFiles = files.filter(isWindowFile);
const longFiles = files.filter(isLongFile);
const others = files.filter((file) => !isWindowFile(file) && !isLongFile(file));
const supportFolder = "test/extension/support";
// Where it fails, `install-window.ts` tries again and tells why.
const server = windowFiles.length > 0 ? runScript(`${supportFolder}/install-server.ts`, "ignore") : undefined;
const longOutput = [];
const long = longFiles.length > 0 ? runMocha(longFiles, longOutput) : undefined;
if (others.length > 0) results.push(await runMocha(others));
if (long !== undefined) {
  results.push(await long);
  for (const text of longOutput) process.stdout.write(text);
}
if (windowFiles.length > 0) {
  await server;
  await runScript(`${supportFolder}/install-window.ts`, "inherit");
  const queue = windowFiles.values();
  const work = async () => {
    for (const file of queue) {
      // What runs beside something else shows what it writes when it has ended, so that lines don't mix.
      const output = [];
      results.push(await runMocha([file], output));
      for (const text of output) process.stdout.write(text);
    }
  };
  await Promise.all([work(), work()]);
  // Until twenty runs in a row have passed without it: a file that failed is run once more, alone.
  for (const [index, counts] of results.entries()) {
    const file = Object.keys(counts).find((path) => isWindowFile(relative(root, path)));
    if (file === undefined || sum(counts, "failed") === 0) continue;
    console.log(`Run once more: ${relative(root, file)}`);
    results[index] = await runMocha([file]);
  }
}
const [passed, failures, skipped] = ["passed", "failed", "skipped"].map((outcome) =>
  results.reduce((total, counts) => total + sum(counts, outcome), 0),
);
console.log(`${passed} passed, ${failures} failed, ${skipped} skipped`);
process.exitCode = failures === 0 ? 0 : 1;
