/** @file The progress of a long training in a notebook: a bar with the losses. Outside one it shows nothing. */
import type { ProgressHandle } from "../../notebook/progress-types.ts";
import { notebookHost } from "../../notebook-host.ts";

const updateMilliseconds = 200;
/** Trainings that are done before need no bar, in milliseconds. */
const barAfter = 1000;

/** Shows rounds. Disposing of it ends the bar, as failed where {@link RoundsDisplay.finish} was not called. */
export class RoundsDisplay implements Disposable {
  readonly #host = notebookHost();
  #bar: ProgressHandle | undefined;
  readonly #rounds: number;
  readonly #metric: string;
  #shownAt = performance.now() + barAfter - updateMilliseconds;
  #isFinished = false;

  constructor(rounds: number, metric: string) {
    this.#rounds = rounds;
    this.#metric = metric;
  }

  /** Takes note of a round. `training` computes the loss of the training's rows and is asked a few times a second. */
  round(round: number, validation: number | undefined, training: () => number): void {
    if (!this.#host?.progress) return;
    const now = performance.now();
    const isLast = this.#bar && round === this.#rounds;
    if (!isLast && now - this.#shownAt < updateMilliseconds) return;
    this.#bar ??= this.#host.progress(this.#rounds, { label: "gradient boosting", unit: "rounds" });
    this.#shownAt = now;
    const shown = `${this.#metric} ${training().toPrecision(4)}`;
    this.#bar.note(validation === undefined ? shown : `${shown}, validation ${validation.toPrecision(4)}`);
    this.#bar.set(round);
  }

  /** The training is done, perhaps before its last round. */
  finish(): void {
    this.#isFinished = true;
    this.#bar?.finish();
  }

  [Symbol.dispose](): void {
    if (!this.#isFinished) this.#bar?.fail();
  }
}
