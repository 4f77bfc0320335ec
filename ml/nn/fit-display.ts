/**
 * @file The progress of a fit in a notebook: a bar and the loss curve, updated in place a few times a second.
 *
 * Outside a notebook it shows nothing.
 */
import { randomUUID } from "node:crypto";
import { notebookHost, type MimeBundle } from "../notebook-host.ts";

/** One epoch of a fit. */
export interface EpochResult {
  /** Counted from 1. */
  readonly epoch: number;
  /** The mean loss of the epoch's training batches. */
  readonly loss: number;
  /** The mean loss of the validation rows after the epoch, where there are any. */
  readonly validationLoss: number | undefined;
  /** How long the epoch took. */
  readonly seconds: number;
}

const updateMilliseconds = 200;
const curvePoints = 120;

/** Shows how a fit is getting on. */
export class FitDisplay {
  readonly #id: string = randomUUID();
  readonly #host = notebookHost();
  readonly #epochs: number;
  readonly #stepsPerEpoch: number;
  readonly #started = performance.now();
  readonly #losses: number[] = [];
  readonly #results: EpochResult[] = [];
  #shownAt = Number.NEGATIVE_INFINITY;

  constructor(epochs: number, stepsPerEpoch: number) {
    this.#epochs = epochs;
    this.#stepsPerEpoch = stepsPerEpoch;
  }

  /** Takes note of a step's loss. */
  step(loss: number): void {
    this.#losses.push(loss);
    if (performance.now() - this.#shownAt >= updateMilliseconds) this.#show();
  }

  /** Takes note of an epoch's end. */
  epoch(result: EpochResult): void {
    this.#results.push(result);
    this.#show();
  }

  #show(): void {
    if (!this.#host) return;
    const first = this.#shownAt === Number.NEGATIVE_INFINITY;
    this.#shownAt = performance.now();
    if (first) this.#host.display(this.#bundle(), { id: this.#id });
    else this.#host.update(this.#id, this.#bundle());
  }

  #bundle(): MimeBundle {
    const done = this.#losses.length / (this.#epochs * this.#stepsPerEpoch);
    const seconds = (performance.now() - this.#started) / 1000;
    const epoch = Math.min(Math.floor(this.#losses.length / this.#stepsPerEpoch) + 1, this.#epochs);
    const curve = averaged(this.#losses, curvePoints);
    const validation = this.#results.flatMap(({ epoch, validationLoss }) =>
      validationLoss === undefined ? [] : [{ epoch, loss: validationLoss }],
    );
    const caption = [
      `epoch ${epoch}/${this.#epochs}`,
      `loss ${(this.#results.at(-1)?.loss ?? curve.at(-1) ?? Number.NaN).toFixed(4)}`,
      ...validation.slice(-1).map(({ loss }) => `validation ${loss.toFixed(4)}`),
      `${seconds.toFixed(1)} s`,
    ].join(" · ");
    const blocks = Math.round(done * 20);
    return {
      "text/plain": `${"█".repeat(blocks)}${"░".repeat(20 - blocks)} ${Math.round(done * 100)}% ${caption}`,
      "text/html":
        `<div style="max-width:640px"><progress max="1" value="${done.toFixed(4)}" style="width:100%"></progress>` +
        `<div style="font-variant-numeric:tabular-nums">${caption}</div>` +
        `${curveSvg(curve, done, validation, this.#epochs)}</div>`,
    };
  }
}

/** Means of at most `points` runs of equal length: a curve without the noise of single batches. */
function averaged(losses: readonly number[], points: number): number[] {
  const size = Math.ceil(losses.length / points);
  const means: number[] = [];
  for (let start = 0; start < losses.length; start += size) {
    const run = losses.slice(start, start + size);
    means.push(run.reduce((sum, loss) => sum + loss, 0) / run.length);
  }
  return means;
}

function curveSvg(
  curve: readonly number[],
  done: number,
  validation: readonly { readonly epoch: number; readonly loss: number }[],
  epochs: number,
): string {
  const [width, height, left, bottom] = [640, 180, 48, 22];
  const all = [...curve, ...validation.map(({ loss }) => loss)];
  const low = Math.min(...all);
  const span = Math.max(...all) - low || 1;
  const x = (fraction: number): string => (left + fraction * (width - left - 8)).toFixed(1);
  const y = (loss: number): string => (8 + (1 - (loss - low) / span) * (height - bottom - 16)).toFixed(1);
  const line = curve.map((loss, index) => `${x(((index + 0.5) / curve.length) * done)},${y(loss)}`).join(" ");
  const dots = validation.map(
    ({ epoch, loss }) => `<circle cx="${x(epoch / epochs)}" cy="${y(loss)}" r="3.5" fill="#d95f02"/>`,
  );
  const labels = [low, low + span / 2, low + span].map(
    (loss) => `<text x="${left - 6}" y="${Number(y(loss)) + 4}" text-anchor="end">${loss.toFixed(3)}</text>`,
  );
  const legend =
    `<text x="${width - 8}" y="16" text-anchor="end"><tspan fill="#1f77b4">training loss</tspan>` +
    `${validation.length > 0 ? '<tspan fill="#d95f02" dx="10">● validation</tspan>' : ""}</text>`;
  return (
    `<svg viewBox="0 0 ${width} ${height}" width="100%" role="img" aria-label="loss by epoch" font-size="11" fill="currentColor">` +
    `<path d="M${left},8V${height - bottom}H${width - 8}" fill="none" stroke="currentColor" opacity=".35"/>` +
    `<polyline points="${line}" fill="none" stroke="#1f77b4" stroke-width="1.5"/>${dots.join("")}${labels.join("")}${legend}` +
    `<text x="${left}" y="${height - 6}">0</text><text x="${width - 8}" y="${height - 6}" text-anchor="end">${epochs} epochs</text></svg>`
  );
}
