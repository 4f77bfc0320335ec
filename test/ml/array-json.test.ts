import assert from "node:assert/strict";
import * as v from "valibot";
import { arrayJson, arraySchema } from "../../ml/array-json.ts";

describe("typed arrays as JSON", () => {
  it("come back bit by bit, NaN, infinities and -0 included", () => {
    const numbers = Float64Array.of(1 / 3, Number.NaN, Number.POSITIVE_INFINITY, -0, 5e-324);
    const text = JSON.stringify(arrayJson("float64", numbers));
    const read = v.parse(arraySchema("float64"), JSON.parse(text));
    assert.deepEqual(read, numbers);
    assert.ok(Object.is(read[3], -0));
  });

  it("of a part of a buffer hold that part only", () => {
    const part = Int32Array.of(1, 2, 3, 4).subarray(1, 3);
    assert.deepEqual(v.parse(arraySchema("int32"), arrayJson("int32", part)), Int32Array.of(2, 3));
  });

  it("refuse another type, text that is no base64, and half a number", () => {
    const schema = arraySchema("float32");
    assert.throws(() => v.parse(schema, arrayJson("int32", Int32Array.of(1))));
    assert.throws(() => v.parse(schema, { type: "float32", base64: "?" }));
    assert.throws(
      () => v.parse(schema, { type: "float32", base64: "AAAA" }),
      /3 bytes are no array of float32/,
    );
  });
});
