/** @file A bar on stderr for work that takes longer than a second; shorter work shows none. */
import { TerminalBars, terminalProgress, type ProgressHandle } from "../../ml/notebook/index.ts";

const patience = 1000;

/** Work whose steps are counted, where they are known. */
export class LongWork implements Disposable {
  #done = 0;
  #bar: ProgressHandle | undefined;
  readonly #timer: NodeJS.Timeout;

  constructor(label: string, total: number | undefined, unit: string) {
    const progress = terminalProgress(new TerminalBars());
    this.#timer = setInterval(() => {
      this.#bar ??= progress(total, { label, unit });
      // Set again, so that the time goes on.
      this.#bar.set(this.#done);
    }, patience);
    this.#timer.unref();
  }

  /** Says how many steps are done. */
  set(done: number): void {
    this.#done = done;
  }

  /** Ends the bar, if there is one. */
  finish(): void {
    clearInterval(this.#timer);
    this.#bar?.finish();
  }

  /** Ends the bar of work that has failed. */
  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#bar?.fail();
  }
}
