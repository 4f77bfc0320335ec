/**
 * @file What has run on a kernel, and whose values the names have.
 *
 * Invariant: a name's binding is the last run that ended well of a cell which defines the name.
 */
import type { SourceNames } from "../../cells/name-graph.ts";
import type { FinishedExecution } from "../kernels/kernel-session.ts";

/** A run of a cell; later runs have a higher order. */
export interface Binding {
  readonly cell: string;
  readonly order: number;
}

/** A cell's runs on this kernel. */
export interface CellRuns {
  /** The last run. */
  readonly last: {
    readonly order: number;
    readonly source: string;
    readonly failed: boolean;
    /** Whose values the names that it used had. */
    readonly inputs: ReadonlyMap<string, Binding>;
  };
  /** The last run that ended well. */
  readonly succeeded: { readonly order: number; readonly defines: ReadonlySet<string> } | undefined;
}

export class RunRecord {
  readonly #runs = new Map<string, CellRuns>();
  readonly #bindings = new Map<string, Binding>();
  #order = 0;

  /** Notes a run; `names` are those of the text that ran. A run that was aborted did not begin. */
  add({ cellId, code, status }: FinishedExecution, { uses, defines }: SourceNames): void {
    if (status === "aborted") return;
    this.#order += 1;
    const order = this.#order;
    const failed = status === "error";
    const inputs = new Map<string, Binding>();
    for (const name of uses) {
      const binding = this.#bindings.get(name);
      if (binding !== undefined) inputs.set(name, binding);
    }
    this.#runs.set(cellId, {
      last: { order, source: code, failed, inputs },
      succeeded: failed ? this.#runs.get(cellId)?.succeeded : { order, defines },
    });
    if (!failed) for (const name of defines) this.#bindings.set(name, { cell: cellId, order });
  }

  /** A fresh kernel: nothing has run on it. */
  clear(): void {
    this.#runs.clear();
    this.#bindings.clear();
  }

  runs(cell: string): CellRuns | undefined {
    return this.#runs.get(cell);
  }

  /** Whose value a name has now. */
  binding(name: string): Binding | undefined {
    return this.#bindings.get(name);
  }
}
