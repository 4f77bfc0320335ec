/**
 * @file A real child with a debugger: cells run, stop and are looked at as a frontend does it.
 *
 * Stops are read in the order in which they came; each is read once.
 */
import type { DebugProtocol } from "@vscode/debugprotocol";
import { compileCell } from "../../../kernel/compile/compile-cell.ts";
import { DebugAdapter } from "../../../kernel/debug/debug-adapter.ts";
import type { DapEvent, DapResponse } from "../../../kernel/debug/debug-adapter.ts";
import { TestKernel } from "../child/harness.ts";
import type { CellRun } from "../child/harness.ts";

export type Stopped = DebugProtocol.StoppedEvent["body"];
type Line = number | DebugProtocol.SourceBreakpoint;

export class Debuggee {
  readonly kernel: TestKernel;
  readonly adapter: DebugAdapter;
  readonly events: DapEvent[] = [];
  /** Inspector commands that went to the child. */
  readonly posted: string[] = [];
  readonly #waiting = new Set<() => void>();
  #seq = 1;
  #read = 0;

  private constructor(kernel: TestKernel) {
    this.kernel = kernel;
    const { child } = kernel;
    this.adapter = new DebugAdapter({
      transport: {
        post: async (method, params = {}) => {
          this.posted.push(method);
          return await child.inspector(method, params);
        },
        onEvent: (listener) => {
          child.onInspectorEvent = listener;
        },
      },
      compile: compileCell,
      emit: (event) => {
        this.events.push(event);
        this.#wake();
      },
      internalScripts: ["/build/child-[^/]*/"],
    });
  }

  /** Starts a child; unless told otherwise, with the debugger attached. */
  static async start({ attach = true } = {}): Promise<Debuggee> {
    const debuggee = new Debuggee(await TestKernel.start());
    if (attach) await debuggee.attach();
    return debuggee;
  }

  async stop(): Promise<void> {
    await this.kernel.stop();
  }

  async attach(args: object = {}): Promise<void> {
    await this.request("initialize", { clientID: "test", adapterID: "tenon", supportsVariableType: true });
    await this.request("attach", args);
  }

  /** Sends a request and gives its response, whatever it says. */
  async respond(command: string, args?: unknown): Promise<DapResponse> {
    return await this.adapter.handle({ type: "request", seq: this.#seq++, command, arguments: args });
  }

  /** Sends a request that succeeds and gives its body. */
  async request<R extends DebugProtocol.Response>(command: string, args: object = {}): Promise<R["body"]> {
    const response = await this.respond(command, args);
    if (!response.success) throw new Error(`${command}: ${response.message}`);
    return response.body as R["body"];
  }

  /** Starts a cell, as the executor does it. */
  async run(source: string): Promise<CellRun> {
    const fileName = this.adapter.scriptNameFor(source);
    const compiled = compileCell(source, fileName);
    await this.adapter.cellStarts(source, compiled);
    return await this.kernel.finished(this.kernel.start(source, { fileName, ...compiled }));
  }

  /** Sets a cell's breakpoints, as a frontend does it. */
  async breakAt(source: string, ...lines: Line[]): Promise<DebugProtocol.Breakpoint[]> {
    const { sourcePath } = await this.request("dumpCell", { code: source });
    return await this.breakInFile(sourcePath, ...lines);
  }

  async breakInFile(path: string, ...lines: Line[]): Promise<DebugProtocol.Breakpoint[]> {
    const breakpoints = lines.map((line) => (typeof line === "number" ? { line } : line));
    const body = await this.request<DebugProtocol.SetBreakpointsResponse>("setBreakpoints", {
      source: { path },
      breakpoints,
    });
    return body.breakpoints;
  }

  /** Waits for the next stop. */
  async stopped(): Promise<Stopped> {
    const stopped = await this.stoppedOrEnded(new Promise(() => undefined));
    if (stopped === undefined) throw new Error("the cell ended without a stop");
    return stopped;
  }

  /** Waits for the next stop, or for the end of `run`. */
  async stoppedOrEnded(run: Promise<unknown>): Promise<Stopped | undefined> {
    let hasEnded = false;
    void run.then(() => {
      hasEnded = true;
      this.#wake();
    });
    for (;;) {
      while (this.#read < this.events.length) {
        const event = this.events[this.#read++];
        if (event?.event === "stopped") return event.body as Stopped;
      }
      if (hasEnded) return undefined;
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
  }

  /** Waits for an event, past or to come, of this name. */
  async event<E extends DapEvent>(name: E["event"]): Promise<E["body"]> {
    for (;;) {
      const found = this.events.find(({ event }) => event === name);
      if (found !== undefined) return found.body as E["body"];
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
  }

  /** Takes a step and says where it led: `function:line`, or `end`. */
  async step(command: "next" | "stepIn" | "stepOut", run: Promise<unknown>): Promise<string> {
    await this.request(command, { threadId: 1 });
    return (await this.stoppedOrEnded(run)) === undefined ? "end" : await this.where();
  }

  async resume(): Promise<void> {
    await this.request("continue", { threadId: 1 });
  }

  async frames(): Promise<DebugProtocol.StackFrame[]> {
    return (await this.request<DebugProtocol.StackTraceResponse>("stackTrace", { threadId: 1 })).stackFrames;
  }

  async topFrame(): Promise<DebugProtocol.StackFrame> {
    const [frame] = await this.frames();
    if (frame === undefined) throw new Error("there is no frame");
    return frame;
  }

  /** Where the program stands: `function:line`. */
  async where(): Promise<string> {
    const { name, line } = await this.topFrame();
    return `${name}:${line}`;
  }

  async scopes(frameId?: number): Promise<DebugProtocol.Scope[]> {
    const id = frameId ?? (await this.topFrame()).id;
    return (await this.request<DebugProtocol.ScopesResponse>("scopes", { frameId: id })).scopes;
  }

  async scope(name: string, frameId?: number): Promise<DebugProtocol.Scope> {
    const scopes = await this.scopes(frameId);
    const scope = scopes.find((candidate) => candidate.name === name);
    if (scope === undefined)
      throw new Error(`no scope ${name} in ${scopes.map((each) => each.name).join(", ")}`);
    return scope;
  }

  async variables(variablesReference: number, page: object = {}): Promise<DebugProtocol.Variable[]> {
    const args = { variablesReference, ...page };
    return (await this.request<DebugProtocol.VariablesResponse>("variables", args)).variables;
  }

  /** A scope's variables as `name: value`. */
  async values(scopeName: string): Promise<Record<string, string>> {
    return table(await this.variables((await this.scope(scopeName)).variablesReference));
  }

  /** The notebook's variables, without a stop. */
  async notebook(): Promise<DebugProtocol.Variable[]> {
    return (await this.request<DebugProtocol.VariablesResponse>("inspectVariables")).variables;
  }

  async evaluate(expression: string, options: object = {}): Promise<DebugProtocol.EvaluateResponse["body"]> {
    return await this.request<DebugProtocol.EvaluateResponse>("evaluate", {
      expression,
      context: "repl",
      ...options,
    });
  }

  #wake(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const resolve of waiting) resolve();
  }
}

export function table(variables: readonly DebugProtocol.Variable[]): Record<string, string> {
  return Object.fromEntries(variables.map(({ name, value }) => [name, value]));
}
