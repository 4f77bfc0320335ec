/** @file Prometheus's own checker, where it is installed (Debian: the package `prometheus`). */
import { spawnSync } from "node:child_process";

const version = spawnSync("promtool", ["--version"], { encoding: "utf8" });

/** Whether there is one. */
export const hasPromtool = version.status === 0;

/** Runs it; returns what it printed. Throws where it found something. */
export function promtool(options: readonly string[], input = ""): string {
  const { status, stdout, stderr } = spawnSync("promtool", options, { encoding: "utf8", input });
  if (status !== 0) throw new Error(`promtool ${options.join(" ")}: ${stdout}${stderr}`);
  return stdout + stderr;
}
