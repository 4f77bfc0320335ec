/** @file Load from a process of its own: wrk for HTTP, `http2-load.ts` for gRPC. */
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

/** Sends the bodies of HTTP for so many seconds over 64 connections. */
export async function loadHttp(
  url: string,
  path: string,
  bodies: Bodies,
  seconds: number,
): Promise<LoadResult> {
  const script = join(import.meta.dirname, "bodies.lua");
  const { file, contentType, headerLength } = bodies;
  const own = [file, path, contentType, headerLength === undefined ? "-" : String(headerLength)];
  const args = ["-t1", "-c64", `-d${seconds}s`, "--timeout", "20s", "-s", script, url, "--", ...own];
  return parseResult((await runCommand("wrk", args)).stdout);
}

/** Sends the messages of gRPC for so many seconds, 64 at a time. */
export async function loadGrpc(port: number, bodies: Bodies, seconds: number): Promise<LoadResult> {
  const script = join(import.meta.dirname, "http2-load.ts");
  const args = ["--import", "tsx", script, String(port), bodies.file, String(seconds)];
  return parseResult((await runCommand(process.execPath, args)).stdout);
}

function parseResult(output: string): LoadResult {
  return v.parse(resultSchema, JSON.parse(output.trim().split("\n").at(-1) ?? ""));
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
