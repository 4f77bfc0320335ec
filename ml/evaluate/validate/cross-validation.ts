/** @file What a cross-validation found; shows itself in a notebook. */
import { html } from "../../html.ts";
import type { MimeBundle } from "../../notebook-host.ts";

/** One split: what was fitted on its training rows, scored on its test rows. */
export interface Fold<Name extends string = string, Prediction = unknown> {
  readonly train: Uint32Array;
  readonly test: Uint32Array;
  /** What was predicted of the test rows. */
  readonly prediction: Prediction;
  readonly scores: Readonly<Record<Name, number>>;
  /** The scores of the training rows, where they were asked for. */
  readonly trainScores?: Readonly<Record<Name, number>>;
  /** How long the fit took. */
  readonly fitMilliseconds: number;
}

/** The scores of all splits. */
export class CrossValidation<Name extends string = string, Prediction = unknown> {
  readonly folds: readonly Fold<Name, Prediction>[];

  /** @internal */
  constructor(folds: readonly Fold<Name, Prediction>[]) {
    this.folds = folds;
  }

  /** The names of the measures. */
  get names(): readonly Name[] {
    // SAFETY: the scores have these names and no others.
    return Object.keys(this.folds[0]?.scores ?? {}) as Name[];
  }

  /** A measure's score of each split. */
  scores(name: Name): number[] {
    return this.folds.map((fold) => fold.scores[name]);
  }

  /** The mean of a measure over the splits. */
  mean(name: Name): number {
    const scores = this.scores(name);
    return scores.reduce((sum, score) => sum + score, 0) / scores.length;
  }

  /** The standard deviation of a measure over the splits (of the splits, not of their mean). */
  std(name: Name): number {
    const mean = this.mean(name);
    const squares = this.scores(name).map((score) => (score - mean) ** 2);
    return Math.sqrt(squares.reduce((sum, square) => sum + square, 0) / squares.length);
  }

  [Symbol.for("Jupyter.display")](): MimeBundle {
    const cells = this.names.map((name) => [name, short(this.mean(name)), short(this.std(name))] as const);
    const rows = cells.map(
      ([name, mean, std]) =>
        html`<tr>
          <th style="text-align:left">${name}</th>
          <td>${mean}</td>
          <td>± ${std}</td>
        </tr>`,
    );
    const caption = `${this.folds.length} splits: mean and standard deviation`;
    return {
      "text/html": html`<table>
        <caption>
          ${caption}
        </caption>
        ${rows}
      </table>`.text,
      "text/plain": `${caption}\n${cells.map(([name, mean, std]) => `${name} ${mean} ± ${std}`).join("\n")}`,
    };
  }
}

function short(value: number): string {
  return Number(value.toPrecision(4)).toString();
}
