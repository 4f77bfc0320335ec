/**
 * @file Versions that see calls without answering them. A shadow runs after the answer was given, so many at a time; what is
 * over is left out and counted.
 */
import { addressed } from "../addressed-request.ts";
import type { CallContext, Infer, InferenceRequest, InferenceResponse } from "../inference.ts";
import { compareAnswers } from "./compare-answers.ts";
import type { Shadow } from "./rules.ts";

/** Calls of shadows that run or wait. */
const maxPending = 64;

/** What is known of a shadow. */
export interface ShadowReport {
  /** Calls that it answered. */
  answered: number;
  failed: number;
  /** Calls that were left out because too many waited. */
  dropped: number;
  /** Answers with any element that differs. */
  differentAnswers: number;
  /** Elements that differ. */
  differentElements: number;
  comparedElements: number;
  /** The greatest difference of two numbers. */
  greatestDifference: number;
  /** Milliseconds of its calls, added up. */
  milliseconds: number;
}

/** Has shadows see calls, and compares their answers. */
export class Shadows {
  readonly #next: Infer;
  readonly #random: () => number;
  readonly #reports = new Map<string, Map<string, ShadowReport>>();
  #pending = 0;

  constructor(next: Infer, random: () => number) {
    this.#next = next;
    this.#random = random;
  }

  /** What is known of a model's shadows, by version. */
  reports(model: string): ReadonlyMap<string, ShadowReport> {
    return this.#reports.get(model) ?? new Map<string, ShadowReport>();
  }

  /** Forgets what is known of a model's shadows. */
  forget(model: string): void {
    this.#reports.delete(model);
  }

  /** Has a call's shadows see it. */
  cast(
    shadows: readonly Shadow[],
    request: InferenceRequest,
    context: CallContext,
    response: InferenceResponse,
  ): void {
    for (const shadow of shadows) {
      if (this.#random() >= shadow.share) continue;
      const report = this.#reportOf(request.model, shadow.version);
      if (this.#pending >= maxPending) {
        report.dropped += 1;
        continue;
      }
      this.#pending += 1;
      setImmediate(() => void this.#run(shadow, request, context, response, report));
    }
  }

  async #run(
    { version, tolerance }: Shadow,
    request: InferenceRequest,
    context: CallContext,
    response: InferenceResponse,
    report: ShadowReport,
  ): Promise<void> {
    const begun = performance.now();
    try {
      const answer = await this.#next(addressed(request, request.model, version), {
        protocol: context.protocol,
        caller: context.caller,
        deadline: begun + 30_000,
        signal: undefined,
        priority: -1,
        stickyKey: undefined,
        traceparent: undefined,
      });
      report.milliseconds += performance.now() - begun;
      report.answered += 1;
      const { different, compared, greatest } = compareAnswers(response, answer, tolerance);
      report.comparedElements += compared;
      report.differentElements += different;
      if (different > 0) report.differentAnswers += 1;
      report.greatestDifference = Math.max(report.greatestDifference, greatest);
    } catch {
      report.failed += 1;
    } finally {
      this.#pending -= 1;
    }
  }

  #reportOf(model: string, version: string): ShadowReport {
    let reports = this.#reports.get(model);
    if (!reports) this.#reports.set(model, (reports = new Map()));
    let report = reports.get(version);
    if (!report) reports.set(version, (report = newReport()));
    return report;
  }
}

function newReport(): ShadowReport {
  return {
    answered: 0,
    failed: 0,
    dropped: 0,
    differentAnswers: 0,
    differentElements: 0,
    comparedElements: 0,
    greatestDifference: 0,
    milliseconds: 0,
  };
}
