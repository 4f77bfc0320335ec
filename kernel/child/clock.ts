/** @file Time and turns, taken before user code could replace the globals. */

/** Milliseconds of a steady clock. */
export const now = performance.now.bind(performance);
export const { setImmediate, setTimeout } = globalThis;
