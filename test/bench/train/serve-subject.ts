/** @file The side of a Node process that is compared: it answers the requests of the benchmark. */
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import * as v from "valibot";
import type { TrainCaseName } from "./cases.ts";
import { type Loaded, type Ran, type SubjectRequest, requestSchema } from "./subject-protocol.ts";

/** A case that is ready to run. */
export interface Trainable {
  readonly ready: string;
  readonly compileSeconds: number;
  /** One step, which ends when its result is there: a loss, or nothing where `result` gives it. */
  readonly step: () => Promise<number> | number | Promise<void> | void;
  /** What the steps computed, where reading it is no part of a step. */
  readonly result?: () => number;
}

/** Builds cases and answers until the standard input ends. */
export async function serveSubject(build: (name: TrainCaseName) => Promise<Trainable>): Promise<void> {
  let trainable: Trainable | undefined;
  const answer = async (request: SubjectRequest): Promise<Loaded | Ran> => {
    if ("load" in request) {
      const baseMiB = statusMiB("VmRSS");
      trainable = await build(request.load);
      return { ready: trainable.ready, compileSeconds: trainable.compileSeconds, baseMiB };
    }
    if (!trainable) throw new Error("no case is loaded");
    return run(trainable, request.run);
  };
  for await (const line of createInterface({ input: process.stdin })) {
    let reply: Loaded | Ran | { readonly error: string };
    try {
      reply = await answer(v.parse(requestSchema, JSON.parse(line)));
    } catch (error) {
      reply = { error: (error instanceof Error ? error.message : String(error)).split("\n")[0] ?? "failed" };
    }
    process.stdout.write(`${JSON.stringify(reply)}\n`);
  }
}

async function run({ step, result }: Trainable, steps: number): Promise<Ran> {
  const seconds: number[] = [];
  let loss: number | undefined;
  for (let index = 0; index < steps; index++) {
    const start = performance.now();
    const value = await step();
    seconds.push((performance.now() - start) / 1000);
    if (typeof value === "number") loss = value;
  }
  loss = result?.() ?? loss;
  return {
    seconds,
    loss: loss === undefined || !Number.isFinite(loss) ? null : loss,
    peakMiB: statusMiB("VmHWM"),
  };
}

function statusMiB(name: "VmRSS" | "VmHWM"): number {
  const match = new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(readFileSync("/proc/self/status", "utf8"));
  return Number(match?.[1] ?? 0) / 1024;
}
