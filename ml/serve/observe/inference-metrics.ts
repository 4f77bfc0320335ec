/**
 * @file The metrics of calls. Names are Triton's (`nv_inference_*`, by `model` and `version`, times in microseconds) and
 * KServe's (`request_predict_seconds`, by `model_name`) where they have one.
 */
import { requestRows } from "../addressed-request.ts";
import type { ExecutionCounts } from "../engines/engine.ts";
import { ServingError, type ServingErrorKind } from "../inference.ts";
import type { Counter, Histogram, Metrics } from "./metrics.ts";
import type { CallObserver, FinishedCall } from "./observed-infer.ts";

/** Upper bounds of the times of calls, in seconds. */
export const durationBounds: readonly number[] = [
  0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
];

interface VersionCells {
  readonly success: Counter;
  readonly rows: Counter;
  readonly requestTime: Counter;
  readonly executions: Counter;
  readonly queueTime: Counter;
  readonly computeTime: Counter;
  readonly duration: Histogram;
}

/** Counts calls and executions by model and version. */
export class InferenceMetrics implements CallObserver {
  readonly #metrics: Metrics;
  readonly #models = new Map<string, Map<string, VersionCells>>();
  #pending = 0;

  constructor(metrics: Metrics) {
    this.#metrics = metrics;
    metrics.computed(
      {
        name: "nv_inference_pending_request_count",
        help: "Calls that have no answer yet.",
        kind: "gauge",
        merge: "sum",
      },
      () => this.#pending,
    );
  }

  begins(): void {
    this.#pending += 1;
  }

  answered(
    { request, duration }: FinishedCall,
    { model, version }: { readonly model: string; readonly version: string },
  ): void {
    this.#pending -= 1;
    const cells = this.#cells(model, version);
    cells.success.value += 1;
    cells.rows.value += requestRows(request);
    cells.requestTime.value += duration * 1000;
    cells.duration.observe(duration / 1000);
  }

  failed({ request }: FinishedCall, error: unknown): void {
    this.#pending -= 1;
    const kind: ServingErrorKind = error instanceof ServingError ? error.kind : "internal";
    // A name that nobody serves is the caller's invention: a series for each would let callers fill the memory.
    const isKnown = kind !== "not-found" && this.#models.has(request.model);
    this.#metrics.counter("nv_inference_request_failure", "Calls that failed, by reason.", {
      model: isKnown ? request.model : "",
      reason: kind,
    }).value += 1;
  }

  /** Takes what an engine has counted so far. One that was loaded again counts from 0, which Prometheus takes as such. */
  executed(model: string, version: string, { executions, queued, computed }: ExecutionCounts): void {
    const cells = this.#cells(model, version);
    cells.executions.value = executions;
    cells.queueTime.value = queued * 1000;
    cells.computeTime.value = computed * 1000;
  }

  /** Makes the series of a model that was loaded, so that its failures are its own and its counts begin at 0. */
  loaded(model: string, version: string): void {
    this.#cells(model, version);
  }

  #cells(model: string, version: string): VersionCells {
    let versions = this.#models.get(model);
    if (!versions) this.#models.set(model, (versions = new Map()));
    let cells = versions.get(version);
    if (!cells) versions.set(version, (cells = this.#newCells(model, version)));
    return cells;
  }

  #newCells(model: string, version: string): VersionCells {
    const labels = { model, version };
    const counter = (name: string, help: string): Counter => this.#metrics.counter(name, help, labels);
    return {
      success: counter("nv_inference_request_success", "Calls that were answered."),
      rows: counter("nv_inference_count", "Rows that were answered."),
      requestTime: counter("nv_inference_request_duration_us", "Time of answered calls, in microseconds."),
      executions: counter(
        "nv_inference_exec_count",
        "Executions of a model that gathers calls: one for each batch.",
      ),
      queueTime: counter(
        "nv_inference_queue_duration_us",
        "Time that calls waited for a batch, in microseconds.",
      ),
      computeTime: counter("nv_inference_compute_infer_duration_us", "Time of batches, in microseconds."),
      duration: this.#metrics.histogram(
        "request_predict_seconds",
        "Time of answered calls, in seconds.",
        durationBounds,
        { model_name: model, model_version: version },
      ),
    };
  }
}
