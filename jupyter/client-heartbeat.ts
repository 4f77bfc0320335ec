/** @file A kernel's heartbeat socket, which answers even while a cell runs. */
import { Dealer } from "zeromq";
import { ClientClosedError, RequestTimeoutError } from "./client-errors.ts";
import { socketOptions } from "./client-channel.ts";
import { type ConnectionInfo, socketAddress } from "./connection-file.ts";

interface Waiting {
  readonly timer: NodeJS.Timeout;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** Sends beats and times their echoes. */
export class Heartbeat {
  readonly #socket: Dealer;
  readonly #waiting = new Map<string, Waiting>();
  #sending: Promise<void> = Promise.resolve();
  #beats = 0;
  #watch: NodeJS.Timeout | undefined;

  constructor(info: ConnectionInfo) {
    this.#socket = new Dealer({ ...socketOptions(info), sendHighWaterMark: 0 });
    this.#socket.connect(socketAddress(info, "hb"));
    void this.#listen();
  }

  /** Milliseconds until the kernel echoed a beat. @throws {RequestTimeoutError, ClientClosedError} */
  beat(timeout: number): Promise<number> {
    this.#beats += 1;
    const name = String(this.#beats);
    const started = performance.now();
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(name);
        reject(new RequestTimeoutError(`no heartbeat within ${timeout} ms`));
      }, timeout);
      this.#waiting.set(name, {
        timer,
        resolve: () => resolve(performance.now() - started),
        reject,
      });
      // The empty frame is the envelope that a REP socket at the other end needs.
      this.#sending = this.#sending.then(() => this.#socket.send(["", name])).catch(() => {});
    });
  }

  /** Beats every `interval` ms and calls `onSilence`, once, when `misses` beats in a row had no echo. */
  watch(interval: number, misses: number, onSilence: () => void): void {
    let missed = 0;
    const check = async (): Promise<void> => {
      try {
        await this.beat(interval);
        missed = 0;
      } catch {
        missed += 1;
      }
      if (this.#socket.closed) return;
      if (missed >= misses) onSilence();
      else wait();
    };
    const wait = (): void => {
      this.#watch = setTimeout(() => void check(), interval);
    };
    wait();
  }

  close(): void {
    clearTimeout(this.#watch);
    this.#socket.close();
    for (const { timer, reject } of this.#waiting.values()) {
      clearTimeout(timer);
      reject(new ClientClosedError("the client was closed"));
    }
    this.#waiting.clear();
  }

  async #listen(): Promise<void> {
    try {
      for await (const frames of this.#socket) {
        const name = frames.at(-1)?.toString() ?? "";
        const waiting = this.#waiting.get(name);
        this.#waiting.delete(name);
        clearTimeout(waiting?.timer);
        waiting?.resolve();
      }
    } catch {
      // The socket was closed under the pending receive.
    }
  }
}
