/** @file Bodies that came compressed. */
import { promisify } from "node:util";
import { brotliDecompress, gunzip, inflate } from "node:zlib";
import { InvalidInputError } from "../../errors.ts";
import { ServingError } from "../inference.ts";

const unpackers = {
  gzip: promisify(gunzip),
  deflate: promisify(inflate),
  br: promisify(brotliDecompress),
} as const;

/**
 * A body that was compressed, of at most so many bytes.
 * @throws {@link ServingError} of kind `too-large`, {@link InvalidInputError} for an encoding that isn't known and for what isn't of it
 */
export async function unpackBody(body: Buffer, encoding: string, limit: number): Promise<Buffer> {
  const unpack = Object.hasOwn(unpackers, encoding) ? Reflect.get(unpackers, encoding) : undefined;
  if (!unpack)
    throw new InvalidInputError(
      `the body is encoded as ${encoding.slice(0, 50)}; there are: ${Object.keys(unpackers).join(", ")}`,
    );
  try {
    return await unpack(body, { maxOutputLength: limit });
  } catch (cause) {
    if (
      cause instanceof RangeError ||
      (cause instanceof Error && "code" in cause && cause.code === "ERR_BUFFER_TOO_LARGE")
    )
      throw new ServingError("too-large", `the request has more than ${limit} bytes`, { cause });
    throw new InvalidInputError(`the body is not ${encoding}`, { cause });
  }
}
