/**
 * @file A safetensors header: parsed, and its tensors' places checked by the rules of the reference implementation.
 *
 * They lie one after another without a gap from the data's first byte to its last, and each is as long as its shape and
 * element type need; so a header promises no memory that the file doesn't have.
 */
import { bytesPerElement } from "../dtype.ts";
import { SafetensorsFileError } from "../errors.ts";
import { longestHeader, metadataKey, safetensorsNames } from "./format.ts";
import type { SafetensorsDType, SafetensorsInfo } from "./format.ts";
import { JsonReader } from "./json-reader.ts";

/** A tensor's place: bytes from `start` on, counted from the data's first. */
export interface SafetensorsPlace extends SafetensorsInfo {
  readonly start: number;
}

/** A header. */
export interface SafetensorsHeader {
  /** In the order of their bytes. */
  readonly places: ReadonlyMap<string, SafetensorsPlace>;
  readonly metadata: Readonly<Record<string, string>>;
}

const dtypes = new Map<string, SafetensorsDType>(
  // SAFETY: the object's keys are exactly the element types.
  (Object.keys(safetensorsNames) as SafetensorsDType[]).map((dtype) => [safetensorsNames[dtype], dtype]),
);

/**
 * The header's length.
 * @param prefix the file's first eight bytes, or what there is of them
 * @param size the file's length
 * @throws {SafetensorsFileError} where it is longer than the file, or than 100 MB
 */
export function headerLength(prefix: Uint8Array, size: number): number {
  if (prefix.length < 8)
    throw new SafetensorsFileError("the file is shorter than the eight bytes that open it");
  const length = new DataView(prefix.buffer, prefix.byteOffset, 8).getBigUint64(0, true);
  if (length > BigInt(longestHeader)) {
    throw new SafetensorsFileError(`the header is ${length} bytes long; ${longestHeader} are allowed`);
  }
  if (Number(length) > size - 8) {
    throw new SafetensorsFileError(`the header is ${length} bytes long, but the file ends after ${size - 8}`);
  }
  return Number(length);
}

/**
 * Parses and checks a header.
 * @param dataLength bytes of the file behind the header
 * @throws {SafetensorsFileError} where it breaks the format's rules, or has element types that tensors here don't have
 */
export function parseHeader(bytes: Uint8Array, dataLength: number): SafetensorsHeader {
  if (bytes[0] !== 0x7b) throw new SafetensorsFileError('the header is wrong: it does not begin with "{"');
  const reader = new JsonReader(textOf(bytes));
  const metadata = new Map<string, string>();
  const found: [name: string, place: SafetensorsPlace][] = [];
  reader.object((name) => {
    if (name === metadataKey) reader.object((key) => metadata.set(key, reader.text()));
    else found.push([name, parsePlace(reader, name)]);
  });
  reader.end();
  found.sort(([, a], [, b]) => a.start - b.start || a.byteLength - b.byteLength);
  let end = 0;
  for (const [name, { start, byteLength }] of found) {
    if (start !== end) {
      const what = start < end ? "overlaps the one before it" : "leaves a gap before it";
      throw new SafetensorsFileError(`tensor ${JSON.stringify(name)} ${what}, at byte ${start} of the data`);
    }
    end += byteLength;
  }
  if (end !== dataLength) {
    throw new SafetensorsFileError(`the tensors have ${end} bytes, the file has ${dataLength} for them`);
  }
  return { places: new Map(found), metadata: Object.fromEntries(metadata) };
}

function parsePlace(reader: JsonReader, name: string): SafetensorsPlace {
  const what = `tensor ${JSON.stringify(name)}`;
  let type: string | undefined;
  let shape: readonly number[] | undefined;
  let offsets: readonly number[] | undefined;
  reader.object((key) => {
    if (key === "dtype") type = reader.text();
    else if (key === "shape") shape = reader.counts();
    else if (key === "data_offsets") offsets = reader.counts();
    else reader.skip();
  });
  if (type === undefined || !shape || !offsets) {
    throw new SafetensorsFileError(`${what} lacks its dtype, shape or data_offsets`);
  }
  const dtype = dtypes.get(type);
  if (!dtype) {
    throw new SafetensorsFileError(
      `${what} has elements of ${JSON.stringify(type)}, which tensors here don't have`,
    );
  }
  const [start, end] = offsets;
  if (start === undefined || end === undefined || offsets.length !== 2 || end < start) {
    throw new SafetensorsFileError(`${what} has the data_offsets [${offsets.slice(0, 3).join(", ")}]`);
  }
  const byteLength = byteLengthOf(shape, dtype, what);
  if (end - start !== byteLength) {
    throw new SafetensorsFileError(
      `${what} has ${end - start} bytes; its shape and type (${type}) need ${byteLength}`,
    );
  }
  return { dtype, shape, byteLength, start };
}

/** Bytes of a tensor of a shape. Throws {@link SafetensorsFileError} beyond 2⁵³. */
export function byteLengthOf(shape: readonly number[], dtype: SafetensorsDType, what: string): number {
  // As the reference does: a product that overflows is refused even where a later size is zero.
  let count = 1;
  for (const size of shape) {
    count *= size;
    if (!Number.isSafeInteger(count * bytesPerElement[dtype])) {
      throw new SafetensorsFileError(`${what} has a shape that is too large`);
    }
  }
  return count * bytesPerElement[dtype];
}

function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new SafetensorsFileError("the header is no UTF-8 text", { cause });
  }
}
