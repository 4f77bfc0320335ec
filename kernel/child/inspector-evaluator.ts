/**
 * @file Evaluates code in the REPL scope through inspector sessions of the main thread's own.
 *
 * An evaluation whose promise can no longer settle (its code was stopped after an await) must not be left to the
 * garbage collector: the inspector would report that by running JavaScript during the collection, which ends the
 * process. So each running evaluation has a session to itself, which is closed when the evaluation is abandoned.
 */
import { Session } from "node:inspector";
import type { Runtime } from "node:inspector";

/** How an evaluation ended. `terminated`: it was stopped by an interrupt. */
export type EvaluationOutcome =
  | { readonly status: "ok" }
  | { readonly status: "terminated" }
  | { readonly status: "thrown"; readonly value: unknown; readonly position: ScriptPosition | undefined };

/** Where V8 found a syntax error; zero-based. */
export interface ScriptPosition {
  readonly line: number;
  readonly column: number;
}

const objectGroup = "tenon-cell";

export class InspectorEvaluator {
  readonly #idle: EvaluationSession[] = [new EvaluationSession()];

  /** `settled` is called once, unless the evaluation is abandoned first by the function that is given back. */
  evaluate(code: string, fileName: string, settled: (outcome: EvaluationOutcome) => void): () => void {
    const session = this.#idle.pop() ?? new EvaluationSession();
    let isPending = true;
    session.evaluate(`${code}\n//# sourceURL=${fileName}`, (outcome) => {
      if (!isPending) return;
      isPending = false;
      this.#idle.push(session);
      settled(outcome);
    });
    return () => {
      if (!isPending) return;
      isPending = false;
      session.close();
    };
  }
}

class EvaluationSession {
  readonly #session = new Session();
  #globalObjectId: string | undefined;
  #taken: unknown;

  constructor() {
    this.#session.connect();
  }

  close(): void {
    this.#session.disconnect();
  }

  evaluate(expression: string, settled: (outcome: EvaluationOutcome) => void): void {
    // SAFETY: `replMode` is V8's; the types lack it.
    const parameters = {
      expression,
      replMode: true,
      awaitPromise: true,
      objectGroup,
    } as Runtime.EvaluateParameterType;
    this.#session.post("Runtime.evaluate", parameters, (error, reply) => {
      if (error !== null) settled(endedWithout(error));
      else if (reply.exceptionDetails === undefined) settled({ status: "ok" });
      else settled(this.#thrown(reply.exceptionDetails));
    });
  }

  #thrown(details: Runtime.ExceptionDetails): EvaluationOutcome {
    const { exception } = details;
    if (exception === undefined)
      return { status: "thrown", value: new Error(details.text), position: undefined };
    const value = this.#valueOf(exception);
    const isSyntaxError = exception.className === "SyntaxError";
    const position = isSyntaxError ? { line: details.lineNumber, column: details.columnNumber } : undefined;
    return { status: "thrown", value, position };
  }

  /** The value that a remote object stands for. */
  #valueOf(remote: Runtime.RemoteObject): unknown {
    const argument: Runtime.CallArgument = {};
    if (remote.objectId !== undefined) argument.objectId = remote.objectId;
    else if (remote.unserializableValue !== undefined)
      argument.unserializableValue = remote.unserializableValue;
    else if (remote.type !== "undefined") argument.value = remote.subtype === "null" ? null : remote.value;
    this.#globalObjectId ??= this.#findGlobal();
    const key = Symbol.for("tenon.take");
    Object.defineProperty(globalThis, key, {
      configurable: true,
      value: (value: unknown) => {
        this.#taken = value;
      },
    });
    const functionDeclaration = `function (value) { globalThis[Symbol.for("tenon.take")](value); }`;
    const call = { functionDeclaration, arguments: [argument], objectId: this.#globalObjectId };
    this.#session.post("Runtime.callFunctionOn", call, () => undefined);
    Reflect.deleteProperty(globalThis, key);
    this.#session.post("Runtime.releaseObjectGroup", { objectGroup }, () => undefined);
    const taken = this.#taken;
    this.#taken = undefined;
    return taken;
  }

  #findGlobal(): string {
    let id = "";
    this.#session.post(
      "Runtime.evaluate",
      { expression: "globalThis", objectGroup: "tenon-global" },
      (_error, reply) => {
        id = reply?.result.objectId ?? "";
      },
    );
    return id;
  }
}

/** Nothing that could settle what the cell awaits is left. */
export class NeverSettledError extends Error {
  override readonly name = "NeverSettledError";
}

function endedWithout(error: Error): EvaluationOutcome {
  if (!error.message.includes("collected")) return { status: "terminated" };
  const value = new NeverSettledError("The cell awaits a promise that nothing can settle any more.");
  return { status: "thrown", value, position: undefined };
}
