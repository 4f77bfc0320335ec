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
  define(globalThis, "console", captured);
  process.on("exit", flushOutput);
}

function define(target: object, name: string, value: unknown): void {
  Object.defineProperty(target, name, { value, writable: true, configurable: true, enumerable: true });
}
