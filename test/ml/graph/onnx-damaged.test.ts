/** @file Models that break ONNX's rules or need what isn't known here, and what the error says of each. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { OnnxFileError } from "../../../ml/graph/errors.ts";
import { decodeOnnx, readOnnx } from "../../../ml/graph/onnx/decode.ts";
import { bytesOf, onnxReference as reference } from "./onnx-reference.ts";

/** What each damaged model is refused for. */
const refusals: Readonly<Record<string, RegExp>> = {
  "nodes out of order": /Relu uses the value "a", before Relu makes it/,
  "a cycle": /uses the value "b", before Relu makes it: the nodes are in no order .*cycle/,
  "a value from nowhere": /Add uses the value "nothing", but nothing makes it/,
  "a value made twice": /Relu makes the value "y", which is there already/,
  "an input made again": /"x", which is there already/,
  "an output from nowhere": /output "y" is made by no node/,
  "two inputs of one name": /input "x" is there twice/,
  "two initialisers of one name": /initialiser "w" is there twice/,
  "an initialiser without a name": /initialiser "" is .*nameless/,
  "an inner value made again": /"a", which is there already/,
  "an inner value used outside": /uses the value "other", but nothing makes it/,
  "an inner value used before it exists": /uses the value "late"/,
  "an inner graph without its output": /output "x" is made by no node of its graph/,
  "no operator": /no operator/,
  "an attribute twice": /the attribute "alpha" twice/,
  "an attribute that stands for another outside a function": /stands for "slope" outside any function/,
  "a function that calls itself": /local\.F calls itself/,
  "a function twice": /local\.F is there twice/,
  "a function of another version": /version 13 of ai\.onnx, the model in 17/,
  "a function without its output": /"y" of function local\.F is used before it exists/,
  "a function with a value from nowhere": /"z" of function local\.F is used before it exists/,
  "a function that is not there": /needs the operator set "local" 1, which is not known/,
  "the standard operators too old":
    /needs version 6 of the operator set ai\.onnx; versions 7 to 28 are known/,
  "the standard operators too new": /needs version 99 of the operator set ai\.onnx/,
  "an operator set that is not known": /needs the operator set "com\.example" 3/,
  "an operator set that is not imported": /uses "ai\.onnx\.ml" without saying which version/,
  "a format too new": /version 99 of ONNX's format; 3 to 13/,
  "no format": /no ONNX model/,
  "no graph": /no ONNX model/,
  "no element type": /tensor "w" has no element type/,
  "complex numbers": /tensor "w" has elements of ONNX type 14/,
  "a tensor too short": /too few or too many elements in float_data; its shape needs 2/,
  "a tensor too long": /too few or too many elements in float_data/,
  "a tensor without elements": /has 0 bytes; its shape and type \(float32\) need 8/,
  "elements in two places": /in more than one place/,
  "raw bytes too few": /has 7 bytes; .* need 8/,
  "elements in another type's field": /in int64_data; those of float32 stand in float_data/,
  "a negative size": /a size of -2/,
  "a huge size": /too large/,
  segments: /segments/,
  "external data in mere bytes": /a file of its own/,
  "an int8 of 200": /the element 200, which is no int8/,
  "a bool of 2": /no booleans/,
  "sparse indices out of order": /out of order/,
  "sparse indices out of range": /outside its shape/,
  "sparse indices too few": /no indices that fit its 2 values/,
  "a sparse tensor too large": /1099511627776 elements written out in full/,
  "an attribute beyond 2^53": /attribute "axis" of Softmax is 1152921504606846976, beyond 2\^53/,
};

describe("damaged ONNX files", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "tenon-onnx-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  for (const { name, bytes } of reference.damaged) {
    it(`refuses ${name}`, async () => {
      const refusal = refusals[name];
      assert.ok(refusal, `no refusal is expected of ${name}`);
      assert.throws(
        () => decodeOnnx(bytesOf(bytes)),
        (error: unknown) => {
          assert.ok(error instanceof OnnxFileError);
          assert.match(error.message, refusal);
          return true;
        },
      );
      const path = join(folder, "damaged.onnx");
      writeFileSync(path, bytesOf(bytes));
      await assert.rejects(readOnnx(path), (error: unknown) => {
        assert.ok(error instanceof OnnxFileError);
        assert.equal(error.path, path);
        return true;
      });
    });
  }
});
