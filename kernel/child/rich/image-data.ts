/** @file ImageData-like values (`{ data, width, height }` with RGBA bytes) as PNG images. */
import { crc32, deflateSync } from "node:zlib";
import type { MimeBundle } from "../protocol.ts";
import { readAny } from "./safe-read.ts";

const mostPixels = 16_000_000;

/** The value as a PNG where it is RGBA pixels; undefined where it isn't. */
export function imageDataBundle(value: object): MimeBundle | undefined {
  const data = readAny(value, "data");
  const width = readAny(value, "width");
  const height = readAny(value, "height");
  if (!(data instanceof Uint8ClampedArray) || typeof width !== "number" || typeof height !== "number")
    return undefined;
  if (!(width > 0 && height > 0) || data.length !== width * height * 4 || width * height > mostPixels)
    return undefined;
  return {
    "image/png": encodePng(data, width, height).toString("base64"),
    "text/plain": `Image of ${width} × ${height} pixels`,
  };
}

/** A PNG file (RFC 2083) of 8-bit RGBA pixels, with the Sub filter on each line. */
export function encodePng(pixels: Uint8ClampedArray, width: number, height: number): Buffer {
  const stride = width * 4;
  const lines = Buffer.alloc((stride + 1) * height);
  for (let row = 0; row < height; row += 1) {
    const to = row * (stride + 1);
    const from = row * stride;
    lines[to] = 1;
    for (let index = 0; index < stride; index += 1) {
      const left = index < 4 ? 0 : (pixels[from + index - 4] ?? 0);
      lines[to + 1 + index] = (pixels[from + index] ?? 0) - left;
    }
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 6, 0, 0, 0], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([
    signature,
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(lines, { level: 6 })),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

function chunk(type: string, body: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(type, "latin1"), body]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length);
  const check = Buffer.alloc(4);
  check.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, check]);
}
