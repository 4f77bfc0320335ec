/**
 * @file What magics do, run in the child beside user code, so that interrupts and output work as for any cell.
 *
 * The kernel's parent turns `%time x` and its like into calls of these functions, which it reaches through
 * `globalThis[Symbol.for("tenon.magics")]`.
 */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

/** A shell command of a magic that ended with a non-zero exit code. */
export class CommandFailedError extends Error {
  override readonly name = "CommandFailedError";
}

export interface Magics {
  time<T>(run: () => T | Promise<T>): Promise<T>;
  timeit(run: () => unknown): Promise<void>;
  bash(script: string): Promise<void>;
  npm(args: readonly string[]): Promise<void>;
  env(assignment: string): void;
}

/** The magics of one child. `signal` gives the running cell's abort signal. */
export function createMagics(signal: () => AbortSignal): Magics {
  return {
    time: timeOnce,
    timeit: timeRepeatedly,
    bash: (script) => runCommand("bash", ["-c", script], signal()),
    npm: (args) => runNpm(args, signal()),
    env: setOrShowEnvironment,
  };
}

async function timeOnce<T>(run: () => T | Promise<T>): Promise<T> {
  const cpu = process.cpuUsage();
  const start = performance.now();
  try {
    return await run();
  } finally {
    const wall = performance.now() - start;
    const { user, system } = process.cpuUsage(cpu);
    console.log(`wall ${formatDuration(wall)}, CPU ${formatDuration((user + system) / 1000)}`);
  }
}

const rounds = 7;
const roundMilliseconds = 200;

/** Runs until a round takes long enough to be measured, then seven rounds; prints mean and deviation per loop. */
async function timeRepeatedly(run: () => unknown): Promise<void> {
  let loops = 1;
  while (loops < 1e9) {
    const elapsed = await timeLoops(run, loops);
    if (elapsed >= roundMilliseconds) break;
    loops = elapsed < roundMilliseconds / 20 ? loops * 10 : Math.ceil((loops * roundMilliseconds) / elapsed);
  }
  const perLoop: number[] = [];
  for (let round = 0; round < rounds; round += 1) perLoop.push((await timeLoops(run, loops)) / loops);
  const mean = perLoop.reduce((sum, value) => sum + value, 0) / rounds;
  const deviation = Math.sqrt(perLoop.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (rounds - 1));
  const count = loops.toLocaleString("en");
  console.log(
    `${formatDuration(mean)} ± ${formatDuration(deviation)} per loop (${rounds} runs of ${count} ${loops === 1 ? "loop" : "loops"})`,
  );
}

async function timeLoops(run: () => unknown, loops: number): Promise<number> {
  const start = performance.now();
  for (let loop = 0; loop < loops; loop += 1) {
    const value = run();
    if (value instanceof Promise) await value;
  }
  return performance.now() - start;
}

/** Milliseconds as people write them: `12.3 ms`, `4.56 µs`. */
function formatDuration(milliseconds: number): string {
  if (milliseconds >= 1000) return `${(milliseconds / 1000).toPrecision(3)} s`;
  if (milliseconds >= 1) return `${milliseconds.toPrecision(3)} ms`;
  if (milliseconds >= 1e-3) return `${(milliseconds * 1e3).toPrecision(3)} µs`;
  return `${(milliseconds * 1e6).toPrecision(3)} ns`;
}

/** Into the working directory itself, where npm alone would look for a package.json further up. */
async function runNpm(args: readonly string[], signal: AbortSignal): Promise<void> {
  const options = ["--prefix", process.cwd(), "--no-fund", "--no-audit", "--loglevel=error"];
  const beside = join(dirname(process.execPath), "..", "lib", "node_modules", "npm", "bin", "npm-cli.js");
  if (existsSync(beside)) await runCommand(process.execPath, [beside, ...args, ...options], signal);
  else await runCommand(process.platform === "win32" ? "npm.cmd" : "npm", [...args, ...options], signal);
}

/** Runs a command to its end; its output becomes the cell's. Stops it, and all that it started, on interrupt. */
async function runCommand(command: string, args: readonly string[], signal: AbortSignal): Promise<void> {
  const windowsScript = command.endsWith(".cmd");
  const child = spawn(command, args, {
    stdio: ["ignore", "pipe", "pipe"],
    detached: process.platform !== "win32",
    shell: windowsScript,
  });
  child.stdout.setEncoding("utf8").on("data", (text: string) => process.stdout.write(text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => process.stderr.write(text));
  const stop = (): void => {
    if (child.pid === undefined) return;
    if (process.platform === "win32") child.kill();
    else process.kill(-child.pid, "SIGTERM");
  };
  signal.addEventListener("abort", stop, { once: true });
  try {
    await new Promise<void>((resolve, reject) => {
      child.once("error", (cause) =>
        reject(new CommandFailedError(`${command} could not be started`, { cause })),
      );
      child.once("close", (code, killedBy) => {
        if (code === 0) resolve();
        else reject(new CommandFailedError(`the command ended with ${killedBy ?? `exit code ${code}`}`));
      });
    });
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

function setOrShowEnvironment(assignment: string): void {
  const equals = assignment.indexOf("=");
  if (assignment === "") {
    // Names only: values are often secrets, and outputs are saved with the notebook.
    console.log(Object.keys(process.env).toSorted().join("\n"));
  } else if (equals < 0) {
    console.log(process.env[assignment] ?? `${assignment} is not set`);
  } else {
    process.env[assignment.slice(0, equals).trim()] = assignment.slice(equals + 1).trim();
  }
}
