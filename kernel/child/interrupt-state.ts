/**
 * @file Memory and messages that the main thread and the control thread share for interrupts.
 *
 * An interrupt goes: the control thread sets `requested` and sends a message. A main thread that waits (in an await)
 * gets the message and handles it itself. One that doesn't within {@link patience} is busy: the control thread moves to
 * `terminating` and has V8 stop what runs. Then either an evaluation on the main thread reports that it was stopped,
 * or, once V8 has confirmed (`terminated`), a second message is handled like the first. While `terminating` the main
 * thread does nothing of its own that could be hit, and starts no cell unless the state is `none`.
 */

export const interruptNone = 0;
export const interruptRequested = 1;
/** A termination was sent to V8. */
export const interruptTerminating = 2;
/** V8 has executed it. */
export const interruptTerminated = 3;

/** The main thread does what cannot be stopped safely; only from `none`. */
export const interruptBlocked = 4;

/** Milliseconds that the main thread has before it counts as busy. */
export const patience = 4;

const childSlots = 256;
const runningSlots = 64;

/** What the threads share. */
export interface SharedState {
  /**
   * `[0]`: the interrupt's state. `[1]`: 1 while the main thread waits for input. `[2]`: how often it has asked.
   * `[3]`: 1 while output waits for its event loop.
   */
  readonly flags: Int32Array;
  /** Process ids of asynchronous child processes, 0 where free; children that are not here block the main thread. */
  readonly children: Int32Array;
  /** {@link requestKey} of each running request, 0 where free: only for these is code stopped. */
  readonly running: Int32Array;
}

export const interruptFlag = 0;
export const inputFlag = 1;
export const inputCount = 2;
export const outputFlag = 3;

export function createSharedState(): SharedState {
  return {
    flags: new Int32Array(new SharedArrayBuffer(16)),
    children: new Int32Array(new SharedArrayBuffer(4 * childSlots)),
    running: new Int32Array(new SharedArrayBuffer(4 * runningSlots)),
  };
}

/** A request's id as a number that isn't 0 (FNV-1a). */
export function requestKey(id: string): number {
  let hash = 0x81_1c_9d_c5;
  for (let index = 0; index < id.length; index += 1)
    hash = Math.imul(hash ^ id.charCodeAt(index), 0x01_00_01_93);
  return hash === 0 ? 1 : hash | 0;
}

/** Messages to the control thread. */
export type ToControl =
  /** These requests have ended, or never ran. */
  | { readonly type: "settled"; readonly requests: readonly string[] }
  /** Code of the user's runs for an interrupt (abort listeners): it may have to be stopped as well. */
  | { readonly type: "watch" }
  /** Output waits for the event loop, which may not come to it for long. */
  | { readonly type: "output" }
  | { readonly type: "kill"; readonly pids: readonly number[] };

/** Requests that are to be stopped. */
export interface FromControl {
  readonly requests: readonly string[];
}
