/**
 * @file The request that code runs for. Asynchronous code keeps the request of the cell that started it, so that its
 * late output and errors go there.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import type { ErrorContent, ExecuteMessage, ExpressionResult } from "./protocol.ts";

type Settings = Pick<ExecuteMessage, "request" | "label" | "cellId" | "allowStdin" | "silent" | "hideResult">;

/** One request from its start; it stays after its end, for late output. */
export class CellRequest {
  readonly id: string;
  readonly label: string;
  readonly cellId: string | undefined;
  readonly allowStdin: boolean;
  readonly silent: boolean;
  readonly hideResult: boolean;
  /** The value of the last expression, stored by the compiled cell. */
  result: unknown;
  /** What the cell awaits at its top level: held, so that the cell isn't collected while it waits. */
  awaited: unknown;
  /** Lets go of an evaluation that has not settled. */
  abandon: () => void = () => undefined;
  /** Set until `done` has been sent. */
  end:
    | ((error: ErrorContent | undefined, expressions?: Readonly<Record<string, ExpressionResult>>) => void)
    | undefined;
  /** Outputs that are still being made; the cell ends after them. */
  readonly waits = new Set<Promise<unknown>>();
  #controller: AbortController | undefined;

  constructor(settings: Settings) {
    this.id = settings.request;
    this.label = settings.label;
    this.cellId = settings.cellId;
    this.allowStdin = settings.allowStdin;
    this.silent = settings.silent;
    this.hideResult = settings.hideResult;
  }

  /** Aborted by an interrupt. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    return this.#controller.signal;
  }

  /** True where something may listen to the signal, which is not aborted yet. */
  get canAbort(): boolean {
    return this.#controller?.signal.aborted === false;
  }

  /** True where code has taken the signal. */
  get hasSignal(): boolean {
    return this.#controller !== undefined;
  }

  abort(reason: Error): void {
    this.#controller?.abort(reason);
  }
}

const storage = new AsyncLocalStorage<CellRequest>();

/** Stands for code that runs before any cell. */
let latest = new CellRequest({
  request: "",
  label: "",
  cellId: undefined,
  allowStdin: false,
  silent: false,
  hideResult: true,
});

/** The request of the running code; where none is known, the newest one. */
export function currentRequest(): CellRequest {
  return storage.getStore() ?? latest;
}

/** Makes `request` the newest one. */
export function setLatestRequest(request: CellRequest): void {
  latest = request;
}

/** Runs code for a request. */
export function runFor<T>(request: CellRequest, run: () => T): T {
  return storage.run(request, run);
}
