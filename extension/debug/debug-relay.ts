/**
 * @file Carries the Debug Adapter Protocol between the editor and a notebook's kernel.
 *
 * Every request gets one response, whatever becomes of the kernel. `terminated` is sent once. A kernel that takes the
 * place of another is attached to with the same breakpoints and exception filters, before anything else is asked of it.
 */
import * as v from "valibot";
import type { KernelClient } from "../../jupyter/client.ts";
import type { Unsubscribe } from "../../jupyter/listeners.ts";
import type { Message } from "../../jupyter/message.ts";
import { CellBreakpoints } from "./cell-breakpoints.ts";
import { CellSources, type NotebookCells } from "./cell-sources.ts";
import {
  type Breakpoint,
  DebugRequestError,
  type Event,
  type Request,
  breakpointEventSchema,
  debugInfoSchema,
  eventSchema,
  mapSources,
  requestSchema,
  responseSchema,
  setBreakpointsSchema,
  withSourceSchema,
} from "./dap-message.ts";

export interface DebugRelayOptions {
  readonly client: KernelClient;
  readonly cells: NotebookCells;
  /** Sends to the editor. */
  readonly send: (message: object) => void;
  /** The editor's Stop button ends the cell, whose end ends the session; else it only lets go of the kernel. */
  readonly stopsCell: boolean;
  /** Everything is in place: cells that run from now on are debugged. */
  readonly onConfigured: () => void;
}

type Body = Readonly<Record<string, unknown>>;

export class DebugRelay {
  readonly #options: DebugRelayOptions;
  readonly #sources: CellSources;
  readonly #breakpoints: CellBreakpoints;
  #client: KernelClient;
  #unsubscribe: Unsubscribe;
  #initializeArguments: Body = {};
  #attachArguments: Body | undefined;
  #exceptionArguments: Body | undefined;
  #kernelSeq = 1;
  #seq = 1;
  #isStopped = false;
  #isAttachingAgain = false;
  #hasEnded = false;
  /** Events reach the editor in the kernel's order. */
  #events: Promise<void> = Promise.resolve();

  constructor(options: DebugRelayOptions) {
    this.#options = options;
    this.#client = options.client;
    const ask = async (command: string, args: Body = {}): Promise<Body> => await this.#ask(command, args);
    this.#sources = new CellSources(ask, options.cells);
    this.#breakpoints = new CellBreakpoints(ask, options.cells, this.#sources, (breakpoint) =>
      this.#event("breakpoint", { reason: "changed", breakpoint }),
    );
    this.#unsubscribe = this.#client.onIopub((message) => this.#take(message));
  }

  /** Answers one message of the editor's. Never rejects. */
  async handle(message: unknown): Promise<void> {
    const request = v.safeParse(requestSchema, message);
    if (!request.success) return;
    const { seq, command } = request.output;
    const response = { type: "response", request_seq: seq, command };
    try {
      const body = await this.#answer(request.output);
      this.#send({ ...response, success: true, body });
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      // Where the kernel can't do what was asked, the editor says so where it was asked.
      const format = text.replaceAll(/[{}]/g, "");
      this.#send({ ...response, success: false, message: text, body: { error: { id: 1, format } } });
    }
    if (command === "configurationDone") this.#options.onConfigured();
  }

  /** Among cells of one text, stops are shown in this one. */
  prefer(cell: string): void {
    this.#sources.preferred = cell;
  }

  /** The text of cells has changed. */
  async cellsChanged(): Promise<void> {
    if (this.#attachArguments === undefined || this.#hasEnded) return;
    await this.#breakpoints.refresh().catch(() => undefined);
  }

  /** The kernel is going; {@link attachTo} or {@link end} follows. */
  kernelGone(): void {
    this.#setContinued();
  }

  /** Goes on with another kernel. @throws {DebugRequestError} */
  async attachTo(client: KernelClient): Promise<void> {
    this.#unsubscribe();
    this.#client = client;
    this.#unsubscribe = client.onIopub((message) => this.#take(message));
    if (this.#attachArguments === undefined) return;
    this.#setContinued();
    this.#isAttachingAgain = true;
    try {
      await this.#ask("initialize", this.#initializeArguments);
      await this.#ask("attach", this.#attachArguments);
      await this.#sources.learn();
      if (this.#exceptionArguments !== undefined)
        await this.#ask("setExceptionBreakpoints", this.#exceptionArguments);
      await this.#breakpoints.renew();
    } finally {
      this.#isAttachingAgain = false;
    }
  }

  /** Ends the editor's session. */
  end(): void {
    if (this.#hasEnded) return;
    this.#setContinued();
    this.#hasEnded = true;
    this.#event("terminated", {});
  }

  /** Lets go of the kernel, whose program goes on. */
  async dispose(): Promise<void> {
    this.#hasEnded = true;
    this.#unsubscribe();
    if (this.#attachArguments === undefined) return;
    this.#attachArguments = undefined;
    await this.#ask("disconnect").catch(() => undefined);
  }

  async #answer({ command, arguments: args }: Request): Promise<unknown> {
    switch (command) {
      case "initialize": {
        this.#initializeArguments = args;
        const body = await this.#ask("initialize", args);
        return { ...body, supportsTerminateRequest: this.#options.stopsCell };
      }
      case "launch":
      case "attach": {
        const { justMyCode = true } = args;
        this.#attachArguments = { justMyCode };
        // Its `initialized` has the editor send breakpoints, for which the names have to be known.
        await this.#sources.learn();
        return await this.#ask("attach", this.#attachArguments);
      }
      case "setBreakpoints": {
        const { source, breakpoints } = v.parse(setBreakpointsSchema, args);
        if (source.path === undefined) return await this.#ask(command, args);
        return { breakpoints: await this.#breakpoints.set(source.path, breakpoints) };
      }
      case "setExceptionBreakpoints":
        this.#exceptionArguments = args;
        return await this.#ask(command, args);
      case "breakpointLocations":
      case "source":
        return await this.#askAboutSource(command, args);
      case "terminate":
        // The cell ends, also where it stands at a breakpoint or loops, and with it the session.
        await this.#client.interrupt();
        return undefined;
      case "disconnect":
        this.#attachArguments = undefined;
        return await this.#ask("disconnect");
      default:
        return await this.#outward(await this.#ask(command, args));
    }
  }

  async #askAboutSource(command: string, args: Body): Promise<unknown> {
    const { source, sourceReference, ...rest } = v.parse(withSourceSchema, args);
    const reference = typeof sourceReference === "number" ? sourceReference : source.sourceReference;
    const old = reference === undefined ? undefined : await this.#sources.textAt(reference);
    if (old !== undefined && command === "source") return { content: old, mimeType: "text/x-typescript" };
    const path = source.path === undefined ? undefined : await this.#sources.pathOf(source.path);
    const known = path === undefined ? source : { ...source, path };
    const body = reference === undefined ? rest : { ...rest, sourceReference: reference };
    return await this.#ask(command, { ...body, source: known });
  }

  async #ask(command: string, args: Body = {}): Promise<Body> {
    const seq = this.#kernelSeq++;
    const reply = await this.#client.debug({ type: "request", seq, command, arguments: args });
    const response = v.parse(responseSchema, reply);
    if (!response.success) throw new DebugRequestError(response.message ?? command);
    return response.body ?? {};
  }

  #take({ header, parentHeader, content }: Message): void {
    if (header.msg_type === "status" && content["execution_state"] === "idle") {
      if (this.#isStopped && parentHeader.msg_type === "execute_request") void this.#checkStop();
      return;
    }
    if (header.msg_type !== "debug_event") return;
    const event = v.safeParse(eventSchema, content);
    if (!event.success || this.#hasEnded) return;
    this.#events = this.#events.then(async () => await this.#deliver(event.output)).catch(() => undefined);
  }

  async #deliver({ event, body }: Event): Promise<void> {
    switch (event) {
      case "initialized":
        if (!this.#isAttachingAgain) this.#event(event, body);
        return;
      case "terminated":
        this.end();
        return;
      case "breakpoint": {
        const { breakpoint, ...rest } = v.parse(breakpointEventSchema, body);
        const translated: Breakpoint | undefined = this.#breakpoints.translate(breakpoint);
        if (translated !== undefined) this.#event(event, { ...rest, breakpoint: translated });
        return;
      }
      case "stopped": {
        this.#isStopped = true;
        const ids = body["hitBreakpointIds"];
        const hit = Array.isArray(ids) ? { hitBreakpointIds: this.#breakpoints.translateIds(ids) } : {};
        this.#event(event, { ...body, ...hit });
        return;
      }
      case "continued":
        this.#setContinued();
        return;
      default:
        this.#event(event, await this.#outward(body));
    }
  }

  async #outward(body: Body): Promise<unknown> {
    return await mapSources(body, async (source) => await this.#sources.sourceOf(source));
  }

  /** A cell has ended while the program was taken to be stopped: its process may have gone. */
  async #checkStop(): Promise<void> {
    try {
      const { stoppedThreads } = v.parse(debugInfoSchema, await this.#ask("debugInfo"));
      if (stoppedThreads.length === 0) this.#setContinued();
    } catch {
      // The kernel is gone as well, which is told elsewhere.
    }
  }

  #setContinued(): void {
    if (!this.#isStopped) return;
    this.#isStopped = false;
    this.#event("continued", { threadId: 1, allThreadsContinued: true });
  }

  #event(event: string, body: unknown): void {
    this.#send({ type: "event", event, body });
  }

  #send(message: object): void {
    this.#options.send({ seq: this.#seq++, ...message });
  }
}
