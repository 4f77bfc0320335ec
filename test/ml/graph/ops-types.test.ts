/** @file What the compiler knows of shapes, and what it refuses. Each `@ts-expect-error` fails the type check if it is none. */
import assert from "node:assert/strict";
import * as g from "../../../ml/graph/index.ts";
import type { Tensor } from "../../../ml/graph/index.ts";

type Same<A, B> = 0 extends 1 & A ? false : [A, B] extends [B, A] ? true : false;
/** The types must be the same for this to compile; that they are what a run gives, the test compares. */
function has<S extends readonly (number | string)[]>() {
  return <T extends Tensor>(x: T, _proof: Same<T["shape"], S>, shape: readonly number[]): void =>
    assert.deepEqual(x.shape, shape);
}

const a = g.ones([2, 3]);
const b = g.ones([3, 4]);
const v = g.ones([3]);

describe("shapes in types", () => {
  it("are what a run gives", () => {
    has<readonly [2, 4]>()(g.einsum("ij,jk->ik", a, b), true, [2, 4]);
    has<readonly [4, 2]>()(g.einsum("ij,jk->ki", a, b), true, [4, 2]);
    has<readonly []>()(g.einsum("i,i->", v, v), true, []);
    has<readonly [2, 3]>()(g.outer(g.ones([2]), v), true, [2, 3]);
    has<readonly []>()(g.dot(v, v), true, []);
    has<readonly [2, 3]>()(g.gelu(a), true, [2, 3]);
    has<readonly [2, 3]>()(g.softmax(a, 0), true, [2, 3]);
    has<readonly [2, 3]>()(g.maximum(a, v), true, [2, 3]);
    has<readonly [2, 3]>()(g.where(a.greater(0), v, a), true, [2, 3]);
    has<readonly [2, 1]>()(g.variance(a, 1, { keepAxes: true }), true, [2, 1]);
    has<readonly [2]>()(g.argmax(a, -1), true, [2]);
    has<readonly [3]>()(a.slice(0), true, [3]);
    has<readonly [2, number]>()(g.concat([a, a], 1), true, [2, 6]);
    has<readonly [2, 3, 1]>()(a.unsqueeze(-1), true, [2, 3, 1]);
    has<readonly [2, 3]>()(a.unsqueeze(0).squeeze(0), true, [2, 3]);
    has<readonly [5, 3]>()(g.take(a, g.zeros([5], "int64")), true, [5, 3]);
    has<readonly [5, 4]>()(g.oneHot(g.zeros([5], "int64"), 4), true, [5, 4]);
    has<readonly [3, 3]>()(g.diag(v), true, [3, 3]);
  });

  it("mistakes are errors before the run", () => {
    const wrong: readonly (() => unknown)[] = [
      // @ts-expect-error -- "j" is 3 in one operand and 2 in another
      () => g.einsum("ij,jk->ik", a, a),
      // @ts-expect-error -- "ijk" has more subscripts than [2, 3] has axes
      () => g.einsum("ijk->i", a),
      // @ts-expect-error -- "i" has fewer subscripts than [2, 3] has axes
      () => g.einsum("i->i", a),
      // @ts-expect-error -- no operand has the "k" of the result
      () => g.einsum("ij->ik", a),
      // @ts-expect-error -- there are fewer subscripts than operands
      () => g.einsum("ij->i", a, a),
      // @ts-expect-error -- 3 against 4
      () => g.dot(v, g.ones([4])),
      // @ts-expect-error -- cannot broadcast [2, 3] with [3, 4]
      () => g.maximum(a, b),
      // @ts-expect-error -- there is no axis 2 in [2, 3]
      () => g.softmax(a, 2),
      // @ts-expect-error -- there is no axis -3 in [2, 3]
      () => g.variance(a, -3),
      // @ts-expect-error -- there is no axis 2 in [2, 3]
      () => g.concat([a, a], 2),
    ];
    for (const each of wrong) assert.throws(each, g.GraphError);
  });
});
