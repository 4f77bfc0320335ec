/**
 * @file Keeps interrupts away from the loading of native addons: V8 ends the process when it is told to stop code while
 * an addon defines its classes.
 */
import { interruptBlocked, interruptFlag, interruptNone } from "./interrupt-state.ts";

/** Longer than the control thread waits before it stops busy code. */
const requestWait = 12;

/** Wraps `process.dlopen`, through which every addon is loaded. */
export function protectAddonLoading(flags: Int32Array): void {
  const original = process.dlopen.bind(process);
  process.dlopen = (...args: Parameters<typeof process.dlopen>) => {
    const isOutermost = block(flags);
    try {
      original(...args);
    } finally {
      if (isOutermost) Atomics.compareExchange(flags, interruptFlag, interruptBlocked, interruptNone);
    }
  };
}

/** Forbids interrupts; one that was already requested hits this loop, or is for something else. */
function block(flags: Int32Array): boolean {
  const until = performance.now() + requestWait;
  do {
    const state = Atomics.compareExchange(flags, interruptFlag, interruptNone, interruptBlocked);
    if (state === interruptNone) return true;
    if (state === interruptBlocked) return false;
  } while (performance.now() < until);
  return false;
}
