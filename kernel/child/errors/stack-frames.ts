/**
 * @file Stack traces as the user should see them: frames mapped to cells and local sources, the kernel's and Node's
 * own frames hidden. Also in `error.stack`, so that code which prints it shows the same.
 */
import { dirname, join, relative, sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { sourcePosition } from "./scripts.ts";
import type { SourcePosition } from "./scripts.ts";

/** One shown frame. */
export interface StackFrame {
  /** For example `at async load (Cell [3]:2:9)`. */
  readonly text: string;
  /** Where the frame's source is known. */
  readonly position: SourcePosition | undefined;
}

const framesOf = new WeakMap<object, readonly StackFrame[]>();
const kernelUrl = import.meta.url;
const kernelFile = fileURLToPath(kernelUrl);

/** More than Node's 10: some of the captured frames are hidden. */
const capturedFrames = 30;

/** Makes V8 format stacks by {@link formatStack}. */
export function installStackFormat(): void {
  Error.stackTraceLimit = capturedFrames;
  Error.prepareStackTrace = formatStack;
}

/** The frames of an error's stack; empty where it has none that can be shown. */
export function stackFrames(error: object, stack: string): readonly StackFrame[] {
  return framesOf.get(error) ?? parseStack(stack);
}

function formatStack(error: Error, sites: NodeJS.CallSite[]): string {
  const frames = visibleFrames(sites.map(describeSite));
  framesOf.set(error, frames);
  return [errorHeader(error), ...frames.map((frame) => `    ${frame.text}`)].join("\n");
}

/** `Name: message`, whatever the error's properties are. */
export function errorHeader(error: Error): string {
  try {
    const code: unknown = Object.getOwnPropertyDescriptor(error, "code")?.value;
    // SAFETY: anything can stand in these properties.
    const { name, message } = error as { readonly name: unknown; readonly message: unknown };
    const title = textOf(name) + (typeof code === "string" && code.startsWith("ERR_") ? ` [${code}]` : "");
    const text = textOf(message);
    if (text === "") return title;
    return title === "" ? text : `${title}: ${text}`;
  } catch {
    return "Error";
  }
}

/** Text of anything; throws where the value's own conversion does. */
export const textOf: (value: unknown) => string = String;

type FrameKind = "user" | "native" | "hidden";

interface DescribedFrame extends StackFrame {
  readonly kind: FrameKind;
}

function describeSite(site: NodeJS.CallSite): DescribedFrame {
  // Cells have a source URL in place of a file name.
  const fileName = site.getScriptNameOrSourceURL() ?? undefined;
  const line = site.getLineNumber() ?? 0;
  const column = site.getColumnNumber() ?? 0;
  return describeFrame(`at ${textOf(site)}`, fileName, line, column);
}

function describeFrame(
  text: string,
  fileName: string | undefined,
  line: number,
  column: number,
): DescribedFrame {
  if (fileName === undefined) return { text, position: undefined, kind: "native" };
  if (isInternal(fileName)) return { text, position: undefined, kind: "hidden" };
  const position = sourcePosition(fileName, line, column);
  const place = `${fileName}:${line}:${column}`;
  if (position === undefined)
    return {
      text: text.replace(place, `${displayPath(fileName)}:${line}:${column}`),
      position,
      kind: "user",
    };
  const mapped = `${position.script.label}:${position.line}:${position.column}`;
  return { text: text.replace(place, mapped), position, kind: "user" };
}

/** Code of the kernel's own that is evaluated as cells are. */
const internalScripts = new Set(["tenon-magic", "tenon-expression", "tenon-kernel", kernelUrl, kernelFile]);

/** Where the build puts the code that the kernel's programs share. */
const sharedCode = join(dirname(dirname(kernelFile)), "chunks") + sep;
const sharedCodeUrl = pathToFileURL(sharedCode).href;

function isInternal(fileName: string): boolean {
  return (
    fileName.startsWith("node:") ||
    internalScripts.has(fileName) ||
    fileName.startsWith(sharedCode) ||
    fileName.startsWith(sharedCodeUrl)
  );
}

/** Native frames (`Array.map`) are shown where user code called them. */
function visibleFrames(frames: readonly DescribedFrame[]): readonly StackFrame[] {
  return frames.filter(({ kind }, index) => {
    if (kind !== "native") return kind === "user";
    return frames.slice(index + 1).find((caller) => caller.kind !== "native")?.kind === "user";
  });
}

/** Files below the notebook's folder are named from there. */
export function displayPath(fileName: string): string {
  let path: string;
  try {
    path = fileName.startsWith("file:") ? fileURLToPath(fileName) : fileName;
  } catch {
    return fileName;
  }
  const fromHere = relative(process.cwd(), path);
  return fromHere.startsWith("..") || fromHere === "" ? path : `./${fromHere.replaceAll("\\", "/")}`;
}

const frameLine = /^\s*at .*?\(?((?:file:\/\/)?[^\s()]+?):(\d+):(\d+)\)?$/;

/** Frames from text: of errors whose stack was not captured here, or was written by a library. */
function parseStack(stack: string): readonly StackFrame[] {
  const frames: DescribedFrame[] = [];
  for (const line of stack.split("\n")) {
    if (!/^\s*at /.test(line)) continue;
    const match = frameLine.exec(line);
    const text = line.trim();
    if (match?.[1] === undefined) frames.push({ text, position: undefined, kind: "native" });
    else frames.push(describeFrame(text, match[1], Number(match[2]), Number(match[3])));
  }
  return visibleFrames(frames);
}
