/** @file One open safetensors file: its header is read at once, a tensor's bytes when they are asked for. */
import { SafetensorsFileError } from "../errors.ts";
import { openRegularFile, readFileRange } from "../read-file-range.ts";
import type { SafetensorsInfo, SafetensorsTensor } from "./format.ts";
import { headerLength, parseHeader } from "./header.ts";
import { tensorOfBytes } from "./tensor-bytes.ts";

/** Weights in a file that is open. Close it, or declare it with `await using`. */
export interface OpenSafetensors extends AsyncDisposable {
  /** What there is, by name, in the order of the bytes. */
  readonly tensors: ReadonlyMap<string, SafetensorsInfo>;
  readonly metadata: Readonly<Record<string, string>>;
  /**
   * Reads one tensor, into memory of its own.
   * @throws {SafetensorsFileError} where there is none of that name, or the file can't be read
   */
  read(name: string): Promise<SafetensorsTensor>;
  /** Closes the file. Reads that are under way must be waited for before. */
  close(): Promise<void>;
}

/** Opens one file. Throws {@link SafetensorsFileError} with the path where it can't be read or breaks the format's rules. */
export async function openSafetensorsFile(path: string): Promise<OpenSafetensors> {
  const { file, size } = await openRegularFile(path).catch((cause: unknown) => {
    throw withPath(path, cause);
  });
  try {
    const prefix = new Uint8Array(Math.min(8, size));
    await readFileRange(file, prefix, 0);
    const header = new Uint8Array(headerLength(prefix, size));
    await readFileRange(file, header, 8);
    const dataStart = 8 + header.length;
    const { places, metadata } = parseHeader(header, size - dataStart);
    const close = (): Promise<void> => file.close();
    return {
      tensors: places,
      metadata,
      read: async (name) => {
        try {
          const place = places.get(name);
          if (!place) throw new SafetensorsFileError(`there is no tensor ${JSON.stringify(name)}`);
          const bytes = allocate(place.byteLength, name);
          await readFileRange(file, bytes, dataStart + place.start);
          return tensorOfBytes(name, place, bytes);
        } catch (cause) {
          throw withPath(path, cause);
        }
      },
      close,
      [Symbol.asyncDispose]: close,
    };
  } catch (cause) {
    await file.close();
    throw withPath(path, cause);
  }
}

/** An error with the file's path in front; one of the format keeps its message. */
export function withPath(path: string, cause: unknown): SafetensorsFileError {
  const message = cause instanceof SafetensorsFileError ? cause.message : "cannot be read";
  return new SafetensorsFileError(message, { path, cause });
}

function allocate(length: number, name: string): Uint8Array {
  try {
    return new Uint8Array(length);
  } catch (cause) {
    throw new SafetensorsFileError(
      `there is no memory for the ${length} bytes of tensor ${JSON.stringify(name)}`,
      {
        cause,
      },
    );
  }
}
