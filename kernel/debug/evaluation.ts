/** @file Evaluates what people type: in a frame of a stop, or in the notebook's scope. */
import type { Runtime } from "node:inspector";
import { asText, cutLongString, refuseLongString, stringLimit, textLimit } from "./child-functions.ts";
import type { CompileCell } from "./cell-documents.ts";
import { awaits, compileExpression, compileSnippet } from "./expression.ts";
import { objectGroups, valueOf } from "./inspector-client.ts";
import type { InspectorClient } from "./inspector-client.ts";
import { RequestError } from "./requests.ts";
import type { Stop } from "./stack.ts";

/** Milliseconds that an evaluation may keep the main thread. */
const timeout = { hover: 1000, other: 30_000 };

export interface EvaluationRequest {
  readonly expression: string;
  readonly frameId: number | undefined;
  readonly context: string;
}

export class Evaluation {
  readonly #client: InspectorClient;
  readonly #compile: CompileCell;

  constructor(client: InspectorClient, compile: CompileCell) {
    this.#client = client;
    this.#compile = compile;
  }

  /** Evaluates TypeScript at a stop, or in the notebook's scope while the program runs. */
  async evaluate(stop: Stop | undefined, request: EvaluationRequest): Promise<Runtime.RemoteObject> {
    const isHover = request.context === "hover";
    const length = request.context === "clipboard" ? textLimit : stringLimit;
    const limits = { throwOnSideEffect: isHover, timeout: isHover ? timeout.hover : timeout.other };
    if (stop !== undefined) {
      const { code, isExpression } = compileSnippet(request.expression);
      if (awaits(code))
        throw new RequestError(
          "`await` can't be used while the program is stopped: what it waits for is, too",
        );
      const expression = isExpression ? cutLongString(code, length) : code;
      return await this.#inFrame(stop, request.frameId, expression, limits);
    }
    return await this.#inNotebook(request.expression, length, limits);
  }

  /** A value as text to paste. */
  async text(value: Runtime.RemoteObject): Promise<string> {
    if (value.objectId === undefined || value.subtype === "proxy")
      return value.type === "string" ? String(value.value) : (value.description ?? String(value.value));
    const text = await this.#client.call(value.objectId, asText, [{ value: textLimit }]);
    return String(text.value);
  }

  /** Evaluates an expression to be assigned. */
  async argument(text: string, callFrameId: string | undefined): Promise<Runtime.CallArgument> {
    const expression = refuseLongString(compileExpression(text));
    const options = { expression, objectGroup: objectGroups.running, silent: true, timeout: timeout.other };
    const value = valueOf(
      callFrameId === undefined
        ? await this.#client.post("Runtime.evaluate", { ...options, disableBreaks: true })
        : await this.#client.post("Debugger.evaluateOnCallFrame", { ...options, callFrameId }),
    );
    return toArgument(value);
  }

  async #inFrame(
    stop: Stop,
    frameId: number | undefined,
    expression: string,
    limits: object,
  ): Promise<Runtime.RemoteObject> {
    const frame = frameId === undefined ? stop.top : stop.frame(frameId);
    if (frame?.call === undefined) throw new RequestError("This frame is no longer on the stack");
    const { callFrameId } = frame.call;
    const options = {
      callFrameId,
      expression,
      objectGroup: objectGroups.paused,
      generatePreview: true,
      silent: true,
    };
    return valueOf(await this.#client.post("Debugger.evaluateOnCallFrame", { ...options, ...limits }));
  }

  async #inNotebook(text: string, length: number, limits: object): Promise<Runtime.RemoteObject> {
    const snippet = compileSnippet(text);
    const expression = snippet.isExpression
      ? cutLongString(snippet.code, length)
      : this.#compile(text, "tenon-expression").code;
    const options = { expression, objectGroup: objectGroups.running, generatePreview: true, silent: true };
    // REPL mode lets one await and declare; a hover does neither.
    const replMode = !("throwOnSideEffect" in limits && limits.throwOnSideEffect === true);
    const evaluated = await this.#client.post("Runtime.evaluate", {
      ...options,
      ...limits,
      replMode,
      disableBreaks: true,
    });
    return valueOf(evaluated);
  }
}

/** A value as an argument of a call. */
export function toArgument(value: Runtime.RemoteObject): Runtime.CallArgument {
  if (value.objectId !== undefined) return { objectId: value.objectId };
  if (value.unserializableValue !== undefined) return { unserializableValue: value.unserializableValue };
  return value.type === "undefined" ? {} : { value: value.subtype === "null" ? null : value.value };
}
