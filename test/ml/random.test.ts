import assert from "node:assert/strict";
import * as v from "valibot";
import { Random } from "../../ml/random.ts";
import { readReference } from "./reference.ts";

describe("Random", () => {
  const cases = readReference(
    "xoshiro",
    v.array(v.object({ seed: v.number(), uint32: v.array(v.number()) })),
  );
  for (const { seed, uint32 } of cases) {
    it(`gives the reference sequence of seed ${seed}`, () => {
      const random = new Random(seed);
      assert.deepEqual(
        uint32.map(() => random.uint32()),
        uint32,
      );
    });
  }

  it("shuffles every row to every place about equally often", () => {
    const random = new Random(3);
    const counts = Array.from({ length: 16 }, () => 0);
    for (let round = 0; round < 8000; round++) {
      const values = Uint32Array.of(0, 1, 2, 3);
      random.shuffle(values);
      for (const [place, value] of values.entries())
        counts[value * 4 + place] = (counts[value * 4 + place] ?? 0) + 1;
    }
    for (const count of counts) assert.ok(Math.abs(count - 2000) < 200, `${count} of 8000`);
  });

  it("draws normals of mean 0 and variance 1", () => {
    const random = new Random(5);
    const draws = Float64Array.from({ length: 50_000 }, () => random.normal());
    const mean = draws.reduce((sum, draw) => sum + draw, 0) / draws.length;
    const variance = draws.reduce((sum, draw) => sum + (draw - mean) ** 2, 0) / draws.length;
    assert.ok(Math.abs(mean) < 0.02, `mean ${mean}`);
    assert.ok(Math.abs(variance - 1) < 0.03, `variance ${variance}`);
  });
});
