/** @file The console of user code: Node's own formatting, written to the cell's streams, with colours. */
import { Console } from "node:console";
import { flushOutput, OutputStream } from "./output.ts";

/**
 * Puts captured streams and a console on the globals. A console of our own rather than Node's global one: that one
 * also hands each message to the inspector, which keeps the last thousand with all their arguments.
 */
export function installConsole(): void {
  const stdout = new OutputStream("stdout");
  const stderr = new OutputStream("stderr");
  define(process, "stdout", stdout);
  define(process, "stderr", stderr);
  const plain = process.env["NO_COLOR"] !== undefined && process.env["NO_COLOR"] !== "";
  const captured = new Console({ stdout, stderr, ignoreErrors: false, colorMode: !plain });
  for (const key of Reflect.ownKeys(globalThis.console)) {
    if (key in captured) continue;
    const descriptor = Object.getOwnPropertyDescriptor(globalThis.console, key);
    if (descriptor !== undefined) Object.defineProperty(captured, key, descriptor);
  }
  speedUpLogging(captured, stdout, !plain);
  define(globalThis, "console", captured);
  process.on("exit", flushOutput);
}

/** Logging of strings and numbers, the bulk of what is printed, without Node's general formatter. */
function speedUpLogging(captured: Console, stdout: OutputStream, colors: boolean): void {
  // Node binds them to their console.
  const log = captured.log.bind(captured);
  const group = captured.group.bind(captured);
  const groupEnd = captured.groupEnd.bind(captured);
  let depth = 0;
  const logFast = (...values: unknown[]): void => {
    const line = depth === 0 ? simpleLine(values, colors) : undefined;
    if (line === undefined) log(...values);
    else stdout.write(line);
  };
  const groupDeeper = (...labels: unknown[]): void => {
    group(...labels);
    depth += 1;
  };
  Object.assign(captured, {
    log: logFast,
    info: logFast,
    debug: logFast,
    group: groupDeeper,
    groupCollapsed: groupDeeper,
    groupEnd: () => {
      groupEnd();
      depth = Math.max(0, depth - 1);
    },
  });
}

/** The line that Node would print, for values whose formatting is plain. */
function simpleLine(values: readonly unknown[], colors: boolean): string | undefined {
  let line = "";
  for (let index = 0; index < values.length; index += 1) {
    const value = values[index];
    if (index > 0) line += " ";
    if (typeof value === "string") {
      // The first one may be a format.
      if (index === 0 && values.length > 1 && value.includes("%")) return undefined;
      line += value;
    } else if (typeof value === "number" && !Object.is(value, -0)) {
      line += colors ? `\u001B[33m${value}\u001B[39m` : value;
    } else return undefined;
  }
  return `${line}\n`;
}

function define(target: object, name: string, value: unknown): void {
  Object.defineProperty(target, name, { value, writable: true, configurable: true, enumerable: true });
}
