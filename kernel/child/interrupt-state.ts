/**
 * @file Memory that the main thread and the control thread share.
 *
 * An interrupt goes: the control thread sets `requested` and sends a message. A main thread that waits (in an await)
 * gets the message and handles it itself. One that doesn't answer within {@link patience} is busy: the control thread
 * moves to `terminating` and has V8 stop what runs. Then either an evaluation on the main thread reports that it was
 * stopped, or, once V8 has confirmed (`terminated`), a second message is handled like the first. While `terminating`
 * the main thread does nothing of its own that could be hit.
 */

export const interruptNone = 0;
export const interruptRequested = 1;
/** A termination was sent to V8. */
export const interruptTerminating = 2;
/** V8 has executed it. */
export const interruptTerminated = 3;

/** Milliseconds that the main thread has before it counts as busy. */
export const patience = 4;

const childSlots = 256;

/** What the threads share. */
export interface SharedState {
  /** `[0]`: the interrupt's state. `[1]`: 1 while the main thread waits for input. */
  readonly flags: Int32Array;
  /** Process ids of asynchronous child processes, 0 where free; children that are not here block the main thread. */
  readonly children: Int32Array;
}

export const interruptFlag = 0;
export const inputFlag = 1;

export function createSharedState(): SharedState {
  return {
    flags: new Int32Array(new SharedArrayBuffer(8)),
    children: new Int32Array(new SharedArrayBuffer(4 * childSlots)),
  };
}

/** Messages between the threads. */
export type ToControl =
  { readonly type: "settled" } | { readonly type: "kill"; readonly pids: readonly number[] };

export type FromControl = { readonly type: "interrupt"; readonly request: string | undefined };
