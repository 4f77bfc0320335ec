/**
 * @file What was thrown, as Jupyter's error fields: name, message, code frame, mapped stack, causes.
 *
 * Anything can be thrown, and reading it can throw again, run user code or never be the same twice; whatever it is,
 * a description comes out.
 */
import { inspect, types } from "node:util";
import type { ErrorContent } from "../protocol.ts";
import { bold, dim, red } from "./ansi.ts";
import { codeFrame } from "./code-frame.ts";
import { ModuleSyntaxError } from "./module-syntax-error.ts";
import { sourcePosition } from "./scripts.ts";
import { errorHeader, stackFrames, textOf } from "./stack-frames.ts";
import type { StackFrame } from "./stack-frames.ts";

/** What an interrupted cell ends with, and the reason of its abort signal. */
export class InterruptedError extends Error {
  override readonly name = "Interrupted";
  constructor() {
    super("The cell was stopped. Its variables are kept.");
  }
}

/** A place in a compiled script, from 0, where V8 found a syntax error. */
export interface CompiledPosition {
  readonly fileName: string;
  readonly line: number;
  readonly column: number;
}

const deepestCause = 8;
const mostMembers = 10;
const mostFrames = 20;

/** Describes a thrown value. `position`: where it was found, if it has no stack of its own. */
export function describeError(thrown: unknown, position?: CompiledPosition): ErrorContent {
  try {
    if (isError(thrown)) return describeErrorObject(thrown, position);
    const text = safeInspect(thrown);
    return {
      ename: "Uncaught",
      evalue: text.slice(0, 1000),
      traceback: [`${red(bold("Uncaught"))} ${text}`],
    };
  } catch {
    return { ename: "Error", evalue: "", traceback: [red("An error that cannot be described was thrown.")] };
  }
}

function isError(value: unknown): value is Error {
  if (types.isNativeError(value)) return true;
  if (typeof value !== "object" || value === null || types.isProxy(value)) return false;
  // Not every error is made by the constructor: DOMException, Object.create(Error.prototype).
  return value instanceof Error;
}

function describeErrorObject(error: Error, position: CompiledPosition | undefined): ErrorContent {
  if (error instanceof InterruptedError) {
    return {
      ename: error.name,
      evalue: error.message,
      traceback: [`${red(bold(error.name))}: ${error.message}`],
    };
  }
  const lines = describeWithCauses(error, position, new Set(), 0);
  return { ename: readText(error, "name") || "Error", evalue: readText(error, "message"), traceback: lines };
}

function describeWithCauses(
  error: Error,
  position: CompiledPosition | undefined,
  seen: Set<unknown>,
  depth: number,
): string[] {
  seen.add(error);
  const stack = readText(error, "stack");
  const [name, rest] = splitHeader(errorHeader(error));
  const lines = (red(bold(name)) + rest).split("\n");
  const frames = stackFrames(error, stack);
  const place = error instanceof ModuleSyntaxError ? error.place : placeOf(frames, position);
  if (place !== undefined) lines.push(...codeFrame(place));
  lines.push(...frameLines(frames));
  lines.push(...ownProperties(error));
  if (depth >= deepestCause) return lines;
  const nested = (label: string, value: unknown): void => {
    if (seen.has(value)) {
      lines.push("", `${bold(label)}: an error shown above`);
      return;
    }
    const described = isError(value)
      ? describeWithCauses(value, undefined, seen, depth + 1)
      : [safeInspect(value)];
    lines.push("", ...`${bold(label)}: ${described[0] ?? ""}`.split("\n"), ...described.slice(1));
  };
  const cause = read(error, "cause");
  if (cause !== undefined) nested("Caused by", cause);
  const members = read(error, "errors");
  if (Array.isArray(members) && !types.isProxy(members)) {
    members
      .slice(0, mostMembers)
      .forEach((member, index) => nested(`Error ${index + 1} of ${members.length}`, member));
    if (members.length > mostMembers) lines.push("", `… ${members.length - mostMembers} more errors`);
  }
  return lines;
}

/** Frames as lines; a recursion's repetitions are counted. */
function frameLines(frames: readonly StackFrame[]): string[] {
  const lines: string[] = [];
  for (let index = 0; index < frames.length && lines.length < mostFrames;) {
    const text = frames[index]?.text ?? "";
    let end = index + 1;
    while (frames[end]?.text === text) end += 1;
    lines.push(dim(`    ${text}`));
    if (end - index > 1) lines.push(dim(`    … ${end - index - 1} more of the same`));
    index = end;
  }
  return lines;
}

/** The name apart from `: message`, for the colours. */
function splitHeader(header: string): [string, string] {
  const end = /^[\w$.]+(?: \[\w+\])?(?=:|$)/.exec(header)?.[0].length ?? 0;
  return [header.slice(0, end), header.slice(end)];
}

function placeOf(
  frames: readonly StackFrame[],
  position: CompiledPosition | undefined,
): StackFrame["position"] {
  const known = frames.find((frame) => frame.position !== undefined)?.position;
  if (known !== undefined || position === undefined) return known;
  return sourcePosition(position.fileName, position.line + 1, position.column + 1);
}

/** Shown apart, or not worth showing. */
const plainKeys = new Set<PropertyKey>([
  "name",
  "message",
  "stack",
  "cause",
  "errors",
  "error",
  "suppressed",
]);

function ownProperties(error: Error): string[] {
  const extra: Record<PropertyKey, unknown> = {};
  let count = 0;
  for (const key of safely(() => Reflect.ownKeys(error), [])) {
    if (plainKeys.has(key) || !safely(() => Object.prototype.propertyIsEnumerable.call(error, key), false))
      continue;
    extra[key] = read(error, key);
    count += 1;
  }
  return count === 0 ? [] : safeInspect(extra).split("\n");
}

function read(object: object, key: PropertyKey): unknown {
  return safely(() => Reflect.get(object, key), undefined);
}

function readText(object: object, key: PropertyKey): string {
  const value = read(object, key);
  return typeof value === "string" ? value : value === undefined ? "" : safely(() => textOf(value), "");
}

function safeInspect(value: unknown): string {
  const options = { colors: true, depth: 3, maxArrayLength: 50, maxStringLength: 5000 };
  return (
    safely(() => inspect(value, options), undefined) ??
    safely(() => inspect(value, { ...options, customInspect: false }), "a value that cannot be shown")
  );
}

function safely<T, U>(run: () => T, fallback: U): T | U {
  try {
    return run();
  } catch {
    return fallback;
  }
}
