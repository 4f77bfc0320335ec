/** @file The rules of operators that repeat, cut to triangles, and run along an axis. */
import { GraphError } from "../errors.ts";
import type { Dimension } from "../shape.ts";
import { apply, defineOperator, intAttribute, required } from "../ops/apply.ts";
import { sum } from "../ops/reduce.ts";
import { reshape } from "../ops/shape-ops.ts";
import { knownNumbers } from "../value.ts";
import { sameType } from "./elementwise.ts";
import { numbersOf } from "./shape-ops.ts";

defineOperator("Tile", {
  infer: (application) => {
    const x = required(application, 0);
    const counts = numbersOf(application, 1, "repeats");
    if (counts?.length !== x.shape.length) throw new GraphError("Tile needs a count for each axis");
    const shape = x.shape.map((size, axis): Dimension => {
      const count = counts[axis] ?? 1;
      if (typeof size === "number") return size * count;
      return count === 1 ? size : `${size}*${count}`;
    });
    return [{ dtype: x.dtype, shape }];
  },
  gradient: (context) => {
    const x = required(context, 0);
    const counts = knownNumbers(context.inputs[1]) ?? [];
    // Each axis in two: the copies, which are summed, and what they are copies of.
    const copies = x.shape.flatMap((size, axis) => [counts[axis] ?? 1, size]);
    const axes = x.shape.map((_, axis) => 2 * axis);
    return [sum(reshape(context.gradient, copies, [x]), { axes }), undefined];
  },
});

defineOperator("Trilu", {
  infer: (application) => [sameType(application)],
  gradient: ({ inputs, attributes, gradient }) => [
    apply("Trilu", [gradient, inputs[1]], attributes),
    undefined,
  ],
});

defineOperator("CumSum", {
  infer: (application) => [sameType(application)],
  gradient: ({ attributes, gradient, ...context }) => {
    // Each element is part of its own sum and of all later ones: the sums from the other end.
    const reverse = 1 - intAttribute(attributes, "reverse", 0);
    const exclusive = { int: intAttribute(attributes, "exclusive", 0) };
    return [
      apply("CumSum", [gradient, required(context, 1)], { reverse: { int: reverse }, exclusive }),
      undefined,
    ];
  },
});
