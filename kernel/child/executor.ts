/**
 * @file Runs cells: evaluates, shows the result, reports errors, and ends early on an interrupt.
 *
 * Every request is answered by exactly one `done`, after all that it printed and showed. What completes after its
 * `done` is dropped.
 */
import { unwindAsyncStack, relaxAsyncHookChecks } from "./async-hooks-guard.ts";
import { childProcessesOf } from "./async-children.ts";
import { CellRequest, currentRequest, runFor, setLatestRequest } from "./cell-request.ts";
import { now, setImmediate, setTimeout } from "./clock.ts";
import { sourceMap } from "../compile/source-map.ts";
import { describeError, InterruptedError } from "./errors/describe-error.ts";
import { registerScript } from "./errors/scripts.ts";
import type { EvaluationOutcome, InspectorEvaluator } from "./inspector-evaluator.ts";
import { requestKey } from "./interrupt-state.ts";
import { recoverOutput, sendMessage } from "./output.ts";
import type { ErrorContent, ExecuteMessage, ExpressionResult, MimeBundle } from "./protocol.ts";
import { renderValue } from "./rich/index.ts";

/** Milliseconds that an interrupted cell has to end by its abort signal. */
const abortGrace = 10;

export class Executor {
  readonly #evaluator: InspectorEvaluator;
  readonly #killProcesses: (pids: readonly number[]) => void;
  readonly #slots: Int32Array;
  readonly #running = new Set<CellRequest>();
  /** The newest of the requests that have ended, and of those that were interrupted before they began. */
  readonly #ended = new RecentIds();
  readonly #stoppedEarly = new RecentIds();

  /** `slots` shows the running requests to the control thread. */
  constructor(
    evaluator: InspectorEvaluator,
    slots: Int32Array,
    killProcesses: (pids: readonly number[]) => void,
  ) {
    this.#evaluator = evaluator;
    this.#slots = slots;
    this.#killProcesses = killProcesses;
  }

  /** Starts a cell; it ends with a `done` message. */
  execute(message: ExecuteMessage): void {
    if (this.#stoppedEarly.delete(message.request)) {
      const error = describeError(new InterruptedError());
      sendMessage({ type: "done", request: message.request, error, userExpressions: {}, duration: 0 });
      return;
    }
    const request = new CellRequest(message);
    const { fileName, map, source, label } = message;
    // The kernel's own snippets, such as magics, have no map: their frames are hidden.
    if (map !== undefined) registerScript(fileName, { map: () => sourceMap(map), source, label });
    const start = now();
    this.#begin(request, (error, userExpressions) => {
      const duration = now() - start;
      this.onCellEnded();
      sendMessage({ type: "done", request: request.id, error, userExpressions, duration });
    });
    this.#evaluate(request, message.code, fileName, (outcome) => {
      if (outcome.status === "ok") void this.#succeed(request, message.userExpressions);
      else this.#fail(request, outcome, fileName);
    });
  }

  /** Runs a handler of the kernel's for a request, such as a comm's. */
  handle(id: string, handler: () => void): void {
    const previous = currentRequest();
    const settings = {
      label: previous.label,
      cellId: undefined,
      allowStdin: false,
      silent: false,
      hideResult: true,
    };
    const request = new CellRequest({ request: id, ...settings });
    this.#begin(request, (error) => {
      sendMessage({ type: "done", request: id, error, userExpressions: {}, duration: 0 });
    });
    runFor(request, () => {
      try {
        handler();
        request.end?.(undefined);
      } catch (error) {
        request.end?.(describeError(error));
      }
    });
  }

  /** True where {@link abort} would run code of the user's. */
  willRunListeners(ids: readonly string[]): boolean {
    return this.#named(ids).some((request) => request.canAbort);
  }

  /** Aborts the signals of running requests. */
  abort(ids: readonly string[]): void {
    const reason = new InterruptedError();
    for (const request of this.#named(ids)) runFor(request, () => request.abort(reason));
  }

  /**
   * Ends running requests. Their code may go on after its next await. Those that have not begun end when they do;
   * those that have ended are let be.
   */
  interrupt(ids: readonly string[]): void {
    recoverOutput();
    const stopped = this.#named(ids);
    for (const id of ids) {
      if (stopped.some((request) => request.id === id) || this.#ended.has(id)) continue;
      this.#stoppedEarly.add(id);
    }
    for (const request of stopped) this.#killProcesses(childProcessesOf(request));
    unwindAsyncStack();
    const end = (): void => {
      for (const request of stopped) request.end?.(describeError(new InterruptedError()));
    };
    // A moment for code that ends by itself on the abort signal: its own error says where it was.
    if (stopped.some((request) => request.hasSignal)) setTimeout(end, abortGrace);
    else setImmediate(end);
  }

  #named(ids: readonly string[]): readonly CellRequest[] {
    return [...this.#running].filter(({ id }) => ids.includes(id));
  }

  #begin(
    request: CellRequest,
    send: (error: ErrorContent | undefined, expressions: Readonly<Record<string, ExpressionResult>>) => void,
  ): void {
    this.#running.add(request);
    const key = requestKey(request.id);
    const slot = this.#slots.indexOf(0);
    if (slot !== -1) this.#slots[slot] = key;
    setLatestRequest(request);
    relaxAsyncHookChecks();
    request.end = (error, expressions = {}) => {
      request.end = undefined;
      this.#running.delete(request);
      if (slot !== -1) this.#slots[slot] = 0;
      this.#ended.add(request.id);
      request.result = undefined;
      request.awaited = undefined;
      request.abandon();
      send(error, expressions);
    };
  }

  #evaluate(
    request: CellRequest,
    code: string,
    fileName: string,
    settled: (outcome: EvaluationOutcome) => void,
  ): void {
    request.abandon = runFor(request, () =>
      this.#evaluator.evaluate(code, fileName, (outcome) => {
        if (request.end !== undefined) runFor(request, () => settled(outcome));
      }),
    );
    // It ended while it was evaluated, for example by its own interrupt.
    if (request.end === undefined) request.abandon();
  }

  #fail(request: CellRequest, outcome: Exclude<EvaluationOutcome, { status: "ok" }>, fileName: string): void {
    if (outcome.status === "terminated") this.#endInterrupted(request);
    else if (outcome.position === undefined) request.end?.(describeError(outcome.value));
    else request.end?.(describeError(outcome.value, { fileName, ...outcome.position }));
  }

  #endInterrupted(request: CellRequest): void {
    this.onTerminated(request.id);
    const reason = new InterruptedError();
    this.#killProcesses(childProcessesOf(request));
    request.end?.(describeError(reason));
    request.abort(reason);
  }

  /** Called before each cell's `done`. */
  onCellEnded: () => void = () => undefined;

  /** Called when an evaluation ended because V8 was told to stop it. */
  onTerminated: (request: string) => void = () => undefined;

  async #succeed(request: CellRequest, expressions: Readonly<Record<string, string>>): Promise<void> {
    try {
      while (request.waits.size > 0) await Promise.allSettled(request.waits);
      const { result } = request;
      if (!request.hideResult && result !== undefined) await this.#show(request, result);
      const results = hasKeys(expressions) ? await this.#expressions(request, expressions) : {};
      request.end?.(undefined, results);
    } catch (error) {
      request.end?.(describeError(error));
    }
  }

  async #show(request: CellRequest, value: unknown): Promise<void> {
    const rendered = renderValue(value, { describeError: errorText });
    const data = isPromise(rendered) ? await rendered : rendered;
    if (request.end === undefined || Object.keys(data).length === 0) return;
    sendMessage({ type: "result", request: request.id, data, metadata: {} });
  }

  async #expressions(
    request: CellRequest,
    expressions: Readonly<Record<string, string>>,
  ): Promise<Record<string, ExpressionResult>> {
    const results: Record<string, ExpressionResult> = {};
    for (const [name, code] of Object.entries(expressions)) {
      request.result = undefined;
      const outcome = await new Promise<EvaluationOutcome>((resolve) => {
        this.#evaluate(request, code, "tenon-expression", resolve);
      });
      if (outcome.status === "ok") {
        results[name] = { status: "ok", data: await renderValue(request.result), metadata: {} };
      } else {
        const error = outcome.status === "thrown" ? outcome.value : new InterruptedError();
        results[name] = { status: "error", ...describeError(error) };
      }
    }
    return results;
  }
}

/** A set that forgets the oldest of many. */
class RecentIds {
  readonly #ids = new Set<string>();

  add(id: string): void {
    this.#ids.add(id);
    for (const oldest of this.#ids) {
      if (this.#ids.size <= 64) return;
      this.#ids.delete(oldest);
    }
  }

  has(id: string): boolean {
    return this.#ids.has(id);
  }

  delete(id: string): boolean {
    return this.#ids.delete(id);
  }
}

/** An error as text, for errors that are shown as values. */
export function errorText(error: unknown): string {
  return describeError(error).traceback.join("\n");
}

function hasKeys(record: object): boolean {
  for (const _key in record) return true;
  return false;
}

function isPromise(value: MimeBundle | Promise<MimeBundle>): value is Promise<MimeBundle> {
  return value instanceof Promise;
}
