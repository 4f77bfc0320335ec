/**
 * @file Which exceptions stop the program, and what is told of them.
 *
 * V8 takes an exception after an `await` for caught, because the kernel itself waits for the cell's promise. So V8 is
 * asked to stop at all, and whether user code catches one is read off the source: of the frames on the stack and of
 * those that wait for them, none may stand within a `try` that has a `catch`, or in a call that takes a rejection.
 */
import { parseSync, Visitor } from "oxc-parser";
import type { DebugProtocol } from "@vscode/debugprotocol";
import type { InspectorClient } from "./inspector-client.ts";
import type { Position } from "./position-map.ts";
import type { Scripts } from "./scripts.ts";
import type { Frame, Stop } from "./stack.ts";

/** What `setExceptionBreakpoints` offers. */
export const exceptionFilters: readonly DebugProtocol.ExceptionBreakpointsFilter[] = [
  {
    filter: "all",
    label: "All Exceptions",
    description: "Stops wherever something is thrown",
    default: false,
  },
  {
    filter: "uncaught",
    label: "Uncaught Exceptions",
    description: "Stops where nothing catches what is thrown",
    default: true,
  },
];

/**
 * A range of offsets: of a function, of a `try` that catches, or of a call that takes what a promise is rejected with,
 * which is what its callees throw, not what is thrown in the range itself.
 */
interface Range {
  readonly start: number;
  readonly end: number;
  readonly kind: "function" | "try" | "handler";
}

/** More exceptions than this that user code catches, and V8's own idea has to do until the next cell. */
const patience = 200;

export class ExceptionBreakpoints {
  readonly #client: InspectorClient;
  readonly #scripts: Scripts;
  readonly #ranges = new Map<string, readonly Range[]>();
  #filters: readonly string[] = [];
  #caught = 0;

  constructor(client: InspectorClient, scripts: Scripts) {
    this.#client = client;
    this.#scripts = scripts;
  }

  async set(filters: readonly string[]): Promise<void> {
    this.#filters = filters;
    await this.apply();
  }

  /** Tells V8, also after another child has come. */
  async apply(): Promise<void> {
    this.#caught = 0;
    const state = this.#filters.includes("all") || this.#filters.includes("uncaught") ? "all" : "none";
    await this.#client.post("Debugger.setPauseOnExceptions", { state });
  }

  clear(): void {
    this.#filters = [];
    this.#ranges.clear();
  }

  /** A cell starts: exceptions that were too many before may be few now. */
  async cellStarts(): Promise<void> {
    if (this.#caught > patience) await this.apply();
    this.#caught = 0;
  }

  /** True where the program is to stop for the exception that it stands at. */
  async stopsAt(stop: Stop): Promise<boolean> {
    // Node's own and the kernel's, such as what ends an interrupted cell.
    if (!stop.frames.some(({ call }) => call !== undefined)) return false;
    if (this.#filters.includes("all") || this.isUncaught(stop)) return true;
    this.#caught += 1;
    if (this.#caught === patience + 1)
      await this.#client.post("Debugger.setPauseOnExceptions", { state: "uncaught" });
    return false;
  }

  /** True where no user code catches the exception. */
  isUncaught(stop: Stop): boolean {
    if (stop.exception?.uncaught === true) return true;
    const { frames } = stop;
    const outermost = frames.at(-1);
    // Only what a cell runs or awaits itself is waited for by the kernel; of all else V8 knows more.
    if (outermost?.script.kind !== "cell" || this.#rangesAt(outermost).has("function")) return false;
    return !frames.some((frame, index) => {
      const ranges = this.#rangesAt(frame);
      return ranges.has("try") || (index > 0 && ranges.has("handler"));
    });
  }

  #rangesAt({ script, position }: Frame): ReadonlySet<Range["kind"]> {
    const text = script.path === undefined ? undefined : this.#scripts.textOf(script.path);
    if (script.path === undefined || text === undefined) return new Set();
    let ranges = this.#ranges.get(text);
    if (ranges === undefined) {
      ranges = rangesOf(script.path, text);
      this.#ranges.set(text, ranges);
    }
    const offset = offsetAt(text, position);
    return new Set(
      ranges.filter(({ start, end }) => start <= offset && offset < end).map(({ kind }) => kind),
    );
  }
}

function rangesOf(path: string, text: string): readonly Range[] {
  const ranges: Range[] = [];
  const addFunction = ({ start, end }: { readonly start: number; readonly end: number }): void => {
    ranges.push({ start, end, kind: "function" });
  };
  const visitor = new Visitor({
    TryStatement({ block, handler }) {
      if (handler !== null) ranges.push({ start: block.start, end: block.end, kind: "try" });
    },
    FunctionDeclaration: addFunction,
    FunctionExpression: addFunction,
    ArrowFunctionExpression: addFunction,
    CallExpression({ callee, arguments: args, start, end }) {
      if (callee.type !== "MemberExpression" || callee.property.type !== "Identifier") return;
      const { name } = callee.property;
      const isHandler = name === "catch" || name === "allSettled" || (name === "then" && args.length > 1);
      if (isHandler) ranges.push({ start, end, kind: "handler" });
    },
  });
  try {
    visitor.visit(parseSync(path, text, { lang: "ts", sourceType: "module" }).program);
  } catch {
    // What oxc can't read (a module in JSX) has no ranges: V8's own idea stands.
  }
  return ranges;
}

function offsetAt(text: string, { line, column }: Position): number {
  let offset = 0;
  for (let count = 0; count < line; count++) {
    const next = text.indexOf("\n", offset);
    if (next === -1) break;
    offset = next + 1;
  }
  return offset + column;
}

/** What `exceptionInfo` tells: the innermost cause included. */
export async function describeException(
  stop: Stop,
  isUncaught: boolean,
  client: InspectorClient,
  scripts: Scripts,
): Promise<DebugProtocol.ExceptionInfoResponse["body"]> {
  const { exception } = stop;
  const description = exception?.description ?? String(exception?.value ?? exception?.type ?? "");
  const [head = ""] = description.split("\n    at ");
  const typeName = exception?.className ?? exception?.type ?? "Error";
  const message = head.replace(new RegExp(`^${typeName.replaceAll(/\W/g, "\\$&")}: `), "");
  const cause = exception?.objectId === undefined ? undefined : await causeOf(exception.objectId, client);
  return {
    exceptionId: typeName,
    description: head,
    breakMode: isUncaught ? "unhandled" : "always",
    details: {
      message,
      typeName,
      stackTrace: mapStack(description, scripts),
      ...(cause === undefined ? {} : { innerException: [cause] }),
    },
  };
}

async function causeOf(
  objectId: string,
  client: InspectorClient,
): Promise<DebugProtocol.ExceptionDetails | undefined> {
  const reply = await client.attempt("Runtime.getProperties", { objectId, ownProperties: true });
  const cause = reply?.result.find(({ name }) => name === "cause")?.value;
  if (cause === undefined || cause.type === "undefined") return undefined;
  const [message = ""] = (cause.description ?? String(cause.value)).split("\n    at ");
  return { message, typeName: cause.className ?? cause.type };
}

/** A stack as text with its positions in the sources, without internal frames. */
function mapStack(stack: string, scripts: Scripts): string {
  const lines = stack.split("\n").flatMap((line) => {
    const match = /^(\s+at .*?\(?)((?:file:|\/|[a-zA-Z]:\\|node:)[^()]*):(\d+):(\d+)(\)?)$/.exec(line);
    if (match === null) return [line];
    const [, before = "", url = "", row = "1", column = "1", after = ""] = match;
    const script = scripts.all().findLast((candidate) => candidate.url === url);
    if (script === undefined || script.path === undefined || scripts.isInternal(script.id)) return [];
    const position = script.positions.toSource({ line: Number(row) - 1, column: Number(column) - 1 });
    if (position === undefined) return [];
    return [`${before}${script.path}:${position.line + 1}:${position.column + 1}${after}`];
  });
  return lines.join("\n");
}
