/** @file An editor with a notebook, in front of the relay and a real kernel: sends what VS Code sends, reads what it gets. */
import assert from "node:assert/strict";
import type { DebugProtocol } from "@vscode/debugprotocol";
import * as v from "valibot";
import type { NotebookCells } from "../../../extension/debug/cell-sources.ts";
import type { RequestedBreakpoint } from "../../../extension/debug/dap-message.ts";
import { DebugRelay } from "../../../extension/debug/debug-relay.ts";
import type { KernelClient } from "../../../jupyter/client.ts";

const responseSchema = v.looseObject({
  type: v.literal("response"),
  request_seq: v.number(),
  success: v.boolean(),
  message: v.optional(v.string()),
  body: v.optional(v.unknown()),
});
const eventSchema = v.looseObject({
  type: v.literal("event"),
  event: v.string(),
  body: v.optional(v.record(v.string(), v.unknown()), {}),
});
type Event = v.InferOutput<typeof eventSchema>;

export class DebugEditor {
  readonly relay: DebugRelay;
  readonly texts = new Map<string, string>();
  readonly marks = new Map<string, RequestedBreakpoint[]>();
  readonly events: Event[] = [];
  configured = 0;
  readonly #responses = new Map<number, (response: v.InferOutput<typeof responseSchema>) => void>();
  #seq = 1;
  #wake: () => void = () => undefined;

  constructor(client: KernelClient, { stopsCell = false } = {}) {
    const cells: NotebookCells = {
      list: () => [...this.texts].map(([uri, text]) => ({ uri, name: uri.slice(-1), text })),
      isCell: (uri) => uri.startsWith("vscode-notebook-cell:"),
      breakpoints: (uri) => this.marks.get(uri) ?? [],
      oldTextName: "as it ran",
    };
    this.relay = new DebugRelay({
      client,
      cells,
      stopsCell,
      send: (message) => this.#receive(message),
      onConfigured: () => {
        this.configured += 1;
      },
    });
  }

  /** Gives a cell its text and returns its URI. */
  cell(name: string, text: string): string {
    const uri = `vscode-notebook-cell:/folder/n.ipynb#${name}`;
    this.texts.set(uri, text);
    return uri;
  }

  /** Opens a session, as VS Code does: breakpoints after `initialized`, then the end of the configuration. */
  async open(): Promise<DebugProtocol.Capabilities> {
    const capabilities = await this.request("initialize", {
      clientID: "vscode",
      adapterID: "tenon",
      linesStartAt1: true,
      columnsStartAt1: true,
      supportsVariableType: true,
    });
    await this.request("attach", {});
    await this.event("initialized");
    for (const [uri, breakpoints] of this.marks) await this.mark(uri, breakpoints);
    await this.request("setExceptionBreakpoints", { filters: ["uncaught"] });
    await this.request("configurationDone");
    return capabilities as DebugProtocol.Capabilities;
  }

  async mark(uri: string, breakpoints: RequestedBreakpoint[]): Promise<DebugProtocol.Breakpoint[]> {
    this.marks.set(uri, breakpoints);
    const body = await this.request("setBreakpoints", { source: { path: uri }, breakpoints });
    return (body as DebugProtocol.SetBreakpointsResponse["body"]).breakpoints;
  }

  async respond(command: string, args: object = {}): Promise<v.InferOutput<typeof responseSchema>> {
    const seq = this.#seq++;
    const response = new Promise<v.InferOutput<typeof responseSchema>>((resolve) =>
      this.#responses.set(seq, resolve),
    );
    await this.relay.handle({ seq, type: "request", command, arguments: args });
    return await response;
  }

  async request(command: string, args: object = {}): Promise<unknown> {
    const response = await this.respond(command, args);
    assert.ok(response.success, `${command}: ${response.message ?? ""}`);
    return response.body;
  }

  async frames(): Promise<DebugProtocol.StackFrame[]> {
    const body = await this.request("stackTrace", { threadId: 1 });
    return (body as DebugProtocol.StackTraceResponse["body"]).stackFrames;
  }

  /** Where the program stands: the cell and the line. */
  async where(): Promise<string> {
    const [frame] = await this.frames();
    return `${frame?.source?.path?.split("#")[1] ?? frame?.source?.name ?? ""}:${frame?.line ?? 0}`;
  }

  /** The value of a variable in the innermost scope that has it. */
  async value(name: string): Promise<string | undefined> {
    const [frame] = await this.frames();
    const { scopes } = (await this.request("scopes", {
      frameId: frame?.id,
    })) as DebugProtocol.ScopesResponse["body"];
    for (const { variablesReference } of scopes) {
      const body = await this.request("variables", { variablesReference });
      const { variables } = body as DebugProtocol.VariablesResponse["body"];
      const found = variables.find((variable) => variable.name === name);
      if (found !== undefined) return found.value;
    }
    return undefined;
  }

  /** Waits for an event of this name, takes it and gives its body. */
  async event(name: string): Promise<Event["body"]> {
    for (;;) {
      const index = this.events.findIndex(({ event }) => event === name);
      const [found] = index === -1 ? [] : this.events.splice(index, 1);
      if (found !== undefined) return found.body;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  #receive(message: object): void {
    const response = v.safeParse(responseSchema, message);
    if (response.success) this.#responses.get(response.output.request_seq)?.(response.output);
    else this.events.push(v.parse(eventSchema, message));
    this.#wake();
  }
}
