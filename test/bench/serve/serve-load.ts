/** @file Load from a process of its own: wrk for as much HTTP as goes, `rate-load.ts` at a fixed rate, `http2-load.ts` for gRPC. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import { runCommand, tryCommand } from "../../support/run-command.ts";
import type { Bodies } from "./serve-bodies.ts";

const resultSchema = v.object({
  requests: v.number(),
  seconds: v.number(),
  failed: v.number(),
  p50: v.number(),
  p99: v.number(),
  p999: v.number(),
});

/** What load found: times in milliseconds. */
export type LoadResult = v.InferOutput<typeof resultSchema>;

/** Sends the bodies of HTTP for so many seconds, on each connection one after the other. */
export async function loadHttp(
  url: string,
  path: string,
  bodies: Bodies,
  seconds: number,
  connections = 64,
): Promise<LoadResult> {
  const script = join(import.meta.dirname, "bodies.lua");
  const { file, contentType, headerLength } = bodies;
  const own = [file, path, contentType, headerLength === undefined ? "-" : String(headerLength)];
  const args = [
    "-t1",
    `-c${connections}`,
    `-d${seconds}s`,
    "--timeout",
    "20s",
    "-s",
    script,
    url,
    "--",
    ...own,
  ];
  return parseResult((await runCommand("wrk", args)).stdout);
}

const rateSchema = v.object({ ...resultSchema.entries, late99: v.number() });

/** What load at a fixed rate found; `late99` is how late it came itself to one request in a hundred, in milliseconds. */
export type RateResult = v.InferOutput<typeof rateSchema>;

/** Sends the bodies of HTTP for so many seconds, so many a second. Times run from when a request was due. */
export async function loadHttpAtRate(
  port: number,
  path: string,
  { file, contentType, headerLength }: Bodies,
  rate: number,
  seconds: number,
): Promise<RateResult> {
  const script = join(import.meta.dirname, "rate-load.ts");
  const own = [path, file, contentType, headerLength === undefined ? "-" : String(headerLength)];
  const args = ["--import", "tsx", script, String(port), ...own, String(rate), String(seconds)];
  return v.parse(rateSchema, lastJson((await runCommand(process.execPath, args)).stdout));
}

/** Sends the messages of gRPC for so many seconds, 64 at a time. */
export async function loadGrpc(port: number, bodies: Bodies, seconds: number): Promise<LoadResult> {
  const script = join(import.meta.dirname, "http2-load.ts");
  const args = ["--import", "tsx", script, String(port), bodies.file, String(seconds)];
  return parseResult((await runCommand(process.execPath, args)).stdout);
}

function parseResult(output: string): LoadResult {
  return v.parse(resultSchema, lastJson(output));
}

function lastJson(output: string): unknown {
  return JSON.parse(output.trim().split("\n").at(-1) ?? "");
}

/** Installs wrk where it isn't and Debian's packages are. */
export async function needWrk(): Promise<void> {
  if ((await tryCommand("sh", ["-c", "command -v wrk"])).code === 0) return;
  if (process.getuid?.() !== 0 || !existsSync("/usr/bin/apt-get"))
    throw new Error("the benchmark needs wrk: install it and try again");
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  await runCommand("apt-get", ["update", "-q"], { env });
  await runCommand("apt-get", ["install", "-y", "-q", "--no-install-recommends", "wrk"], { env });
}
