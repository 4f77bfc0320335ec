/** @file The kernels of the notebooks that are open, by the notebook's URI. */
import { Listeners, type Unsubscribe } from "../../jupyter/listeners.ts";
import type { KernelRecords } from "./kernel-records.ts";
import { type KernelCommand, KernelSession } from "./kernel-session.ts";

export class NotebookKernels {
  readonly records: KernelRecords | undefined;
  readonly #sessions = new Map<string, KernelSession>();
  readonly #opened = new Listeners<readonly [session: KernelSession]>();
  readonly #closed = new Listeners<readonly [session: KernelSession]>();

  /** With `records`, kernels outlive this process for a while, and are found again. */
  constructor(records?: KernelRecords) {
    this.records = records;
  }

  /** The notebook's session, where it has one. */
  get(notebook: string): KernelSession | undefined {
    return this.#sessions.get(notebook);
  }

  /** All sessions. */
  all(): readonly KernelSession[] {
    return [...this.#sessions.values()];
  }

  /** The notebook's session; a new one has no kernel yet. */
  open(notebook: string, command: () => Promise<KernelCommand>): KernelSession {
    const known = this.#sessions.get(notebook);
    if (known !== undefined) return known;
    const session = new KernelSession(notebook, command, this.records);
    this.#sessions.set(notebook, session);
    this.#opened.emit(session);
    return session;
  }

  /** Forgets the notebook's session; its kernel ends, unless it is to go on. */
  async close(notebook: string, goesOn = false): Promise<void> {
    const session = this.#sessions.get(notebook);
    if (session === undefined) return;
    this.#sessions.delete(notebook);
    this.#closed.emit(session);
    if (goesOn) await session.leave("for ever");
    else await session.stop();
  }

  /** The window goes: its kernels go on for as long as it takes to load it anew, or for ever. */
  async leaveAll(goesOn: "for a while" | "for ever" = "for a while"): Promise<void> {
    const sessions = this.all();
    this.#sessions.clear();
    await Promise.all(sessions.map((session) => session.leave(goesOn)));
  }

  /** Called with each new session, before it has a kernel. */
  onOpened(listener: (session: KernelSession) => void): Unsubscribe {
    return this.#opened.add(listener);
  }

  /** Called with each session whose notebook was closed. */
  onClosed(listener: (session: KernelSession) => void): Unsubscribe {
    return this.#closed.add(listener);
  }
}
