/**
 * @file One stop of the program: its frames, their scopes and what they hold.
 *
 * Frame ids are valid for one stop only and never used again, so that a late request gets an error, not another
 * frame's variables. Frames of Node's and the kernel's own code are left out.
 */
import type { Debugger, Runtime } from "node:inspector";
import type { DebugProtocol } from "@vscode/debugprotocol";
import { RequestError } from "./requests.ts";
import type { Position } from "./position-map.ts";
import type { Script, Scripts } from "./scripts.ts";

/** A frame as it is shown: of the stack, or of what the program waited for. */
export interface Frame {
  readonly id: number;
  readonly name: string;
  readonly script: Script;
  readonly position: Position;
  /** Undefined for frames that are no longer on the stack. */
  readonly call: Debugger.CallFrame | undefined;
}

/** A line between frames: why what follows is no longer on the stack. */
interface Separator {
  readonly id: number;
  readonly label: string;
}

/** Names in every Node global object, which aren't worth showing. */
export const builtInGlobals: readonly string[] = Object.getOwnPropertyNames(globalThis);

let nextFrameId = 1;

export class Stop {
  readonly event: Debugger.PausedEventDataType;
  readonly #scripts: Scripts;
  readonly #entries: readonly (Frame | Separator)[];

  constructor(event: Debugger.PausedEventDataType, scripts: Scripts) {
    this.event = event;
    this.#scripts = scripts;
    this.#entries = [...this.#callFrames(), ...this.#asyncFrames()];
  }

  /** The frame where the program stands. */
  get top(): Frame | undefined {
    return this.#entries.find((entry) => "script" in entry);
  }

  /** The frames of the stack itself, innermost first. */
  get frames(): readonly Frame[] {
    return this.#entries.filter((entry) => "script" in entry);
  }

  /** What V8 caught, where it stopped for an exception. */
  get exception(): (Runtime.RemoteObject & { readonly uncaught?: boolean }) | undefined {
    const { reason, data } = this.event;
    if (reason !== "exception" && reason !== "promiseRejection") return undefined;
    // SAFETY: for these reasons V8 defines `data` as the thrown value, plus whether it expects a handler.
    return data as (Runtime.RemoteObject & { uncaught?: boolean }) | undefined;
  }

  /** @throws {RequestError} for a frame of another stop. */
  frame(id: number): Frame {
    const entry = this.#entries.find((entry) => entry.id === id);
    if (entry === undefined || !("script" in entry))
      throw new RequestError("There is no such frame at this stop");
    return entry;
  }

  /** The frames as DAP has them; positions are zero-based here. */
  stackFrames(
    start: number,
    levels: number,
  ): { readonly frames: DebugProtocol.StackFrame[]; readonly total: number } {
    const end = levels === 0 ? undefined : start + levels;
    const frames = this.#entries.slice(start, end).map((entry): DebugProtocol.StackFrame => {
      if ("label" in entry)
        return { id: entry.id, name: entry.label, line: 0, column: 0, presentationHint: "label" };
      const { id, name, script, position } = entry;
      const frame: DebugProtocol.StackFrame = {
        id,
        name,
        source: this.#scripts.sourceOf(script),
        line: position.line,
        column: position.column,
      };
      if (entry.call === undefined || script.kind === "library") frame.presentationHint = "subtle";
      return frame;
    });
    return { frames, total: this.#entries.length };
  }

  #callFrames(): Frame[] {
    return this.event.callFrames.flatMap((call) => {
      const script = this.#scripts.get(call.location.scriptId);
      if (script === undefined || this.#scripts.isInternal(script.id)) return [];
      const start =
        call.functionLocation === undefined ? undefined : this.#scripts.toSource(call.functionLocation);
      const position = this.#scripts.toSource(call.location) ?? start ?? { line: 0, column: 0 };
      return [
        { id: nextFrameId++, name: frameName(call.functionName, script, call), script, position, call },
      ];
    });
  }

  #asyncFrames(): (Frame | Separator)[] {
    const shown: (Frame | Separator)[] = [];
    for (let trace = this.event.asyncStackTrace; trace !== undefined; trace = trace.parent) {
      const frames = trace.callFrames.flatMap(
        ({ scriptId, functionName, lineNumber, columnNumber }): Frame[] => {
          const script = this.#scripts.get(scriptId);
          if (script === undefined || this.#scripts.isInternal(scriptId)) return [];
          const position = this.#scripts.toSource({ scriptId, lineNumber, columnNumber });
          if (position === undefined) return [];
          return [
            { id: nextFrameId++, name: frameName(functionName, script), script, position, call: undefined },
          ];
        },
      );
      if (frames.length > 0)
        shown.push({ id: nextFrameId++, label: trace.description ?? "async" }, ...frames);
    }
    return shown;
  }
}

function frameName(name: string, { kind }: Script, call?: Debugger.CallFrame): string {
  if (name !== "") return name;
  const isTopLevel = call === undefined ? true : !call.scopeChain.some(({ type }) => type === "local");
  if (!isTopLevel) return "(anonymous function)";
  return kind === "cell" ? "(cell)" : "(anonymous)";
}
