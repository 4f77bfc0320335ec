/** @file Tries something in a process of its own, so that a crash of native code is a finding and not the end. */
import { execFile } from "node:child_process";

/** How a trial ended. */
export interface ProbeResult {
  readonly ok: boolean;
  /** What the program printed, or why it failed, in one line. */
  readonly text: string;
}

const timeout = 60_000;

/** Runs a program; it is well when it exits with 0. */
export function probeProgram(program: string, args: readonly string[], cwd?: string): Promise<ProbeResult> {
  return new Promise((resolve) => {
    execFile(
      program,
      args,
      { timeout, windowsHide: true, ...(cwd === undefined ? {} : { cwd }) },
      (error, stdout, stderr) => {
        if (error === null) resolve({ ok: true, text: stdout.trim() });
        else resolve({ ok: false, text: describeFailure(error, stderr) });
      },
    );
  });
}

/** Runs an ES module's text in Node, resolving packages as seen from `root`. */
export function probeModule(code: string, root: string): Promise<ProbeResult> {
  return probeProgram(process.execPath, ["--input-type=module", "--eval", code], root);
}

function describeFailure(
  error: {
    readonly message: string;
    readonly code?: unknown;
    readonly signal?: unknown;
    readonly killed?: unknown;
  },
  stderr: string,
): string {
  if (error.killed === true) return `no answer within ${timeout / 1000} s`;
  if (typeof error.signal === "string") return `it crashed (${error.signal})`;
  if (error.code === "ENOENT") return "not found";
  const lines = stderr.split("\n").map((line) => line.trim());
  return (
    lines.find((line) => /^(?:\w*Error\b|\[?error)/i.test(line)) ??
    lines.find((line) => line !== "") ??
    error.message
  );
}
