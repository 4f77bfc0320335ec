/**
 * @file Tensors whose bytes stand in files beside the model (onnx.proto, `TensorProto.external_data`).
 *
 * While a model is decoded its regions are checked against the files and given memory; they are filled afterwards, all
 * at once, so that decoding needs no waiting. Names are confined to the model's folder. Regions of one file are equal
 * or apart, so that no more memory is taken than there are bytes in files.
 */
import type { DType } from "../dtype.ts";
import { confinedFile } from "../confined-path.ts";
import { OnnxFileError } from "../errors.ts";
import { openRegularFile, readFileRange } from "../read-file-range.ts";

/** What a tensor says of its bytes: the entries of `external_data`. */
export type ExternalReference = ReadonlyMap<string, string>;

interface Region {
  readonly start: number;
  readonly bytes: Uint8Array;
  /** Whether the bytes may only be 0 and 1. */
  bool: boolean;
  readonly what: string;
}

interface ExternalFile {
  readonly size: number;
  readonly regions: Map<number, Region>;
}

/** The external data of one model. */
export class ExternalData {
  readonly #folder: string;
  readonly #files = new Map<string, ExternalFile>();

  /** @param folder the model file's */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /**
   * Memory for a tensor's bytes, which {@link load} fills; the same memory for the same region.
   * @param length what the tensor's shape and element type need
   */
  region(reference: ExternalReference, length: number, dtype: DType, what: string): Uint8Array {
    const location = reference.get("location");
    if (location === undefined)
      throw new OnnxFileError(`${what} is in a file of its own, but it isn't said which`);
    const found = confinedFile(this.#folder, location);
    if ("refusal" in found) {
      throw new OnnxFileError(`the file of ${what}: ${found.refusal}`, { cause: found.cause });
    }
    const start = countOf(reference, "offset", what) ?? 0;
    const said = countOf(reference, "length", what) ?? length;
    if (said !== length) {
      throw new OnnxFileError(`${what} has ${said} bytes in ${location}; its shape and type need ${length}`);
    }
    if (length > found.size - start) {
      throw new OnnxFileError(
        `${what} needs bytes ${start} to ${start + length} of ${location}, which has ${found.size}`,
      );
    }
    const file = this.#files.get(found.path) ?? { size: found.size, regions: new Map<number, Region>() };
    this.#files.set(found.path, file);
    const before = file.regions.get(start);
    if (before?.bytes.length === length) {
      before.bool ||= dtype === "bool";
      return before.bytes;
    }
    if (before && length > 0) throw new OnnxFileError(`${what} overlaps ${before.what} in ${location}`);
    const region = { start, bytes: allocate(length, what), bool: dtype === "bool", what };
    if (length > 0) file.regions.set(start, region);
    return region.bytes;
  }

  /** Reads what the regions need. */
  async load(): Promise<void> {
    for (const { regions } of this.#files.values()) refuseOverlaps([...regions.values()]);
    for (const [path, { regions }] of this.#files) {
      try {
        const { file } = await openRegularFile(path);
        try {
          for (const { start, bytes } of regions.values()) await readFileRange(file, bytes, start);
        } finally {
          await file.close();
        }
      } catch (cause) {
        throw new OnnxFileError(`cannot read the tensors in ${path}`, { cause });
      }
      for (const { bool, bytes, what } of regions.values()) if (bool) refuseOtherThanBooleans(bytes, what);
    }
  }
}

function refuseOverlaps(regions: Region[]): void {
  let end = 0;
  for (const { start, bytes, what } of regions.sort((a, b) => a.start - b.start)) {
    if (start < end) throw new OnnxFileError(`${what} overlaps another tensor in its file`);
    end = start + bytes.length;
  }
}

/** Throws {@link OnnxFileError} for bytes other than 0 and 1, which are no booleans. */
export function refuseOtherThanBooleans(bytes: Uint8Array, what: string): void {
  if (bytes.some((byte) => byte > 1)) throw new OnnxFileError(`${what} has bytes that are no booleans`);
}

function countOf(reference: ExternalReference, key: string, what: string): number | undefined {
  const text = reference.get(key);
  if (text === undefined) return undefined;
  const count = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(count)) {
    throw new OnnxFileError(`the ${key} of ${what} is ${JSON.stringify(text)}, which is no number of bytes`);
  }
  return count;
}

function allocate(length: number, what: string): Uint8Array {
  try {
    return new Uint8Array(length);
  } catch (cause) {
    throw new OnnxFileError(`there is no memory for the ${length} bytes of ${what}`, { cause });
  }
}
