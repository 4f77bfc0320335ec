/**
 * @file Runs one cell from source to reply: magics, type check, compile, evaluate, report.
 *
 * Invariants: `busy` comes first and `idle` last of all that a cell publishes while it runs; whatever goes wrong, the
 * requester gets a reply.
 */
import { randomUUID } from "node:crypto";
import type { CellDiagnostic } from "../../cells/types.ts";
import { parseMagics } from "../../cells/magics.ts";
import type { Checker } from "../checker/checker.ts";
import type { ErrorContent, ExpressionResult, MimeBundle } from "../child/protocol.ts";
import { compileCell } from "../compile/compile-cell.ts";
import { CellSyntaxError, type CompiledCell } from "../compile/compiled-cell.ts";
import type { DebugAdapter } from "../debug/debug-adapter.ts";
import type { ChildHost } from "./child-host.ts";
import { formatProblem } from "./code-frame.ts";
import type { History } from "./history.ts";
import { documentationBundle } from "./inspect.ts";
import { type CheckMode, MagicError, planMagics } from "./magic-code.ts";
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
}

interface Services {
  readonly sockets: KernelSockets;
  readonly child: ChildHost;
  readonly checker: Checker;
  readonly history: History;
  readonly debug: DebugAdapter;
}

export class Executor {
  readonly #services: Services;
  #count = 0;
  #checkMode: CheckMode = "on";

  constructor(services: Services) {
    this.#services = services;
  }

  /** The number of the newest cell that was counted. */
  get executionCount(): number {
    return this.#count;
  }

  /** Runs one cell; publishes its input, outputs and error, but neither status nor reply. */
  async run(execution: Execution): Promise<ExecuteOutcome> {
    const { content, parent } = execution;
    if (content.code.trim() === "") return { status: "ok", userExpressions: {}, payload: [] };
    const counted = content.store_history && !content.silent;
    if (counted) this.#count += 1;
    const count = this.#count;
    if (!content.silent) {
      this.#services.sockets.publish(parent, "execute_input", { code: content.code, execution_count: count });
    }
    const outcome = await this.#attempt(execution, count);
    if (counted) this.#services.history.append(count, content.code, outcome.shown);
    if (outcome.status === "error" && !content.silent) {
      this.#services.sockets.publish(parent, "error", outcome.error);
    }
    return outcome;
  }

  async #attempt(execution: Execution, count: number): Promise<ExecuteOutcome & { shown: string | null }> {
    const failed = (error: ErrorContent): ExecuteOutcome & { shown: null } => ({
      status: "error",
      error,
      shown: null,
    });
    const { content, parent } = execution;
    const help = /^\s*(?:\?{1,2}\s*([\w$.]+)|([\w$.]+)\?{1,2})\s*$/.exec(content.code);
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
      const done = await this.#evaluate(execution, code, undefined, content.code, true);
      if (done.error !== undefined) return failed(done.error);
    }
    if (plan.installs) this.#services.checker.invalidate();
    const code = plan.code;
    if (code === undefined || code.trim() === "")
      return { status: "ok", userExpressions: {}, payload: [], shown: null };

    const fileName = this.#services.debug.scriptNameFor(content.code);
    const compiled = tryCompile(code, fileName);
    if (compiled instanceof CellSyntaxError) {
      return failed(syntaxError(compiled, plan.checked, content.code, label));
    }
    if (mode !== "off") {
      const diagnostics = await this.#services.checker.check(plan.checked);
      const errors = diagnostics.filter(({ severity }) => severity === "error");
      if (errors.length > 0 && mode === "on") return failed(typeErrors(errors, content.code, label));
      if (errors.length > 0 && !content.silent) {
        const text = `${typeErrors(errors, content.code, label).traceback.join("\n")}\n`;
        this.#services.sockets.publish(parent, "stream", { name: "stderr", text });
      }
    }
    // Before it runs: what a cell declares is known to the next one even when this one fails half-way.
    this.#services.checker.commit(plan.checked);
    await this.#services.debug.cellStarts(content.code, compiled);
    const done = await this.#evaluate(
      execution,
      compiled.code,
      compiled.map,
      content.code,
      compiled.hideResult,
      fileName,
      count,
    );
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
    map: string | undefined,
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
