/** @file Training at length: the networks of the benchmark, each in a process of its own, whose memory is watched. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import * as v from "valibot";
import { median } from "../bench/statistics.ts";
import type { networks } from "../bench/train/our-networks.ts";

/** The name of a network that is trained. */
export type NetworkName = keyof typeof networks;

const reportSchema = v.object({
  samples: v.array(v.object({ step: v.number(), bytes: v.number() })),
  losses: v.tuple([v.number(), v.number()]),
  left: v.number(),
});

/** What a training held. */
export interface TrainingMemory {
  /** Mebibytes after the first 200 steps, or a tenth of all where there are fewer than 2,000. */
  readonly early: number;
  /** Mebibytes at the end. */
  readonly late: number;
}

/**
 * By how many mebibytes the resident memory of a process may differ by chance: garbage, and pages that come and go. Batches
 * that were lost at each step (of the transformer, gradients) would be more than twice as much, in the short form too.
 */
const slack = 48;

/**
 * Trains a network by `fit`. Throws where memory grew beyond what it was early on by more than chance, the loss did not
 * fall, or the runtime still holds anything.
 */
export async function checkTraining(name: NetworkName, steps: number): Promise<TrainingMemory> {
  const { samples, losses, left } = await train(name, steps);
  const earlyStep = Math.min(200, steps / 10);
  const held = (from: number, to: number): number =>
    median(samples.filter(({ step }) => step > from && step <= to).map(({ bytes }) => bytes / 2 ** 20));
  const early = held(earlyStep, 2 * earlyStep);
  const late = held(steps - earlyStep, Number.POSITIVE_INFINITY);
  assert.ok(
    late <= early + slack,
    `${name}: ${late.toFixed(1)} MiB at the end, ${early.toFixed(1)} early on`,
  );
  assert.ok(losses[1] < losses[0], `${name}: the loss went from ${losses[0]} to ${losses[1]}`);
  assert.equal(left, 0, `${name}: the runtime still holds something`);
  return { early, late };
}

async function train(name: NetworkName, steps: number): Promise<v.InferOutput<typeof reportSchema>> {
  const file = join(import.meta.dirname, "training-child.ts");
  const child = spawn(process.execPath, ["--expose-gc", "--import", "tsx", file, name, String(steps)], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, TENON_PROVIDER: "cpu" },
  });
  let [output, errors] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (errors += text));
  await once(child, "close");
  assert.equal(child.exitCode, 0, errors);
  return v.parse(reportSchema, JSON.parse(output));
}
