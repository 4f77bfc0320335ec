/** @file The kernels of the notebooks that are open, by the notebook's URI. */
import { Listeners, type Unsubscribe } from "../../jupyter/listeners.ts";
import { type KernelCommand, KernelSession } from "./kernel-session.ts";

export class NotebookKernels {
  readonly #sessions = new Map<string, KernelSession>();
  readonly #opened = new Listeners<readonly [session: KernelSession]>();
  readonly #closed = new Listeners<readonly [session: KernelSession]>();

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
    const session = new KernelSession(notebook, command);
    this.#sessions.set(notebook, session);
    this.#opened.emit(session);
    return session;
  }

  /** Ends the notebook's kernel and forgets its session. */
  async close(notebook: string): Promise<void> {
    const session = this.#sessions.get(notebook);
    if (session === undefined) return;
    this.#sessions.delete(notebook);
    this.#closed.emit(session);
    await session.stop();
  }

  /** Ends all kernels. */
  async closeAll(): Promise<void> {
    await Promise.all([...this.#sessions.keys()].map((notebook) => this.close(notebook)));
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
