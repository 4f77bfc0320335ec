import assert from "node:assert/strict";
import { fillPhilox, type PhiloxStream } from "../../ml/philox.ts";

function words(count: number, stream: PhiloxStream, first = 0): string[] {
  const filled = new Uint32Array(count);
  fillPhilox(filled, stream, first);
  return Array.from(filled, (word) => word.toString(16).padStart(8, "0"));
}

describe("Philox", () => {
  // The known answers that Random123 publishes for philox4x32 with 10 rounds (kat_vectors).
  const known = [
    {
      counter: [0, 0, 0, 0],
      key: [0, 0],
      answer: ["6627e8d5", "e169c58d", "bc57ac4c", "9b00dbd8"],
    },
    {
      counter: [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
      key: [0xffffffff, 0xffffffff],
      answer: ["408f276d", "41c83b0e", "a20bc7c6", "6d5451fd"],
    },
    {
      counter: [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
      key: [0xa4093822, 0x299f31d0],
      answer: ["d16cfe09", "94fdcceb", "5001e420", "24126ea1"],
    },
  ] as const;
  for (const { counter, key, answer } of known) {
    it(`gives the known answer to the key ${key.map((word) => word.toString(16)).join(" ")}`, () => {
      const [first, ...upper] = counter;
      assert.deepEqual(words(4, { key, counter: upper }, first), answer);
    });
  }

  it("gives the same words whole and in parts", () => {
    const stream: PhiloxStream = { key: [1, 2], counter: [3, 4, 5] };
    const whole = words(40, stream);
    assert.deepEqual([...words(8, stream), ...words(30, stream, 2)], whole.slice(0, 38));
    assert.equal(new Set(whole).size, 40);
  });
});
