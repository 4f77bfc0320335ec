/**
 * @file The kernel's debugger: the Debug Adapter Protocol, as Jupyter carries it, over V8's inspector.
 *
 * It runs in the kernel's parent and speaks to the child's control thread, so it answers while user code runs, loops
 * or is stopped. Nothing is switched on in the child before `attach`, and nothing stays on after `disconnect`.
 * `handle` always answers: what can't be done is a response that says why.
 */
import type { Debugger } from "node:inspector";
import type { DebugProtocol } from "@vscode/debugprotocol";
import * as v from "valibot";
import type { CompiledCell } from "../compile/compiled-cell.ts";
import { forgetHits, logBinding } from "./breakpoint-condition.ts";
import { Breakpoints } from "./breakpoints.ts";
import type { Breakpoint } from "./breakpoints.ts";
import { CellDocuments } from "./cell-documents.ts";
import type { CompileCell } from "./cell-documents.ts";
import { Evaluation } from "./evaluation.ts";
import { describeException, exceptionFilters, ExceptionBreakpoints } from "./exceptions.ts";
import { InspectorClient, objectGroups } from "./inspector-client.ts";
import type { InspectorTransport } from "./inspector-client.ts";
import { kernelScripts, libraryScripts } from "./internal-scripts.ts";
import { NotebookVariables } from "./notebook-variables.ts";
import type { Position } from "./position-map.ts";
import { Program } from "./program.ts";
import type { StopReason } from "./program.ts";
import { argumentSchemas, isCommand, RequestError, requestSchema } from "./requests.ts";
import type { Arguments, Command } from "./requests.ts";
import { FrameScopes } from "./scopes.ts";
import { Scripts } from "./scripts.ts";
import type { Stop } from "./stack.ts";
import { Variables } from "./variables.ts";

export type { InspectorTransport } from "./inspector-client.ts";
export type DapResponse = DebugProtocol.Response;
export type DapEvent = DebugProtocol.Event;

export interface DebugAdapterOptions {
  readonly transport: InspectorTransport;
  /** Compiles a cell's text, magics and all, as the executor does. */
  readonly compile: CompileCell;
  /** Publishes an event. */
  readonly emit: (event: DapEvent) => void;
  /** More scripts that are not the user's, as regular expressions on their URLs. */
  readonly internalScripts?: readonly string[];
}

/** JavaScript has one thread for all cells. */
const threadId = 1;
/** Calls that lie behind an `await`, kept by V8 for the stack. */
const asyncDepth = 32;

type Handlers = {
  readonly [C in Command]: (args: Arguments<C>) => object | undefined | Promise<object | undefined>;
};

export class DebugAdapter {
  readonly #client: InspectorClient;
  readonly #emit: (event: DapEvent) => void;
  readonly #documents: CellDocuments;
  readonly #scripts: Scripts;
  readonly #breakpoints: Breakpoints;
  readonly #exceptions: ExceptionBreakpoints;
  readonly #variables: Variables;
  readonly #scopes: FrameScopes;
  readonly #program: Program;
  readonly #evaluation: Evaluation;
  readonly #notebook: NotebookVariables;
  readonly #handlers: Handlers;
  readonly #internalScripts: readonly string[];
  #seq = 1;
  #isAttached = false;
  /** The attachment to a new child, which its first cell waits for. */
  #attaching: Promise<void> = Promise.resolve();
  #justMyCode = true;
  #lineBase = 1;
  #columnBase = 1;
  #hasLogBinding = false;
  #lastException: { readonly stop: Stop; readonly isUncaught: boolean } | undefined;

  constructor({ transport, compile, emit, internalScripts = [] }: DebugAdapterOptions) {
    this.#internalScripts = [...kernelScripts, ...internalScripts];
    this.#emit = emit;
    this.#client = new InspectorClient(transport);
    this.#documents = new CellDocuments(compile);
    this.#scripts = new Scripts(this.#documents, this.#internalScripts);
    this.#breakpoints = new Breakpoints(this.#client, this.#documents, this.#scripts);
    this.#breakpoints.onChanged = (breakpoint) => {
      this.#send("breakpoint", { reason: "changed", breakpoint: this.#breakpoint(breakpoint) });
    };
    this.#exceptions = new ExceptionBreakpoints(this.#client, this.#scripts);
    this.#variables = new Variables(this.#client);
    this.#scopes = new FrameScopes(this.#variables, this.#client);
    this.#program = new Program({
      client: this.#client,
      scripts: this.#scripts,
      breakpoints: this.#breakpoints,
      exceptions: this.#exceptions,
      events: {
        stopped: (stop, reason) => this.#stopped(stop, reason),
        continued: async () => await this.#continued(),
      },
    });
    this.#evaluation = new Evaluation(this.#client, compile);
    this.#notebook = new NotebookVariables(this.#client, this.#variables, this.#evaluation);
    this.#handlers = this.#createHandlers();
    transport.onEvent((method, params) => this.#receive(method, params));
  }

  /** True between `attach` and `disconnect`. */
  get isAttached(): boolean {
    return this.#isAttached;
  }

  /** The name for the scripts of a cell with this text. Cheap; to be used whether debugging is on or not. */
  scriptNameFor(source: string): string {
    return this.#documents.pathOf(source);
  }

  /**
   * Tells that a cell is about to be evaluated under {@link scriptNameFor} its text. Breakpoints are in place when
   * the promise resolves.
   */
  async cellStarts(source: string, compiled: CompiledCell): Promise<void> {
    this.#documents.record(source, compiled);
    if (!this.#isAttached) return;
    await this.#attaching;
    await this.#exceptions.cellStarts();
    await this.#breakpoints.recompiled(this.#documents.pathOf(source));
  }

  /** Another child has taken the place of one that is gone: attaches to it. */
  reset(): void {
    this.#variables.clear();
    this.#hasLogBinding = false;
    this.#program.forget();
    if (!this.#isAttached) return;
    // A failure means that this child went too; the next one brings another reset.
    this.#attaching = this.#attachToChild().catch(() => undefined);
  }

  /** Answers one request of the protocol. Never rejects. */
  async handle(request: unknown): Promise<DapResponse> {
    const parsed = v.safeParse(requestSchema, request);
    if (!parsed.success) return this.#failure(0, "", `Malformed request: ${v.summarize(parsed.issues)}`);
    const { seq, command } = parsed.output;
    if (!isCommand(command)) return this.#failure(seq, command, `Unknown request: ${command}`);
    const args = v.safeParse(argumentSchemas[command], parsed.output.arguments ?? {});
    if (!args.success) return this.#failure(seq, command, `Malformed arguments: ${v.summarize(args.issues)}`);
    try {
      // SAFETY: the arguments were parsed by the command's own schema.
      const handler = this.#handlers[command] as (
        args: unknown,
      ) => object | undefined | Promise<object | undefined>;
      const body = await handler(args.output);
      return this.#response(seq, command, body);
    } catch (error) {
      return this.#failure(seq, command, error instanceof Error ? error.message : String(error));
    }
  }

  #createHandlers(): Handlers {
    const program = this.#program;
    return {
      initialize: ({ clientID, supportsVariableType, linesStartAt1, columnsStartAt1 }) => {
        // JupyterLab's tree shows the value only of variables that have no type, but for Python's own types.
        this.#variables.showsTypes = supportsVariableType && clientID !== "jupyterlab";
        this.#lineBase = linesStartAt1 ? 1 : 0;
        this.#columnBase = columnsStartAt1 ? 1 : 0;
        return capabilities;
      },
      attach: async ({ justMyCode }) => {
        this.#justMyCode = justMyCode;
        await this.#attachToChild();
        this.#send("initialized");
        return undefined;
      },
      configurationDone: () => undefined,
      disconnect: async () => {
        await this.#detach();
        return undefined;
      },
      debugInfo: () => this.#debugInfo(),
      dumpCell: ({ code }) => ({ sourcePath: this.#documents.add(code) }),
      source: async (args) => await this.#source(args),
      threads: () => ({ threads: [{ id: threadId, name: "Notebook" }] }),
      modules: (args) => this.#modules(args),
      setBreakpoints: async (args) => await this.#setBreakpoints(args),
      breakpointLocations: async ({ source, line, endLine = line }) => {
        const locations = await this.#breakpoints.locations(source.path ?? "");
        const first = line - this.#lineBase;
        const last = endLine - this.#lineBase;
        const within = locations.filter(({ source }) => source.line >= first && source.line <= last);
        return { breakpoints: within.map(({ source }) => this.#place(source)) };
      },
      setExceptionBreakpoints: async ({ filters }) => {
        this.#requireAttached();
        await this.#exceptions.set(filters);
        return { breakpoints: filters.map(() => ({ verified: true })) };
      },
      exceptionInfo: async () => {
        const stop = program.requireStop();
        if (this.#lastException?.stop !== stop)
          throw new RequestError("The program did not stop for an exception");
        return await describeException(stop, this.#lastException.isUncaught, this.#client, this.#scripts);
      },
      stackTrace: ({ startFrame = 0, levels = 0 }) => {
        const { frames, total } = program.requireStop().stackFrames(startFrame, levels);
        for (const frame of frames) {
          if (frame.presentationHint !== "label") Object.assign(frame, this.#place(frame));
        }
        return { stackFrames: frames, totalFrames: total };
      },
      scopes: ({ frameId }) => ({ scopes: this.#scopes.list(program.requireStop().frame(frameId)) }),
      variables: async ({ variablesReference, filter, start, count }) => ({
        variables: await this.#variables.get(variablesReference).list({ filter, start, count }),
      }),
      setVariable: async (args) => await this.#setVariable(args),
      setExpression: async ({ expression, value, frameId }) => {
        const text = `${expression} = (${value})`;
        const assigned = await this.#evaluation.evaluate(program.stop, {
          expression: text,
          frameId,
          context: "repl",
        });
        return valueBody(this.#variables.show(expression, assigned, this.#group(), expression));
      },
      evaluate: async ({ expression, frameId, context }) => {
        const value = await this.#evaluation.evaluate(program.stop, { expression, frameId, context });
        const { value: result, ...shown } = valueBody(
          this.#variables.show(expression, value, this.#group(), `(${expression})`, this.#callFrame(frameId)),
        );
        return { ...shown, result: context === "clipboard" ? await this.#evaluation.text(value) : result };
      },
      inspectVariables: async () => ({ variables: await this.#notebook.list() }),
      richInspectVariables: async ({ variableName, frameId }) =>
        await this.#notebook.rich(variableName, program.stop, frameId ?? undefined),
      copyToGlobals: async ({ srcVariableName, dstVariableName, srcFrameId }) => {
        const stop = program.requireStop();
        return valueBody(await this.#notebook.copy(stop, srcVariableName, dstVariableName, srcFrameId));
      },
      continue: async () => {
        await program.resume();
        return { allThreadsContinued: true };
      },
      next: async () => await this.#step("stepOver"),
      stepIn: async () => await this.#step("stepInto"),
      stepOut: async () => await this.#step("stepOut"),
      pause: async () => {
        this.#requireAttached();
        await program.pause();
        return undefined;
      },
    };
  }

  async #attachToChild(): Promise<void> {
    const wasAttached = this.#isAttached;
    if (!wasAttached || this.#program.stop === undefined) this.#scripts.clear(this.#justMyCode);
    // Before the domain is switched on: V8 names all scripts before it answers.
    this.#isAttached = true;
    try {
      // A domain that is on doesn't name its scripts again.
      if (wasAttached && this.#program.stop === undefined) await this.#client.attempt("Debugger.disable");
      await this.#client.post("Debugger.enable");
      await this.#client.post("Debugger.setAsyncCallStackDepth", { maxDepth: asyncDepth });
      const patterns = [...this.#internalScripts, ...(this.#justMyCode ? libraryScripts : [])];
      await this.#client.post("Debugger.setBlackboxPatterns", { patterns });
      if (!wasAttached) return;
      if (this.#program.stop === undefined) await this.#breakpoints.rebind();
      await this.#exceptions.apply();
    } catch (error) {
      this.#isAttached = wasAttached;
      throw error;
    }
  }

  async #detach(): Promise<void> {
    if (!this.#isAttached) return;
    this.#isAttached = false;
    this.#breakpoints.clear();
    this.#exceptions.clear();
    // Switching the domain off lets a stopped program go on.
    await this.#client.attempt("Debugger.disable");
    this.#program.forget();
    await this.#client.attempt("Runtime.evaluate", { expression: forgetHits, silent: true });
    if (this.#hasLogBinding) {
      this.#hasLogBinding = false;
      await this.#client.attempt("Runtime.removeBinding", { name: logBinding });
      await this.#client.attempt("Runtime.evaluate", { expression: `void delete globalThis.${logBinding}` });
    }
    for (const group of Object.values(objectGroups)) await this.#variables.release(group);
    this.#send("terminated");
  }

  #receive(method: string, params: unknown): void {
    if (!this.#isAttached) return;
    switch (method) {
      case "Debugger.scriptParsed": {
        // SAFETY: V8 defines the event's parameters, here and below.
        const script = this.#scripts.add(params as Debugger.ScriptParsedEventDataType);
        this.#breakpoints.scriptParsed(script);
        return;
      }
      case "Debugger.paused":
        this.#program.paused(params as Debugger.PausedEventDataType).catch(() => {
          // The child went while its stop was looked at.
          this.#program.forget();
        });
        return;
      case "Debugger.resumed":
        this.#program.resumed();
        return;
      case "Runtime.bindingCalled":
        this.#logged(params as { readonly name: string; readonly payload: string });
        return;
      default:
    }
  }

  #stopped(stop: Stop, { reason, description, text, breakpointIds }: StopReason): void {
    if (reason === "exception") this.#lastException = { stop, isUncaught: description.includes("uncaught") };
    this.#send("stopped", {
      reason,
      description,
      threadId,
      allThreadsStopped: true,
      ...(text === undefined ? {} : { text }),
      ...(breakpointIds.length === 0 ? {} : { hitBreakpointIds: breakpointIds }),
    });
  }

  async #continued(): Promise<void> {
    this.#lastException = undefined;
    this.#send("continued", { threadId, allThreadsContinued: true });
    await this.#variables.release(objectGroups.paused);
  }

  #logged({ name, payload }: { readonly name: string; readonly payload: string }): void {
    if (name !== logBinding) return;
    const separator = payload.indexOf(":");
    const breakpoint = this.#breakpoints.byId(Number(payload.slice(0, separator)));
    const place =
      breakpoint === undefined
        ? {}
        : { source: { path: breakpoint.path }, ...this.#place(breakpoint.position) };
    this.#send("output", { category: "console", output: `${payload.slice(separator + 1)}\n`, ...place });
  }

  async #setBreakpoints({ source, breakpoints }: Arguments<"setBreakpoints">): Promise<object> {
    this.#requireAttached();
    const { path } = source;
    if (path === undefined) throw new RequestError("Breakpoints need the path of their source");
    if (!this.#hasLogBinding && breakpoints.some(({ logMessage }) => logMessage !== undefined)) {
      await this.#client.post("Runtime.addBinding", { name: logBinding });
      this.#hasLogBinding = true;
    }
    const set = await this.#breakpoints.set(
      path,
      breakpoints.map(({ line, column, ...options }) => ({
        ...options,
        line: Math.max(0, line - this.#lineBase),
        column: column === undefined ? undefined : Math.max(0, column - this.#columnBase),
      })),
    );
    return { breakpoints: set.map((breakpoint) => this.#breakpoint(breakpoint)) };
  }

  async #setVariable({ variablesReference, name, value }: Arguments<"setVariable">): Promise<object> {
    const container = this.#variables.get(variablesReference);
    if (container.assign === undefined) throw new RequestError(`${name} can't be assigned to`);
    const argument = await this.#evaluation.argument(value, container.callFrameId);
    const assigned = await container.assign(name, argument);
    return valueBody(this.#variables.show(name, assigned, container.group, undefined, container.callFrameId));
  }

  async #step(step: "stepOver" | "stepInto" | "stepOut"): Promise<undefined> {
    await this.#program.step(step);
    return undefined;
  }

  async #source({ source, sourceReference }: Arguments<"source">): Promise<object> {
    const reference = sourceReference ?? source?.sourceReference ?? 0;
    const text = source?.path === undefined ? undefined : this.#scripts.textOf(source.path);
    if (text !== undefined) return { content: text, mimeType: "text/x-typescript" };
    const script = this.#scripts.get(String(reference));
    if (script === undefined) throw new RequestError("The source is not available");
    const { scriptSource } = await this.#client.post("Debugger.getScriptSource", { scriptId: script.id });
    return { content: scriptSource, mimeType: "text/javascript" };
  }

  #modules({ startModule = 0, moduleCount = 0 }: Arguments<"modules">): object {
    const files = this.#scripts
      .all()
      .filter(({ id, kind }) => kind !== "cell" && this.#scripts.isUserCode(id));
    const paths = [...new Set(files.flatMap(({ path }) => path ?? []))];
    const end = moduleCount === 0 ? undefined : startModule + moduleCount;
    const modules = paths.map((path, id) => ({ id, path, name: path.split(/[\\/]/).at(-1) ?? path }));
    return { modules: modules.slice(startModule, end), totalModules: modules.length };
  }

  #debugInfo(): object {
    const { hashMethod, hashSeed, prefix, suffix } = this.#documents;
    return {
      isStarted: this.#isAttached,
      hashMethod,
      hashSeed,
      tmpFilePrefix: prefix,
      tmpFileSuffix: suffix,
      breakpoints: this.#breakpoints.entries().map(([source, breakpoints]) => ({
        source,
        breakpoints: breakpoints.map(({ position, requested }) => {
          const { condition, hitCondition, logMessage } = requested;
          const options = Object.entries({ condition, hitCondition, logMessage });
          return {
            line: position.line + this.#lineBase,
            ...Object.fromEntries(options.filter(([, value]) => value !== undefined)),
          };
        }),
      })),
      stoppedThreads: this.#program.stop === undefined ? [] : [threadId],
      richRendering: true,
      exceptionPaths: [],
      copyToGlobals: true,
    };
  }

  #breakpoint({ id, path, position, verified, message }: Breakpoint): DebugProtocol.Breakpoint {
    const why = message === undefined ? {} : { message };
    return { id, verified, source: { path }, ...this.#place(position), ...why };
  }

  #place({ line, column }: Position): { line: number; column: number } {
    return { line: line + this.#lineBase, column: column + this.#columnBase };
  }

  #group(): string {
    return this.#program.stop === undefined ? objectGroups.running : objectGroups.paused;
  }

  #callFrame(frameId: number | undefined): string | undefined {
    const { stop } = this.#program;
    if (stop === undefined) return undefined;
    return (frameId === undefined ? stop.top : stop.frame(frameId))?.call?.callFrameId;
  }

  #requireAttached(): void {
    if (!this.#isAttached) throw new RequestError("The debugger is not attached; send attach first");
  }

  #send(event: string, body?: object): void {
    this.#emit({ seq: this.#seq++, type: "event", event, ...(body === undefined ? {} : { body }) });
  }

  #response(requestSeq: number, command: string, body: object | undefined): DapResponse {
    const response = {
      seq: this.#seq++,
      type: "response",
      request_seq: requestSeq,
      command,
      success: true,
    } as const;
    return body === undefined ? response : { ...response, body };
  }

  #failure(requestSeq: number, command: string, message: string): DapResponse {
    const body = { error: { id: 1, format: message.replaceAll(/[{}]/g, ""), showUser: false } };
    return {
      seq: this.#seq++,
      type: "response",
      request_seq: requestSeq,
      command,
      success: false,
      message,
      body,
    };
  }
}

const capabilities: DebugProtocol.Capabilities = {
  supportsBreakpointLocationsRequest: true,
  supportsClipboardContext: true,
  supportsConditionalBreakpoints: true,
  supportsConfigurationDoneRequest: true,
  supportsDelayedStackTraceLoading: true,
  supportsEvaluateForHovers: true,
  supportsExceptionInfoRequest: true,
  supportsHitConditionalBreakpoints: true,
  supportsLogPoints: true,
  supportsModulesRequest: true,
  supportsSetExpression: true,
  supportsSetVariable: true,
  exceptionBreakpointFilters: [...exceptionFilters],
};

interface AssignedValue {
  readonly value: string;
  readonly type?: string;
  readonly variablesReference: number;
  readonly indexedVariables?: number;
  readonly namedVariables?: number;
}

/** A variable as the answer to an assignment or evaluation. */
function valueBody({
  value,
  type,
  variablesReference,
  indexedVariables,
  namedVariables,
}: DebugProtocol.Variable): AssignedValue {
  const body = type === undefined ? { value, variablesReference } : { value, type, variablesReference };
  return indexedVariables === undefined
    ? body
    : { ...body, indexedVariables, namedVariables: namedVariables ?? 0 };
}
