/** @file The object through which compiled cells reach the child: imports, `import.meta`, the result, `using`. */
import { runtimeName } from "../compile/repl-scope-name.ts";
import { currentRequest } from "./cell-request.ts";
import type { NotebookModules } from "./modules/notebook-modules.ts";
import { createDisposer } from "./disposer.ts";

/** Options that the compiler writes for a static import. */
interface ImportOptions {
  readonly with?: Record<string, string>;
  /** True where the cell uses the names as types only. */
  readonly optional?: boolean;
}

export function installRuntime(modules: NotebookModules): void {
  const runtime = Object.freeze({
    meta: modules.meta,
    import: (specifier: string, names: readonly string[], options?: ImportOptions) =>
      modules.importNames(specifier, names, options?.with, options?.optional === true),
    load: (specifier: unknown, options?: unknown) => modules.importNamespace(specifier, options),
    usingCtx: createDisposer,
    hold: <T>(value: T): T => {
      currentRequest().awaited = value;
      return value;
    },
    set result(value: unknown) {
      currentRequest().result = value;
    },
  });
  Object.defineProperty(globalThis, runtimeName, { value: runtime });
}
