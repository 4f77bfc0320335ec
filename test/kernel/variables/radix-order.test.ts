import assert from "node:assert/strict";
import { orderByKeys } from "../../../kernel/child/variables/radix-order.ts";

describe("orderByKeys", () => {
  const special = [0, -0, 1, -1, 0.5, -0.5, 1e300, -1e300, 5e-324, -5e-324, Infinity, -Infinity, Number.NaN];
  let seed = 1;
  const random = (): number => {
    seed = (seed * 16_807) % 2_147_483_647;
    return seed / 2_147_483_647;
  };
  const keys = Float64Array.from({ length: 5000 }, (_, index) =>
    index % 3 === 0
      ? (special[Math.floor(random() * special.length)] ?? 0)
      : (random() - 0.5) * 10 ** Math.floor(random() * 20),
  );
  const rows = Uint32Array.from({ length: 4000 }, (_, index) => (index * 7) % 5000);

  for (const descending of [false, true]) {
    it(`orders ${descending ? "down" : "up"} as a stable comparison sort does, NaN last`, () => {
      const expected = [...rows].sort((left, right) => {
        const a = keys[left] ?? 0;
        const b = keys[right] ?? 0;
        if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
        return descending ? b - a || 0 : a - b || 0;
      });
      assert.deepEqual([...orderByKeys(rows, keys, descending)], expected);
    });
  }

  it("leaves its input alone and takes empty lists", () => {
    const before = [...rows];
    orderByKeys(rows, keys, false);
    assert.deepEqual([...rows], before);
    assert.equal(orderByKeys(new Uint32Array(0), keys, false).length, 0);
  });
});
