/**
 * @file What the thread that gathers batches is told, and how batches lie in what it hands to the runtime's thread.
 *
 * Rows that lie scattered in more memory than the caches hold take a sixth of a small network's step to collect, so that
 * a thread of its own does it ahead of the steps. It hands batches over in plain buffers, which move from thread to thread
 * without a copy: ONNX Runtime takes no shared memory.
 */
import { emptyArray, type DType } from "../dtype.ts";
import { RuntimeError } from "../errors.ts";
import type { Columns } from "./training-protocol.ts";

/** What a gatherer's owner says to its thread. */
export type GatherRequest =
  | { readonly kind: "data"; readonly data: number; readonly columns: Columns }
  | { readonly kind: "drop data"; readonly data: number }
  | {
      /** Batches of these rows, in order; all have the same size. */
      readonly kind: "job";
      readonly job: number;
      readonly data: number;
      readonly rows: Uint32Array;
      readonly batchSize: number;
    }
  | { readonly kind: "drop job"; readonly job: number };

/** What the thread hands to the runtime's. */
export type GatherReply =
  | {
      readonly job: number;
      readonly buffer: ArrayBuffer;
      readonly layout: GroupLayout;
      readonly isLast: boolean;
    }
  | { readonly job: number; readonly error: string }
  /** Nothing more comes of the job. */
  | { readonly job: number; readonly dropped: true };

/** What the runtime's thread says back: a buffer to be used again, or that the job's other batches are not wanted. */
export type GatherReturn =
  { readonly job: number; readonly buffer: ArrayBuffer } | { readonly job: number; readonly drop: true };

/** Where the batches of a group lie in a buffer: column by column, and in it batch by batch. */
export interface GroupLayout {
  readonly batches: number;
  readonly bytes: number;
  readonly columns: readonly {
    readonly name: string;
    readonly dtype: DType;
    /** The shape of one batch. */
    readonly shape: readonly number[];
    readonly offset: number;
    /** Elements of one batch. */
    readonly length: number;
  }[];
}

/** Bytes that the batches of a group have together, unless one has more: they stay in the caches until they are used. */
const groupBytes = 2 * 2 ** 20;

const alignment = 64;

/** How many batches of so many rows make a group. */
export function batchesOfGroup(columns: Columns, batchSize: number): number {
  return Math.max(1, Math.floor(groupBytes / Math.max(1, rowBytes(columns) * batchSize)));
}

/** The bytes of one row. */
export function rowBytes(columns: Columns): number {
  return Object.values(columns).reduce(
    (sum, { data, shape }) => sum + data.byteLength / Math.max(1, shape[0] ?? 1),
    0,
  );
}

/** Where so many batches lie. */
export function layoutOf(columns: Columns, batchSize: number, batches: number): GroupLayout {
  let bytes = 0;
  const laid = Object.entries(columns).map(
    ([
      name,
      {
        dtype,
        data,
        shape: [rows = 0, ...rest],
      },
    ]) => {
      const length = rows === 0 ? 0 : (data.length / rows) * batchSize;
      const offset = bytes;
      bytes += Math.ceil((length * batches * data.BYTES_PER_ELEMENT) / alignment) * alignment;
      return { name, dtype, shape: [batchSize, ...rest], offset, length };
    },
  );
  return { batches, bytes, columns: laid };
}

/** A column's elements of one batch, or of several after each other, on a group's buffer. */
export function elementsIn(
  buffer: ArrayBuffer,
  { dtype, offset, length }: GroupLayout["columns"][number],
  batch: number,
  batches = 1,
): Columns[string]["data"] {
  const empty = emptyArray(dtype, 0);
  if (!ArrayBuffer.isView(empty)) throw new RuntimeError("texts are in no batch");
  // SAFETY: every typed array is made of a buffer, an offset in bytes and a length.
  const make = empty.constructor as Float32ArrayConstructor;
  return new make(buffer, offset + batch * length * make.BYTES_PER_ELEMENT, length * batches);
}
