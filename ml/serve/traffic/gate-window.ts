/** @file What is known of a version within the last while, and whether it does badly. */
import { CategoryCounts, drift, NumberSketch } from "../../drift/index.ts";
import type { InferenceResponse } from "../inference.ts";
import type { Gates } from "./rules.ts";

/** Elements of one output that are counted; a large batch says no more than its first rows. */
const maxElements = 64;

class Half {
  requests = 0;
  failures = 0;
  readonly seconds = new NumberSketch();
  readonly outputs = new Map<string, NumberSketch | CategoryCounts>();
}

/** The calls of a version within one to two halves of the window. */
export class GateWindow {
  readonly #half: number;
  #current = new Half();
  #previous = new Half();
  #turned: number;

  /** @param now milliseconds of `performance.now()` */
  constructor(windowSeconds: number, now: number) {
    this.#half = windowSeconds * 500;
    this.#turned = now;
  }

  answered(response: InferenceResponse, milliseconds: number): void {
    const half = this.#current;
    half.requests += 1;
    half.seconds.add(milliseconds / 1000);
    for (const { name, data } of response.outputs) {
      let counted = half.outputs.get(name);
      if (!counted)
        half.outputs.set(
          name,
          (counted = typeof data[0] === "string" ? new CategoryCounts() : new NumberSketch()),
        );
      const count = Math.min(data.length, maxElements);
      for (let at = 0; at < count; at++)
        if (counted instanceof NumberSketch) counted.add(Number(data[at]));
        else counted.add(String(data[at]));
    }
  }

  failed(): void {
    this.#current.requests += 1;
    this.#current.failures += 1;
  }

  /** Forgets what is older than the window. */
  turn(now: number): void {
    if (now - this.#turned < this.#half) return;
    this.#previous = now - this.#turned < 2 * this.#half ? this.#current : new Half();
    this.#current = new Half();
    this.#turned = now;
  }

  /** All that is within the window. */
  read(): Half {
    const whole = new Half();
    for (const { requests, failures, seconds, outputs } of [this.#previous, this.#current]) {
      whole.requests += requests;
      whole.failures += failures;
      whole.seconds.merge(seconds);
      for (const [name, counted] of outputs) {
        const before = whole.outputs.get(name);
        if (counted instanceof NumberSketch) {
          const merged = before instanceof NumberSketch ? before : new NumberSketch();
          merged.merge(counted);
          whole.outputs.set(name, merged);
        } else {
          const merged = before instanceof CategoryCounts ? before : new CategoryCounts();
          merged.merge(counted);
          whole.outputs.set(name, merged);
        }
      }
    }
    return whole;
  }
}

/** What is wrong with a version by its gates, compared with the baseline; undefined where nothing is, or too little known. */
export function failedGate(
  gates: Gates,
  version: GateWindow,
  baseline: GateWindow | undefined,
): string | undefined {
  const { minimumRequests, maxErrorRate, maxP99Seconds, maxDrift } = gates;
  const { requests, failures, seconds, outputs } = version.read();
  if (requests < minimumRequests) return undefined;
  const errorRate = failures / requests;
  if (maxErrorRate !== undefined && errorRate > maxErrorRate)
    return `${(errorRate * 100).toPrecision(3)} % of ${requests} calls failed, more than ${maxErrorRate * 100} %`;
  const p99 = seconds.quantile(0.99);
  if (maxP99Seconds !== undefined && p99 > maxP99Seconds)
    return `the 99th percentile of times is ${p99.toPrecision(3)} s, more than ${maxP99Seconds} s`;
  if (maxDrift === undefined || !baseline) return undefined;
  const expected = baseline.read();
  if (expected.requests < minimumRequests) return undefined;
  for (const [name, counted] of outputs) {
    const reference = expected.outputs.get(name);
    if (!reference || reference instanceof NumberSketch !== counted instanceof NumberSketch)
      return `the output ${name} is not the baseline's`;
    const { psi } = drift(reference, counted);
    if (psi > maxDrift)
      return `the output ${name} has moved from the baseline's (population stability index ${psi.toPrecision(3)}, more than ${maxDrift})`;
  }
  return undefined;
}
