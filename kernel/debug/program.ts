/**
 * @file Runs and stops the program: what a stop is worth, and how steps stay in the user's code.
 *
 * V8 can't leave Node's own functions out of a step (they come from a snapshot, without a context), so a step that
 * ends in one goes on: out of it where user code called it, or freely where nothing of the user's is on the stack.
 */
import type { Debugger } from "node:inspector";
import type { Breakpoints } from "./breakpoints.ts";
import type { ExceptionBreakpoints } from "./exceptions.ts";
import type { InspectorClient } from "./inspector-client.ts";
import { RequestError } from "./requests.ts";
import type { Scripts } from "./scripts.ts";
import { Stop } from "./stack.ts";

export type Step = "stepOver" | "stepInto" | "stepOut";

/** Why the program stopped, as DAP names it. */
export interface StopReason {
  readonly reason: "breakpoint" | "step" | "exception" | "pause";
  readonly description: string;
  readonly text?: string;
  readonly breakpointIds: readonly number[];
}

export interface ProgramEvents {
  stopped(stop: Stop, reason: StopReason): void;
  continued(): void | Promise<void>;
}

interface Services {
  readonly client: InspectorClient;
  readonly scripts: Scripts;
  readonly breakpoints: Breakpoints;
  readonly exceptions: ExceptionBreakpoints;
  readonly events: ProgramEvents;
}

/** Steps that the adapter takes by itself before it gives up and lets the program run. */
const patience = 1000;

export class Program {
  readonly #services: Services;
  #stop: Stop | undefined;
  #step: Step | undefined;
  #isPausing = false;
  #taken = 0;
  /** Where the last step began: the same place of the source again is no step. */
  #origin: { readonly source: string; readonly generated: string } | undefined;

  constructor(services: Services) {
    this.#services = services;
  }

  /** The current stop; undefined while the program runs. */
  get stop(): Stop | undefined {
    return this.#stop;
  }

  /** @throws {RequestError} while the program runs. */
  requireStop(): Stop {
    if (this.#stop === undefined)
      throw new RequestError("The program is running; it has to be stopped for this");
    return this.#stop;
  }

  async resume(): Promise<void> {
    this.requireStop();
    this.#forgetStep();
    await this.#leave("Debugger.resume");
  }

  async step(step: Step): Promise<void> {
    const stop = this.requireStop();
    this.#step = step;
    this.#taken = 0;
    this.#origin = placeOf(stop);
    await this.#leave(`Debugger.${step}`);
  }

  /** Stops at the next statement of user code. */
  async pause(): Promise<void> {
    if (this.#stop !== undefined) return;
    this.#isPausing = true;
    this.#taken = 0;
    await this.#services.client.post("Debugger.pause");
  }

  /** The child is no more, or no longer debugged. */
  forget(): void {
    this.#forgetStep();
    if (this.#stop === undefined) return;
    this.#stop = undefined;
    void this.#services.events.continued();
  }

  /** V8 has resumed: after a request of ours, or because an interrupt came. */
  resumed(): void {
    if (this.#stop === undefined) return;
    this.#stop = undefined;
    void this.#services.events.continued();
  }

  /** V8 has stopped; decides whether the user is to see it. */
  async paused(event: Debugger.PausedEventDataType): Promise<void> {
    const { client, breakpoints, exceptions, events } = this.#services;
    const loading = instrumentedScript(event);
    if (loading !== undefined) {
      await breakpoints.scriptStarts(loading);
      if (event.reason === "instrumentation") {
        await client.attempt("Debugger.resume");
        return;
      }
    }
    const stop = new Stop(event, this.#services.scripts);
    const hit = breakpoints.byHandles(event.hitBreakpoints ?? []);
    if (stop.exception !== undefined) {
      if (await exceptions.stopsAt(stop))
        this.#report(stop, exceptionReason(stop, exceptions.isUncaught(stop)), events);
      else await client.attempt(this.#step === undefined ? "Debugger.resume" : `Debugger.${this.#step}`);
      return;
    }
    if (hit.length > 0) {
      const breakpointIds = hit.map(({ id }) => id);
      this.#report(
        stop,
        { reason: "breakpoint", description: "Paused on breakpoint", breakpointIds },
        events,
      );
      return;
    }
    if (this.#step !== undefined || this.#isPausing) {
      const onwards = this.#onwards(stop);
      if (onwards !== undefined) {
        if (onwards === "Debugger.resume") this.#forgetStep();
        await client.attempt(onwards);
        return;
      }
      const reason = this.#step === undefined ? "pause" : "step";
      const description = reason === "pause" ? "Paused" : "Paused after step";
      this.#report(stop, { reason, description, breakpointIds: [] }, events);
      return;
    }
    if (stop.top === undefined) await client.attempt("Debugger.resume");
    else
      this.#report(
        stop,
        { reason: "breakpoint", description: "Paused on debugger statement", breakpointIds: [] },
        events,
      );
  }

  /** The command that brings a step or a pause on to user code; undefined where it is there. */
  #onwards(stop: Stop): "Debugger.resume" | `Debugger.${Step}` | undefined {
    const { scripts } = this.#services;
    const { callFrames } = stop.event;
    const [top] = callFrames;
    this.#taken += 1;
    if (top === undefined || this.#taken > patience) return "Debugger.resume";
    if (!scripts.isUserCode(top.location.scriptId)) {
      if (callFrames.some(({ location }) => scripts.isUserCode(location.scriptId))) return "Debugger.stepOut";
      return this.#isPausing ? "Debugger.stepInto" : "Debugger.resume";
    }
    const step = this.#step ?? "stepInto";
    const again = step === "stepOut" ? "Debugger.stepOver" : (`Debugger.${step}` as const);
    if (scripts.toSource(top.location) === undefined) return again;
    const place = placeOf(stop);
    const isSamePlace = place.source === this.#origin?.source && place.generated !== this.#origin.generated;
    return isSamePlace && step !== "stepOut" ? again : undefined;
  }

  #report(stop: Stop, reason: StopReason, events: ProgramEvents): void {
    this.#forgetStep();
    this.#stop = stop;
    events.stopped(stop, reason);
  }

  #forgetStep(): void {
    this.#step = undefined;
    this.#isPausing = false;
    this.#origin = undefined;
    this.#taken = 0;
  }

  async #leave(command: "Debugger.resume" | `Debugger.${Step}`): Promise<void> {
    this.#stop = undefined;
    await this.#services.events.continued();
    await this.#services.client.post(command);
  }
}

/** Names where a stop is, in the source and in the code, within its depth of the stack. */
function placeOf(stop: Stop): { readonly source: string; readonly generated: string } {
  const { top, event } = stop;
  const location = event.callFrames[0]?.location;
  const depth = event.callFrames.length;
  const position = top?.position;
  return {
    source: `${depth} ${top?.script.id} ${position?.line}:${position?.column}`,
    generated: `${depth} ${location?.scriptId} ${location?.lineNumber}:${location?.columnNumber}`,
  };
}

/** What V8 tells with a stop before a script. */
interface InstrumentationData {
  readonly scriptId?: string;
  readonly reasons?: readonly {
    readonly reason: string;
    readonly auxData?: { readonly scriptId?: string };
  }[];
}

/** The script that V8 is about to run, where it stopped for that. */
function instrumentedScript({ reason, data }: Debugger.PausedEventDataType): string | undefined {
  if (reason !== "instrumentation" && reason !== "ambiguous") return undefined;
  const details: InstrumentationData | undefined = data;
  if (reason === "instrumentation") return details?.scriptId;
  return details?.reasons?.find((part) => part.reason === "instrumentation")?.auxData?.scriptId;
}

function exceptionReason(stop: Stop, isUncaught: boolean): StopReason {
  const { exception } = stop;
  const text = (exception?.description ?? String(exception?.value ?? "")).split("\n    at ")[0] ?? "";
  const description = isUncaught ? "Paused on uncaught exception" : "Paused on exception";
  return { reason: "exception", description, text, breakpointIds: [] };
}
