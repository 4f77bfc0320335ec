/** @file The part of V8's inspector protocol that the debugger uses, typed. */
import type { Debugger, Runtime } from "node:inspector";

/** Commands to and events from the inspector of the child's main thread. */
export interface InspectorTransport {
  /** Sends one command; rejects with the inspector's message where it fails. */
  post(method: string, params?: Record<string, unknown>): Promise<unknown>;
  onEvent(listener: (method: string, params: unknown) => void): void;
}

interface Evaluated {
  readonly result: Runtime.RemoteObject;
  readonly exceptionDetails?: Runtime.ExceptionDetails;
}

interface Nothing {
  readonly [key: string]: never;
}

interface Results {
  "Debugger.disable": Nothing;
  "Debugger.enable": Nothing;
  "Debugger.evaluateOnCallFrame": Evaluated;
  "Debugger.getPossibleBreakpoints": { readonly locations: readonly Debugger.BreakLocation[] };
  "Debugger.getScriptSource": { readonly scriptSource: string };
  "Debugger.pause": Nothing;
  "Debugger.removeBreakpoint": Nothing;
  "Debugger.resume": Nothing;
  "Debugger.setAsyncCallStackDepth": Nothing;
  "Debugger.setBlackboxPatterns": Nothing;
  "Debugger.setBreakpointByUrl": {
    readonly breakpointId: string;
    readonly locations: readonly Debugger.Location[];
  };
  "Debugger.setInstrumentationBreakpoint": { readonly breakpointId: string };
  "Debugger.setPauseOnExceptions": Nothing;
  "Debugger.setVariableValue": Nothing;
  "Debugger.stepInto": Nothing;
  "Debugger.stepOut": Nothing;
  "Debugger.stepOver": Nothing;
  "Runtime.addBinding": Nothing;
  "Runtime.callFunctionOn": Evaluated;
  "Runtime.evaluate": Evaluated;
  "Runtime.getProperties": {
    readonly result: readonly Runtime.PropertyDescriptor[];
    readonly internalProperties?: readonly Runtime.InternalPropertyDescriptor[];
    readonly privateProperties?: readonly { readonly name: string; readonly value?: Runtime.RemoteObject }[];
    readonly exceptionDetails?: Runtime.ExceptionDetails;
  };
  "Runtime.globalLexicalScopeNames": { readonly names: readonly string[] };
  "Runtime.releaseObjectGroup": Nothing;
  "Runtime.removeBinding": Nothing;
  "Runtime.terminateExecution": Nothing;
}

/** What user code threw while the debugger evaluated it. */
export class EvaluationError extends Error {
  override readonly name = "EvaluationError";
}

/** Object groups: handles of one are released together. */
export const objectGroups = { paused: "tenon.debug.paused", running: "tenon.debug.running" } as const;

/** Posts commands to the inspector. */
export class InspectorClient {
  readonly #transport: InspectorTransport;

  constructor(transport: InspectorTransport) {
    this.#transport = transport;
  }

  async post<M extends keyof Results>(method: M, params: Record<string, unknown> = {}): Promise<Results[M]> {
    // SAFETY: V8 answers its own protocol; the method fixes the result's shape.
    return (await this.#transport.post(method, params)) as Results[M];
  }

  /** Posts a command whose failure changes nothing for the caller. */
  async attempt<M extends keyof Results>(
    method: M,
    params: Record<string, unknown> = {},
  ): Promise<Results[M] | undefined> {
    try {
      return await this.post(method, params);
    } catch {
      return undefined;
    }
  }

  /** Calls a function, given as source text, on a remote object. @throws {EvaluationError} for what it throws. */
  async call(
    objectId: string,
    functionDeclaration: string,
    args: readonly Runtime.CallArgument[] = [],
    options: Record<string, unknown> = {},
  ): Promise<Runtime.RemoteObject> {
    const reply = await this.post("Runtime.callFunctionOn", {
      objectId,
      functionDeclaration,
      arguments: args,
      silent: true,
      ...options,
    });
    return valueOf(reply);
  }
}

/** The value of an evaluation. @throws {EvaluationError} where it threw. */
export function valueOf(evaluated: Evaluated): Runtime.RemoteObject {
  const details = evaluated.exceptionDetails;
  if (details === undefined) return evaluated.result;
  const { exception, text } = details;
  throw new EvaluationError(exception?.description ?? String(exception?.value ?? text));
}
