/** @file The variables of the notebook, for the variable view's comm target and for the debugger. */
import type { CommHost } from "../globals/globals-host.ts";
import { registerVariablesTarget } from "./comm-target.ts";
import { NotebookScope } from "./scope.ts";
import { VariableService } from "./variable-service.ts";

export { VariableService } from "./variable-service.ts";

/** What the executor and the debugger use. */
export interface NotebookVariables {
  readonly service: VariableService;
  /** Call when a cell has ended, before its `done`. */
  cellEnded(): void;
}

/** Call once, after every other global has been defined: what is there already is not the notebook's. */
export function installVariables(comms: CommHost): NotebookVariables {
  const service = new VariableService(new NotebookScope());
  const target = registerVariablesTarget(comms, service);
  return { service, cellEnded: () => target.cellEnded() };
}
