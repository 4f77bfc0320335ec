/** @file The variables of the notebooks that are looked at: asked for when first needed, since each cell then tells them. */
import { Disposable } from "vscode";
import type { KernelSession } from "../../kernels/kernel-session.ts";
import { NotebookVariables } from "../../data/notebook-variables.ts";
import type { Services } from "../../platform/services.ts";

export class DataNotebooks {
  readonly #services: Services;
  readonly #variables = new Map<KernelSession, NotebookVariables>();
  readonly #closed: Disposable;

  constructor(services: Services) {
    this.#services = services;
    this.#closed = new Disposable(
      services.kernels.onClosed((session) => {
        this.#variables.get(session)?.dispose();
        this.#variables.delete(session);
      }),
    );
  }

  /** The notebook's variables; undefined before it has a session. */
  of(notebook: string): NotebookVariables | undefined {
    const session = this.#services.kernels.get(notebook);
    if (session === undefined) return undefined;
    let variables = this.#variables.get(session);
    if (variables === undefined) {
      variables = new NotebookVariables(session, (error) => this.#services.log.error("variables", error));
      this.#variables.set(session, variables);
    }
    return variables;
  }

  /** True where the notebook has a kernel that answers. */
  hasKernel(notebook: string): boolean {
    return this.#services.kernels.get(notebook)?.client !== undefined;
  }

  dispose(): void {
    this.#closed.dispose();
    for (const variables of this.#variables.values()) variables.dispose();
    this.#variables.clear();
  }
}
