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
  /** Some steps at once, as the library itself takes them, whose losses are all there in the end; gives the last. */
  readonly steps?: (count: number) => Promise<number>;
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

/** How many steps are asked for at once: what `fit` asks for in a twelfth of a second, or less. */
const atOnce = 10;

async function run(trainable: Trainable, steps: number): Promise<Ran> {
  const taken = trainable.steps
    ? await runTogether(trainable.steps, steps)
    : await runSingly(trainable.step, steps);
  const loss = trainable.result?.() ?? taken.loss;
  return {
    seconds: taken.seconds,
    loss: loss === undefined || !Number.isFinite(loss) ? null : loss,
    peakMiB: statusMiB("VmHWM"),
  };
}

interface Taken {
  readonly seconds: number[];
  readonly loss: number | undefined;
}

async function runTogether(some: NonNullable<Trainable["steps"]>, steps: number): Promise<Taken> {
  const seconds: number[] = [];
  let loss: number | undefined;
  for (let start = 0; start < steps; start += atOnce) {
    const count = Math.min(atOnce, steps - start);
    const began = performance.now();
    loss = await some(count);
    const each = (performance.now() - began) / 1000 / count;
    seconds.push(...Array.from({ length: count }, () => each));
  }
  return { seconds, loss };
}

async function runSingly(step: Trainable["step"], steps: number): Promise<Taken> {
  const seconds: number[] = [];
  let loss: number | undefined;
  for (let index = 0; index < steps; index++) {
    const start = performance.now();
    const value = await step();
    seconds.push((performance.now() - start) / 1000);
    if (typeof value === "number") loss = value;
  }
  return { seconds, loss };
}

function statusMiB(name: "VmRSS" | "VmHWM"): number {
  const match = new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(readFileSync("/proc/self/status", "utf8"));
  return Number(match?.[1] ?? 0) / 1024;
}
