import assert from "node:assert/strict";
import { type Frame, FrameReader, MalformedFrameError, encodeFrame } from "../../cells/compiler/frames.ts";

function read(chunks: readonly Buffer[]): Frame[] {
  const frames: Frame[] = [];
  const reader = new FrameReader((frame) => frames.push(frame));
  for (const chunk of chunks) reader.push(chunk);
  return frames;
}

describe("compiler frames", () => {
  const payloads = ["", "{}", "é😀", "x".repeat(300), "y".repeat(70_000)];
  const bytes = Buffer.concat(payloads.map((payload) => encodeFrame(4, "method", payload)));
  const expected = payloads.map((payload) => ({ kind: 4, method: "method", payload }));

  it("reads what was encoded", () => assert.deepEqual(read([bytes]), expected));

  it("reads across any cuts", () => {
    for (const size of [1, 2, 3, 7, 64, 65_535]) {
      const chunks: Buffer[] = [];
      for (let offset = 0; offset < bytes.length; offset += size)
        chunks.push(bytes.subarray(offset, offset + size));
      assert.deepEqual(read(chunks), expected);
    }
  });

  it("refuses what is no tuple", () =>
    assert.throws(() => read([Buffer.from("Usage: tsc")]), MalformedFrameError));
});
