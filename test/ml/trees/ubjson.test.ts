import assert from "node:assert/strict";
import { ForestFileError } from "../../../ml/trees/native/errors.ts";
import { decodeUbjson } from "../../../ml/trees/native/ubjson.ts";

/** Bytes of texts and numbers. */
function bytes(...parts: readonly (string | number)[]): Uint8Array {
  return Buffer.concat(parts.map((part) => (typeof part === "number" ? Buffer.of(part) : Buffer.from(part))));
}

describe("Universal Binary JSON", () => {
  it("holds what JSON holds", () => {
    const cases: readonly (readonly [Uint8Array, unknown])[] = [
      [bytes("Z"), null],
      [bytes("T"), true],
      [bytes("NF"), false],
      [bytes("i", 0xff), -1],
      [bytes("U", 0xff), 255],
      [bytes("I", 0x80, 0), -32_768],
      [bytes("l", 0, 1, 0, 0), 65_536],
      [bytes("L", 0, 0, 0, 1, 0, 0, 0, 0), 2 ** 32],
      [bytes("d", 0x3f, 0xc0, 0, 0), 1.5],
      [bytes("D", 0xbf, 0xf8, 0, 0, 0, 0, 0, 0), -1.5],
      [bytes("Cx"), "x"],
      [bytes("Si", 3, "é!"), "é!"],
      [bytes("[U", 1, "Z]"), [1, null]],
      [bytes("[#i", 2, "TF"), [true, false]],
      [bytes("[$U#i", 3, 7, 8, 9), [7, 8, 9]],
      [bytes("[$S#i", 1, "i", 2, "ab"), ["ab"]],
      [bytes("{i", 1, "aTi", 1, "b[]}"), { a: true, b: [] }],
      [bytes("{#i", 1, "i", 1, "aF"), { a: false }],
      [bytes("{$U#i", 1, "i", 1, "a", 5), { a: 5 }],
    ];
    for (const [given, expected] of cases) assert.deepEqual(decodeUbjson(given), expected);
  });

  it("makes no name of an object's prototype", () => {
    const decoded = decodeUbjson(bytes("{i", 9, "__proto__{i", 1, "aT}}")) as object;
    assert.equal(Object.getPrototypeOf(decoded), Object.prototype);
    assert.ok(Object.hasOwn(decoded, "__proto__"));
  });

  it("is refused where it is cut off, nested without end, or says more than there is", () => {
    const broken: readonly (readonly [Uint8Array, RegExp])[] = [
      [bytes(), /cut off/u],
      [bytes("d", 1), /cut off/u],
      [bytes("Si", 5, "ab"), /cut off/u],
      [bytes("["), /cut off/u],
      [bytes("{i", 1, "a"), /cut off/u],
      [bytes("?"), /no type "\?"/u],
      [bytes("[$U", 1), /a type and no count/u],
      [bytes("[$T#l", 0x7f, 0xff, 0xff, 0xff), /no part of a model/u],
      [bytes("[$d#l", 0x7f, 0xff, 0xff, 0xff), /the file is shorter/u],
      [bytes("[#i", 0xff), /no length/u],
      [bytes("[#d", 0, 0, 0, 0), /no length/u],
      [bytes("TT"), /bytes behind/u],
      [bytes("[".repeat(1000)), /nested deeper/u],
    ];
    for (const [given, message] of broken) {
      assert.throws(
        () => decodeUbjson(given),
        (error) => {
          assert.ok(error instanceof ForestFileError, String(error));
          assert.match(error.message, message);
          return true;
        },
      );
    }
  });
});
