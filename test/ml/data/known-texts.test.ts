/** @file The cache of decoded texts: how often it decodes what it has met before. */
import assert from "node:assert/strict";
import { KnownTexts } from "../../../ml/data/known-texts.ts";

/** What DuckDB's vector holds of texts of up to twelve bytes. */
function wordsOf(texts: readonly string[]): Int32Array {
  const bytes = new Uint8Array(texts.length * 16);
  const words = new Int32Array(bytes.buffer);
  for (const [row, text] of texts.entries()) {
    const encoded = new TextEncoder().encode(text);
    words[row * 4] = encoded.length;
    bytes.set(encoded, row * 16 + 4);
  }
  return words;
}

describe("Known texts", () => {
  it("are decoded once where they are few, though many would fall on the same places", () => {
    const airports = Array.from({ length: 1000 }, (_, code) => `A${code.toString(36).toUpperCase()}`);
    const known = new KnownTexts();
    const numbers = new Uint32Array(airports.length);
    let decoded = 0;
    for (let chunk = 0; chunk < 20; chunk++) {
      known.read(
        wordsOf(airports),
        undefined,
        (row) => {
          decoded += 1;
          return airports[row] ?? "";
        },
        numbers,
      );
      const read = [...numbers].map((number) => known.texts[number]);
      assert.deepEqual(read, airports);
    }
    assert.ok(decoded <= airports.length * 1.02, `${decoded} were decoded`);
  });

  it("stay right where there are more than places for them", () => {
    const many = Array.from({ length: 30_000 }, (_, at) => String((at * 7919) % 20_011));
    const known = new KnownTexts();
    const numbers = new Uint32Array(many.length);
    for (let chunk = 0; chunk < 3; chunk++) {
      known.read(wordsOf(many), undefined, (row) => many[row] ?? "", numbers);
      assert.deepEqual(
        [...numbers].map((number) => known.texts[number]),
        many,
      );
    }
  });
});
