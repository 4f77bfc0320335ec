/** @file How long the kernel goes on when no client listens to it any more. */
import { log } from "./sockets.ts";

export class Linger {
  readonly #end: () => void;
  #seconds: number | undefined;
  #hasClient = false;
  #timer: NodeJS.Timeout | undefined;

  /** `seconds` without a client, then `end` is called; undefined where the kernel waits for ever. */
  constructor(seconds: number | undefined, end: () => void) {
    this.#end = end;
    this.#seconds = seconds;
    this.#arm();
  }

  /** Changes how long. */
  set(seconds: number | undefined): void {
    this.#seconds = seconds;
    this.#arm();
  }

  /** Tells how many clients listen. */
  clients(count: number): void {
    this.#hasClient = count > 0;
    this.#arm();
  }

  #arm(): void {
    clearTimeout(this.#timer);
    const seconds = this.#seconds;
    if (seconds === undefined || this.#hasClient) return;
    this.#timer = setTimeout(() => {
      log(`no client for ${seconds} seconds: the kernel ends`);
      this.#end();
    }, seconds * 1000);
    this.#timer.unref();
  }
}

/** The seconds that an environment variable names. */
export function lingerSeconds(text: string | undefined): number | undefined {
  const seconds = Number(text);
  return Number.isFinite(seconds) && seconds > 0 ? seconds : undefined;
}
