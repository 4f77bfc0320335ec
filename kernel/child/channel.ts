/**
 * @file Frames to the parent, written synchronously to fd 3.
 *
 * An interrupt may stop this code at any function call or loop. So a frame is complete before it is queued, leaves in
 * one write, and is taken off the queue after it: at worst it is sent twice, which the reader notices by its number.
 */
import { writeSync } from "node:fs";
import { encodeFrame } from "./frames.ts";
import type { ChildMessage } from "./protocol.ts";

/** The descriptor of the frames to the parent. */
const framesOut = 3;

const queue: Buffer[] = [];
let sequence = 0;

/** Queues a message without writing it. */
export function enqueue(message: ChildMessage): void {
  const next = sequence + 1;
  queue.push(encodeFrame(message, next));
  sequence = next;
}

/** Writes what is queued; blocks while the parent doesn't read. */
export function drain(): void {
  for (;;) {
    const frame = queue[0];
    if (frame === undefined) return;
    writeWhole(frame);
    queue.shift();
  }
}

function writeWhole(frame: Buffer): void {
  let offset = 0;
  while (offset < frame.length) {
    try {
      offset += writeSync(framesOut, frame, offset);
    } catch (error) {
      if (!(error instanceof Error) || !("code" in error)) throw error;
      // Some code made the pipe non-blocking.
      if (error.code === "EAGAIN") Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
      else if (error.code === "EPIPE") process.exit(0);
      else throw error;
    }
  }
}
