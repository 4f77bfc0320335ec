/**
 * @file The progress of a fit in a notebook: a bar, and curves of the loss and of each metric, updated in place a few times
 * a second.
 *
 * Outside a notebook it shows nothing. What it keeps doesn't grow with the number of steps.
 */
import { randomUUID } from "node:crypto";
import { notebookHost, type MimeBundle } from "../../notebook-host.ts";
import type { Epoch } from "./epoch.ts";
import { chartSvg, showMeasure, type Chart } from "./fit-chart.ts";
import { RunningCurve } from "./running-curve.ts";
import type { StepsResult } from "./training.ts";

const updateMilliseconds = 200;

/** One measure's curves: training by the step, validation by the epoch. */
class Measured {
  readonly training = new RunningCurve();
  readonly validation = new RunningCurve();
}

/** The name under which the loss stands among the measures. */
const lossName = "loss";

/** Shows how a fit is getting on. */
export class FitDisplay {
  readonly #id: string = randomUUID();
  readonly #host = notebookHost();
  readonly #epochs: number;
  readonly #stepsPerEpoch: number;
  readonly #started = performance.now();
  readonly #measures = new Map<string, Measured>([[lossName, new Measured()]]);
  #steps = 0;
  #last: Epoch | undefined;
  #shownAt = Number.NEGATIVE_INFINITY;

  constructor(epochs: number, stepsPerEpoch: number) {
    this.#epochs = epochs;
    this.#stepsPerEpoch = stepsPerEpoch;
  }

  /** Takes note of steps. */
  steps({ losses, metrics, metricNames }: StepsResult): void {
    this.#steps += losses.length;
    if (!this.#host) return;
    this.#addSteps(lossName, losses);
    for (const [index, name] of metricNames.entries()) this.#addSteps(name, metrics[index] ?? []);
    if (performance.now() - this.#shownAt >= updateMilliseconds) this.#show();
  }

  /** Takes note of an epoch's end. */
  epoch(result: Epoch): void {
    if (!this.#host) return;
    this.#last = result;
    this.#addValidation(result);
    this.#show();
  }

  /** Takes note of epochs that were before this run. */
  resumed(history: readonly Epoch[]): void {
    this.#steps = history.length * this.#stepsPerEpoch;
    if (!this.#host || history.length === 0) return;
    for (const epoch of history) {
      for (const [name, value] of Object.entries({ ...epoch.metrics, [lossName]: epoch.loss }))
        this.#measure(name).training.add(value, this.#stepsPerEpoch);
      this.#addValidation(epoch);
    }
    this.#last = history.at(-1);
    this.#show();
  }

  #measure(name: string): Measured {
    const known = this.#measures.get(name);
    if (known) return known;
    const measured = new Measured();
    this.#measures.set(name, measured);
    return measured;
  }

  #addSteps(name: string, values: Iterable<number>): void {
    const { training } = this.#measure(name);
    for (const value of values) training.add(value);
  }

  #addValidation({ validation }: Epoch): void {
    if (!validation) return;
    for (const [name, value] of Object.entries({ ...validation.metrics, [lossName]: validation.loss }))
      this.#measure(name).validation.add(value);
  }

  #show(): void {
    if (!this.#host) return;
    const first = this.#shownAt === Number.NEGATIVE_INFINITY;
    this.#shownAt = performance.now();
    if (first) this.#host.display(this.#bundle(), { id: this.#id });
    else this.#host.update(this.#id, this.#bundle());
  }

  #bundle(): MimeBundle {
    const done = Math.min(1, this.#steps / (this.#epochs * this.#stepsPerEpoch));
    const epoch = Math.min(Math.floor(this.#steps / this.#stepsPerEpoch) + 1, this.#epochs);
    const seconds = `${((performance.now() - this.#started) / 1000).toFixed(1)} s`;
    const where = `epoch ${epoch}/${this.#epochs}`;
    const blocks = Math.round(done * 20);
    const percent = `${Math.round(done * 100)}%`;
    const plain = [where, ...this.#texts(), seconds].join(" · ");
    const charts = [...this.#measures].map(([title, measured]) =>
      chartSvg({
        title,
        training: measured.training
          .points()
          .map(({ at, value }) => ({ epoch: at / this.#stepsPerEpoch, value })),
        // The value of an epoch belongs to its end.
        validation: measured.validation.points().map(({ at, value }) => ({ epoch: at + 0.5, value })),
        current: this.#current(title, measured),
        epochs: this.#epochs,
      }),
    );
    return {
      "text/plain": `${"█".repeat(blocks)}${"░".repeat(20 - blocks)} ${percent} ${plain}`,
      "text/html":
        `<div style="max-width:760px;font-variant-numeric:tabular-nums">` +
        `<div style="display:flex;justify-content:space-between"><span>${where}</span><span>${percent} · ${seconds}</span></div>` +
        `<progress max="1" value="${done.toFixed(4)}" style="width:100%;height:8px;accent-color:#3b82f6"></progress>` +
        `<div style="display:flex;flex-wrap:wrap;gap:8px 16px">` +
        `${charts.map((svg) => `<div style="flex:1 1 300px;max-width:${charts.length === 1 ? 520 : 372}px">${svg}</div>`).join("")}</div></div>`,
    };
  }

  /** A measure of the last epoch, or so far. */
  #current(name: string, { training }: Measured): Chart["current"] {
    const last = this.#last;
    return {
      training: last ? measureOf(last, name) : training.points().at(-1)?.value,
      validation: last?.validation && measureOf(last.validation, name),
    };
  }

  #texts(): readonly string[] {
    const texts: string[] = [];
    for (const [name, measured] of this.#measures) {
      const { training, validation } = this.#current(name, measured);
      const ofValidation = name === lossName ? "validation" : `validation ${name}`;
      if (training !== undefined) texts.push(`${name} ${showMeasure(training)}`);
      if (validation !== undefined) texts.push(`${ofValidation} ${showMeasure(validation)}`);
    }
    return texts;
  }
}

function measureOf(measures: Pick<Epoch, "loss" | "metrics">, name: string): number | undefined {
  return name === lossName ? measures.loss : measures.metrics[name];
}
