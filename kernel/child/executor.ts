/**
 * @file Runs cells: evaluates, shows the result, reports errors, and ends early on an interrupt.
 *
 * Every request is answered by exactly one `done`, after all that it printed and showed. What completes after its
 * `done` is dropped.
 */
import { unwindAsyncStack, relaxAsyncHookChecks } from "./async-hooks-guard.ts";
import { childProcessesOf } from "./async-children.ts";
import { CellRequest, currentRequest, runFor, setLatestRequest } from "./cell-request.ts";
import { describeError, InterruptedError } from "./errors/describe-error.ts";
import { registerScript } from "./errors/scripts.ts";
import type { EvaluationOutcome, InspectorEvaluator } from "./inspector-evaluator.ts";
import { recoverOutput, sendMessage } from "./output.ts";
import type { ErrorContent, ExecuteMessage, ExpressionResult, MimeBundle } from "./protocol.ts";
import { renderValue } from "./rich/index.ts";

export class Executor {
  readonly #evaluator: InspectorEvaluator;
  readonly #killProcesses: (pids: readonly number[]) => void;
  readonly #running = new Set<CellRequest>();

  constructor(evaluator: InspectorEvaluator, killProcesses: (pids: readonly number[]) => void) {
    this.#evaluator = evaluator;
    this.#killProcesses = killProcesses;
  }

  /** Starts a cell; it ends with a `done` message. */
  execute(message: ExecuteMessage): void {
    const request = new CellRequest(message);
    const { fileName, map, source, label } = message;
    // The kernel's own snippets, such as magics, have no map: their frames are hidden.
    if (map !== undefined) registerScript(fileName, { map, source, label });
    const start = performance.now();
    this.#begin(request, (error, userExpressions) => {
      const duration = performance.now() - start;
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

  /** Ends running requests, all of them where none is named. Their code may go on after its next await. */
  interrupt(id: string | undefined): void {
    recoverOutput();
    const stopped = [...this.#running].filter((request) => id === undefined || request.id === id);
    const reason = new InterruptedError();
    for (const request of stopped) {
      this.#killProcesses(childProcessesOf(request));
      runFor(request, () => request.abort(reason));
    }
    unwindAsyncStack();
    // One turn for code that ends by itself on the abort signal: its own error says where it was.
    setImmediate(() => {
      for (const request of stopped) request.end?.(describeError(reason));
    });
  }

  #begin(
    request: CellRequest,
    send: (error: ErrorContent | undefined, expressions: Readonly<Record<string, ExpressionResult>>) => void,
  ): void {
    this.#running.add(request);
    setLatestRequest(request);
    relaxAsyncHookChecks();
    request.end = (error, expressions = {}) => {
      request.end = undefined;
      this.#running.delete(request);
      request.result = undefined;
      send(error, expressions);
    };
  }

  #evaluate(
    request: CellRequest,
    code: string,
    fileName: string,
    settled: (outcome: EvaluationOutcome) => void,
  ): void {
    runFor(request, () =>
      this.#evaluator.evaluate(code, fileName, (outcome) => {
        if (request.end !== undefined) runFor(request, () => settled(outcome));
      }),
    );
  }

  #fail(request: CellRequest, outcome: Exclude<EvaluationOutcome, { status: "ok" }>, fileName: string): void {
    if (outcome.status === "terminated") this.#endInterrupted(request);
    else if (outcome.position === undefined) request.end?.(describeError(outcome.value));
    else request.end?.(describeError(outcome.value, { fileName, ...outcome.position }));
  }

  #endInterrupted(request: CellRequest): void {
    const reason = new InterruptedError();
    this.#killProcesses(childProcessesOf(request));
    request.end?.(describeError(reason));
    request.abort(reason);
    this.onTerminated();
  }

  /** Called before each cell's `done`. */
  onCellEnded: () => void = () => undefined;

  /** Called when an evaluation ended because V8 was told to stop it. */
  onTerminated: () => void = () => undefined;

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
