/** @file The thread that gathers batches: job after job, each at most some groups ahead of what was taken. */
import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import {
  batchesOfGroup,
  elementsIn,
  layoutOf,
  type GatherReply,
  type GatherRequest,
  type GatherReturn,
} from "./gather-protocol.ts";
import { copyRow } from "./batch-tensors.ts";
import type { Columns } from "./training-protocol.ts";

/** Groups of a job that were handed over and have not come back. */
const ahead = 2;
/** Buffers that are kept to be used again. */
const mostKept = 6;

interface Job {
  readonly data: number;
  readonly rows: Uint32Array;
  readonly batchSize: number;
  /** The next batch to be gathered. */
  next: number;
  outstanding: number;
}

// SAFETY: the gatherer starts the thread with the port that leads to the runtime's.
const { port } = workerData as { readonly port: MessagePort };
const stored = new Map<number, Columns>();
const jobs = new Map<number, Job>();
const free: ArrayBuffer[] = [];
let isPumping = false;

parentPort?.on("message", (request: GatherRequest) => {
  switch (request.kind) {
    case "data":
      stored.set(request.data, request.columns);
      break;
    case "drop data":
      stored.delete(request.data);
      if (stored.size === 0) free.length = 0;
      break;
    case "job": {
      const { job, data, rows, batchSize } = request;
      jobs.set(job, { data, rows, batchSize, next: 0, outstanding: 0 });
      break;
    }
    case "drop job":
      drop(request.job);
      break;
    default:
      request satisfies never;
  }
  pump();
});

port.on("message", (answer: GatherReturn) => {
  if ("buffer" in answer) {
    const job = jobs.get(answer.job);
    if (job) job.outstanding--;
    if (free.length < mostKept && stored.size > 0) free.push(answer.buffer);
  } else drop(answer.job);
  pump();
});

function drop(job: number): void {
  jobs.delete(job);
  send({ job, dropped: true });
}

function send(reply: GatherReply, transfer: readonly ArrayBuffer[] = []): void {
  port.postMessage(reply, transfer);
}

/** Gathers a group, and goes on after what has been said meanwhile was heard. */
function pump(): void {
  if (isPumping) return;
  for (const [number, job] of jobs) {
    if (job.outstanding >= ahead) continue;
    try {
      gatherGroup(number, job);
    } catch (error) {
      jobs.delete(number);
      send({ job: number, error: error instanceof Error ? error.message : String(error) });
    }
    isPumping = true;
    setImmediate(() => {
      isPumping = false;
      pump();
    });
    return;
  }
}

function gatherGroup(number: number, job: Job): void {
  const { rows, batchSize } = job;
  const columns = stored.get(job.data);
  if (!columns) throw new RangeError("the training has no such data");
  const count = Math.floor(rows.length / batchSize);
  const batches = Math.min(count - job.next, batchesOfGroup(columns, batchSize));
  const layout = layoutOf(columns, batchSize, batches);
  const buffer = takeBuffer(layout.bytes);
  const first = job.next * batchSize;
  const wanted = rows.subarray(first, first + batches * batchSize);
  for (const column of layout.columns) {
    const source = columns[column.name];
    const target = elementsIn(buffer, column, 0, batches);
    const stored = source?.shape[0] ?? 0;
    const width = column.length / batchSize;
    for (const [place, row] of wanted.entries()) {
      if (!source || row >= stored)
        throw new RangeError(`"${column.name}" has ${stored} rows, but row ${row} was asked for`);
      copyRow(source.data, target, row, place, width);
    }
  }
  job.next += batches;
  job.outstanding++;
  const isLast = job.next >= count;
  if (isLast) jobs.delete(number);
  send({ job: number, buffer, layout, isLast }, [buffer]);
}

/** A buffer of at least so many bytes. */
function takeBuffer(bytes: number): ArrayBuffer {
  const at = free.findIndex(({ byteLength }) => byteLength >= bytes && byteLength <= 2 * bytes);
  const [found] = at < 0 ? [] : free.splice(at, 1);
  if (!found && free.length === mostKept) free.shift();
  return found ?? new ArrayBuffer(bytes);
}
