/** @file A curve of as many values as come, in little memory: neighbours are averaged as it grows long. */

/** A point of a curve. */
export interface CurvePoint {
  /** In the middle of how many values it stands: 0.5 for the first alone. */
  readonly at: number;
  readonly value: number;
}

const mostPoints = 240;

/** Means of runs of values, all runs of one length, which doubles when there are too many. */
export class RunningCurve {
  #means: number[] = [];
  #size = 1;
  #sum = 0;
  #pending = 0;

  /** Takes a value as so many equal ones; 1 where absent. */
  add(value: number, times = 1): void {
    for (let left = times; left > 0;) {
      const taken = Math.min(left, this.#size - this.#pending);
      this.#sum += value * taken;
      this.#pending += taken;
      left -= taken;
      if (this.#pending === this.#size) this.#close();
    }
  }

  /** The points, the run that has only begun included. */
  points(): readonly CurvePoint[] {
    const whole = this.#means.map((value, index) => ({ at: (index + 0.5) * this.#size, value }));
    if (this.#pending === 0) return whole;
    const at = this.#means.length * this.#size + this.#pending / 2;
    return [...whole, { at, value: this.#sum / this.#pending }];
  }

  #close(): void {
    this.#means.push(this.#sum / this.#size);
    this.#sum = 0;
    this.#pending = 0;
    if (this.#means.length < mostPoints) return;
    this.#means = this.#means.flatMap((value, index) =>
      index % 2 === 0 ? [(value + (this.#means[index + 1] ?? value)) / 2] : [],
    );
    this.#size *= 2;
  }
}
