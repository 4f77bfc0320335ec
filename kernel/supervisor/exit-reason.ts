/** @file Why a child ended, in words. */
import { constants } from "node:os";

/** How the child ended. */
export interface ChildExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** For people, without a full stop: `the code called process.exit(3)`. */
  readonly reason: string;
  /** True where V8 gave up for want of memory. */
  readonly outOfMemory: boolean;
}

const signalReasons: Partial<Record<NodeJS.Signals, string>> = {
  SIGSEGV: "native code crashed (segmentation fault)",
  SIGBUS: "native code crashed (bus error)",
  SIGILL: "native code crashed (illegal instruction)",
  SIGFPE: "native code crashed (arithmetic error)",
  SIGABRT: "it was aborted (SIGABRT)",
  SIGKILL: "it was killed (SIGKILL), perhaps by the system for want of memory",
  SIGTERM: "it was terminated (SIGTERM)",
};

/** `lastWords` is the end of what the child wrote to fd 2. */
export function describeExit(
  code: number | null,
  signal: NodeJS.Signals | null,
  lastWords: string,
  killedBecause: string | undefined,
): ChildExit {
  const outOfMemory =
    /JavaScript heap out of memory|Array buffer allocation failed|FATAL ERROR: .*memory/i.test(lastWords);
  return { code, signal, outOfMemory, reason: killedBecause ?? reasonOf(code, signal, outOfMemory) };
}

function reasonOf(code: number | null, signal: NodeJS.Signals | null, outOfMemory: boolean): string {
  if (outOfMemory) return "it ran out of memory (NODE_OPTIONS=--max-old-space-size=MEGABYTES gives it more)";
  if (signal !== null) return signalReasons[signal] ?? `it was stopped by ${signal}`;
  if (code === 128 + constants.signals.SIGABRT) return "it was aborted (SIGABRT)";
  return `the code called process.exit(${code ?? ""})`;
}
