import assert from "node:assert/strict";
import { datatypes } from "../../../ml/serve/element-arrays.ts";
import { bytesOfElements, elementsOfBytes } from "../../../ml/serve/element-bytes.ts";
import { refused } from "../refused.ts";

describe("Elements as bytes", () => {
  it("come out as they went in, wherever in memory the bytes lie", () => {
    const eight = Uint8Array.of(0, 1, 2, 3, 4, 5, 0xf0, 0x3f);
    for (const datatype of datatypes.filter((each) => each !== "BYTES"))
      for (const offset of [0, 1, 4, 8]) {
        const memory = new Uint8Array(16);
        memory.set(eight, offset);
        const bytes = memory.subarray(offset, offset + 8);
        const width = Number(/\d+/.exec(datatype)?.[0] ?? 8) / 8;
        const elements = elementsOfBytes("x", datatype, 8 / width, bytes);
        assert.ok(ArrayBuffer.isView(elements));
        assert.equal(elements.buffer === memory.buffer, offset % width === 0, `${datatype} at ${offset}`);
        assert.deepEqual(bytesOfElements(elements), eight);
      }
  });

  it("are texts behind their lengths, to the last character", () => {
    const texts = ["", "a", "\u{feff}marked", "한국어", "\u{1f600}", "x".repeat(70_000)];
    const bytes = bytesOfElements(texts);
    assert.deepEqual(elementsOfBytes("x", "BYTES", texts.length, bytes), texts);
    assert.deepEqual(Buffer.from(bytes.subarray(4, 9)), Buffer.from("0100000061", "hex"));
    assert.deepEqual(elementsOfBytes("x", "BYTES", 0, new Uint8Array(0)), []);
  });

  it("are refused by the field's name where they are too few, too many, or no text", async () => {
    for (const [datatype, count, hex, message] of [
      ["FP32", 2, "00000000", /^x has 4 bytes, but 2 elements of FP32 are 8$/],
      ["FP64", 1, "0000000000000000ff", /^x has 9 bytes/],
      ["BYTES", 1, "0200000061", /^x: text 0 ends beyond/],
      ["BYTES", 1, "000000", /^x: text 0 ends beyond/],
      ["BYTES", 1, "ffffffff", /^x: text 0 ends beyond/],
      ["BYTES", 2, "0100000061", /^x has 1 texts, but 2 elements$/],
      ["BYTES", 1, "01000000ff", /^x: text 0 is no UTF-8$/],
    ] as const)
      await refused(() => elementsOfBytes("x", datatype, count, Buffer.from(hex, "hex")), message);
  });
});
