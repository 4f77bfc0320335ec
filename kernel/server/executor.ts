/**
 * @file Runs one cell from source to reply: magics, type check, compile, evaluate, report.
 *
 * Invariants: `busy` comes first and `idle` last of all that a cell publishes while it runs; whatever goes wrong, the
 * requester gets a reply.
 */
import { randomUUID } from "node:crypto";
import type { CellDiagnostic } from "../../cells/types.ts";
import { parseMagics } from "../../cells/magics.ts";
import { CheckerStoppedError } from "../../cells/compiler/native-compiler.ts";
import type { Checker } from "../checker/checker.ts";
import type { ErrorContent, ExpressionResult, MimeBundle } from "../child/protocol.ts";
import { compileCell } from "../compile/compile-cell.ts";
import { CellSyntaxError, type CompiledCell } from "../compile/compiled-cell.ts";
import type { SourceMapParts } from "../compile/source-map.ts";
import type { DebugAdapter } from "../debug/debug-adapter.ts";
import type { ChildHost } from "./child-host.ts";
import { formatProblem } from "./code-frame.ts";
import type { History } from "./history.ts";
import { documentationBundle } from "./inspect.ts";
import { type CheckMode, MagicError, planMagics } from "./magic-code.ts";
import { promisesDone } from "./promises-done.ts";
import type { ExecuteRequest } from "./requests.ts";
import type { KernelSockets, Parent } from "./sockets.ts";

/** How a cell ended, as its reply says it. */
export type ExecuteOutcome =
  | {
      readonly status: "ok";
      readonly userExpressions: Readonly<Record<string, ExpressionResult>>;
      readonly payload: readonly object[];
    }
  | { readonly status: "error"; readonly error: ErrorContent };

/** One request to run a cell. */
export interface Execution {
  readonly content: ExecuteRequest;
  readonly parent: Parent;
  /** The notebook's id of the cell, where the client sends one. */
  readonly cellId: string | undefined;
  /** What it was asked for together with. */
  readonly batch: string | undefined;
}

/** A cell that has begun. */
interface Begun {
  isInterrupted: boolean;
}

interface Services {
  readonly sockets: KernelSockets;
  readonly child: ChildHost;
  readonly checker: Checker;
  readonly history: History;
  readonly debug: DebugAdapter;
}

/** `name?`, `?name` and the like. */
const helpRequest = /^\s*(?:\?{1,2}\s*([\w$.]+)|([\w$.]+)\?{1,2})\s*$/;
/** How many waiting cells are looked at. */
const farthestAhead = 256;

export class Executor {
  readonly #services: Services;
  #count = 0;
  /** The cells that have begun, for interrupts that come before they are with the child. */
  readonly #begun = new Set<Begun>();
  #checkMode: CheckMode = "on";
  /** What of a waiting cell is checked; nothing where it is no plain TypeScript. */
  readonly #plain = new WeakMap<Execution, string>();
  /** Waiting cells that are compiled. */
  readonly #prepared = new WeakMap<Execution, CompiledCell>();

  constructor(services: Services) {
    this.#services = services;
  }

  /** What the library computes on, once it has computed something. */
  get backend(): string | undefined {
    return this.#services.child.backend;
  }

  /** The number of the newest cell that was counted. */
  get executionCount(): number {
    return this.#count;
  }

  /** Cells that have begun and are not with the child yet do not run. */
  interrupt(): void {
    for (const begun of this.#begun) begun.isInterrupted = true;
    this.#services.checker.interrupt();
  }

  /** Waiting cells will not run after the ones that were before them. */
  forgetWaiting(): void {
    this.#services.checker.discardAhead();
  }

  /**
   * Runs one cell; publishes its input, outputs and error, but neither status nor reply. `count` is the cell's own, also
   * where cells of subshells run beside it. While it runs, the first of
   * those that wait behind it are checked.
   */
  async run(
    execution: Execution,
    waiting: readonly Execution[] = [],
  ): Promise<{ readonly outcome: ExecuteOutcome; readonly count: number }> {
    const { content, parent } = execution;
    if (content.code.trim() === "")
      return { outcome: { status: "ok", userExpressions: {}, payload: [] }, count: this.#count };
    const counted = content.store_history && !content.silent;
    if (counted) this.#count += 1;
    const count = this.#count;
    if (!content.silent) {
      this.#services.sockets.publish(parent, "execute_input", { code: content.code, execution_count: count });
    }
    const begun: Begun = { isInterrupted: false };
    this.#begun.add(begun);
    const outcome = await this.#attempt(execution, { count, waiting, begun }).finally(() =>
      this.#begun.delete(begun),
    );
    if (counted) this.#services.history.append(count, content.code, outcome.shown);
    if (outcome.status === "error" && !content.silent) {
      this.#services.sockets.publish(parent, "error", outcome.error);
    }
    return { outcome, count };
  }

  #checkAhead(waiting: readonly Execution[]): void {
    if (this.#checkMode === "off" || waiting.length === 0) return;
    const sources: string[] = [];
    for (const execution of waiting.slice(0, farthestAhead)) {
      const known = this.#plain.get(execution) ?? plainSource(execution.content.code);
      if (known === undefined) break;
      this.#plain.set(execution, known);
      if (known !== "") sources.push(known);
    }
    if (sources.length > 0) this.#services.checker.checkAhead(sources);
  }

  /** Compiles the next cell while the child evaluates one. */
  #compileAhead(next: Execution | undefined): void {
    if (next === undefined || this.#prepared.has(next)) return;
    const { code } = next.content;
    if ((this.#plain.get(next) ?? plainSource(code)) !== code || code === "") return;
    const compiled = tryCompile(code, this.#services.debug.scriptNameFor(code));
    if (!(compiled instanceof CellSyntaxError)) this.#prepared.set(next, compiled);
  }

  async #attempt(
    execution: Execution,
    {
      count,
      waiting,
      begun,
    }: { readonly count: number; readonly waiting: readonly Execution[]; readonly begun: Begun },
  ): Promise<ExecuteOutcome & { shown: string | null }> {
    const failed = (error: ErrorContent): ExecuteOutcome & { shown: null } => ({
      status: "error",
      error,
      shown: null,
    });
    const { content, parent } = execution;
    const help = helpRequest.exec(content.code);
    if (help !== null) return { ...(await this.#page(help[1] ?? help[2] ?? "")), shown: null };

    const label = `Cell [${count}]`;
    let plan: ReturnType<typeof planMagics>;
    try {
      plan = planMagics(parseMagics(content.code));
    } catch (error) {
      if (!(error instanceof MagicError)) throw error;
      return failed({
        ename: error.name,
        evalue: error.message,
        traceback: [`${error.name}: ${error.message}`],
      });
    }
    const mode = plan.checkMode ?? this.#checkMode;
    if (plan.checkScope === "session") this.#checkMode = mode;

    for (const code of plan.before) {
      if (begun.isInterrupted) return failed(interrupted);
      const done = await this.#evaluate(execution, code, undefined, content.code, true);
      if (done.error !== undefined) return failed(done.error);
    }
    if (plan.installs) this.#services.checker.invalidate();
    const code = plan.code;
    if (code === undefined || code.trim() === "")
      return { status: "ok", userExpressions: {}, payload: [], shown: null };

    const checking = mode === "off" ? undefined : this.#services.checker.check(plan.checked);
    // What it finds is looked at below; nobody does where the cell does not even compile.
    checking?.catch(() => undefined);
    const prepared = this.#prepared.get(execution);
    // The type checker is asked before the cell is compiled: two processes, both at work.
    if (checking !== undefined && prepared === undefined) await promisesDone();
    const fileName = this.#services.debug.scriptNameFor(content.code);
    const compiled = prepared ?? tryCompile(code, fileName);
    if (compiled instanceof CellSyntaxError) {
      return failed(syntaxError(compiled, plan.checked, content.code, label));
    }
    if (checking !== undefined) {
      let diagnostics: readonly CellDiagnostic[];
      try {
        diagnostics = await checking;
      } catch (error) {
        if (!(error instanceof CheckerStoppedError)) throw error;
        return failed(uncheckedError(error));
      }
      const errors = diagnostics.filter(({ severity }) => severity === "error");
      if (errors.length > 0 && mode === "on") {
        this.forgetWaiting();
        return failed(typeErrors(errors, content.code, label));
      }
      if (errors.length > 0 && !content.silent) {
        const text = `${typeErrors(errors, content.code, label).traceback.join("\n")}\n`;
        this.#services.sockets.publish(parent, "stream", { name: "stderr", text });
      }
    }
    if (begun.isInterrupted) return failed(interrupted);
    // Before it runs: what a cell declares is known to the next one even when this one fails half-way.
    this.#services.checker.commit(plan.checked);
    await this.#services.debug.cellStarts(content.code, compiled);
    if (begun.isInterrupted) return failed(interrupted);
    const evaluated = this.#evaluate(
      execution,
      compiled.code,
      compiled.map,
      content.code,
      compiled.hideResult,
      fileName,
      count,
    );
    this.#checkAhead(waiting);
    await promisesDone();
    this.#compileAhead(waiting[0]);
    const done = await evaluated;
    if (done.error !== undefined) return failed(done.error);
    const shown = done.result?.["text/plain"];
    return {
      status: "ok",
      userExpressions: done.userExpressions,
      payload: [],
      shown: typeof shown === "string" ? shown : null,
    };
  }

  async #evaluate(
    execution: Execution,
    code: string,
    map: SourceMapParts | undefined,
    source: string,
    hideResult: boolean,
    fileName = "tenon-magic",
    count = this.#count,
  ): Promise<{
    error: ErrorContent | undefined;
    userExpressions: Readonly<Record<string, ExpressionResult>>;
    result: MimeBundle | undefined;
  }> {
    const { content, parent, cellId } = execution;
    return await this.#services.child.execute(parent, count, {
      type: "execute",
      request: randomUUID(),
      code,
      fileName,
      label: `Cell [${count}]`,
      map,
      source,
      cellId,
      hideResult: hideResult || content.silent,
      silent: content.silent,
      allowStdin: content.allow_stdin,
      userExpressions: compileExpressions(content.user_expressions ?? {}),
    });
  }

  /** `name?`: the documentation in the pager, as IPython has it. */
  async #page(name: string): Promise<ExecuteOutcome> {
    const found = await this.#services.checker.inspect(name, name.length);
    if (found === undefined) {
      const evalue = `there is nothing named ${name}`;
      return { status: "error", error: { ename: "NameError", evalue, traceback: [`NameError: ${evalue}`] } };
    }
    const page = {
      source: "page",
      data: documentationBundle(found.signature, found.documentation),
      start: 0,
    };
    return { status: "ok", userExpressions: {}, payload: [page] };
  }
}

/** The source of a cell without magics, empty where nothing would run; undefined for other cells. */
function plainSource(code: string): string | undefined {
  if (code.trim() === "") return "";
  const magics = parseMagics(code);
  return magics.kind === "lines" && magics.lines.length === 0 && !helpRequest.test(code)
    ? magics.code
    : undefined;
}

function tryCompile(code: string, fileName: string): CompiledCell | CellSyntaxError {
  try {
    return compileCell(code, fileName);
  } catch (error) {
    if (error instanceof CellSyntaxError) return error;
    throw error;
  }
}

function syntaxError(error: CellSyntaxError, checked: string, source: string, label: string): ErrorContent {
  // Magics lengthen the code that runs; the positions that people see come from the code that is checked.
  const again = tryCompile(checked, "tenon-cell");
  const { start, end, message } = again instanceof CellSyntaxError ? again : error;
  const lines = formatProblem(
    source,
    { start, end, message, label: "SyntaxError", severity: "error" },
    label,
  );
  return { ename: "SyntaxError", evalue: message, traceback: lines };
}

/** `user_expressions` as code; one that does not compile throws its own error when evaluated. */
function compileExpressions(expressions: Readonly<Record<string, string>>): Record<string, string> {
  const compiled: Record<string, string> = {};
  for (const [name, source] of Object.entries(expressions)) {
    try {
      compiled[name] = compileCell(source, "tenon-expression").code;
    } catch (error) {
      compiled[name] =
        `throw new SyntaxError(${JSON.stringify(error instanceof Error ? error.message : String(error))})`;
    }
  }
  return compiled;
}

/** A cell whose check was interrupted ends as one that was interrupted while it ran. */
function stopped(ename: string, evalue: string): ErrorContent {
  return { ename, evalue, traceback: [`\u001B[31m${ename}\u001B[39m: ${evalue}`] };
}

const interrupted = stopped("Interrupted", "The cell was stopped before it ran.");

function uncheckedError({ onPurpose, message }: CheckerStoppedError): ErrorContent {
  if (onPurpose) return interrupted;
  return stopped("TypeCheckerStopped", `${message}: the cell was not run. Run it again, or with %check off.`);
}

function typeErrors(errors: readonly CellDiagnostic[], source: string, label: string): ErrorContent {
  const shown = errors.slice(0, 20);
  const traceback = shown.flatMap((diagnostic) => [
    ...formatProblem(source, { ...diagnostic, label: `TS${diagnostic.code}` }, label),
    "",
  ]);
  traceback.push(
    errors.length > shown.length ? `… and ${errors.length - shown.length} more type errors.` : "",
    "The cell was not run. %check off or %%check warn turns type errors off or to warnings.",
  );
  const first = errors[0]?.message.split("\n")[0] ?? "";
  const evalue = errors.length === 1 ? first : `${first} (and ${errors.length - 1} more)`;
  return {
    ename: "TypeCheckError",
    evalue,
    traceback: traceback.filter((line, index) => line !== "" || index < traceback.length - 2),
  };
}
