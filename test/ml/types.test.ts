/**
 * @file Mistakes that must not compile: each marked line is an error of the type checker, which `npm run typecheck`
 * verifies by refusing a mark without one. They run too, where running shows that types and values agree.
 */
import assert from "node:assert/strict";
import { openDatabase } from "../../ml/data/index.ts";
import { binaryClassifier } from "../../ml/nn/index.ts";

describe("types", () => {
  it("db.columns: names and kinds come from the schema", async () => {
    using db = await openDatabase();
    const columns = await db.columns("SELECT 1 AS distance, 'ORD' AS origin", {
      distance: "float32",
      origin: "string",
    });
    const distance: Float32Array = columns.distance;
    const origin: readonly string[] = columns.origin;
    assert.deepEqual([distance[0], origin[0]], [1, "ORD"]);
    // @ts-expect-error a misspelt column
    assert.equal(columns.distnace, undefined);
    // @ts-expect-error a column of strings is no column of numbers
    const numbers: Float32Array = columns.origin;
    assert.ok(Array.isArray(numbers));
    // @ts-expect-error a kind that doesn't exist
    await assert.rejects(db.columns("SELECT 1 AS distance", { distance: "float16" }));
  });

  it("binaryClassifier: features have the columns of the model", async () => {
    const model = binaryClassifier({ numeric: ["distance"], categorical: ["origin"] });
    const labels = [0, 1];
    const misspelt = { distnace: [1, 2], origin: ["ORD", "LAX"] };
    // @ts-expect-error a missing column
    await assert.rejects(model.fit(misspelt, labels), /no column "distance"/);
    // @ts-expect-error strings for numbers
    await assert.rejects(model.fit({ distance: ["1", "2"], origin: ["ORD", "LAX"] }, labels), /row 0/);
    // @ts-expect-error numbers for categories
    await assert.rejects(model.fit({ distance: [1, 2], origin: [3, 4] }, labels), /isn't a string/);
    const words = ["no", "yes"];
    // @ts-expect-error labels of strings
    await assert.rejects(model.fit({ distance: [1, 2], origin: ["ORD", "LAX"] }, words), /neither 0 nor 1/);
  });
});
