/** @file The rules of TopK, ArgMax and ArgMin. */
import { GraphError } from "../errors.ts";
import { normalAxis } from "../shape.ts";
import { defineOperator, intAttribute, required } from "../ops/apply.ts";
import { scatter } from "../ops/scatter.ts";
import { zerosLike } from "../ops/zeros.ts";
import { knownNumbers } from "../value.ts";

defineOperator("TopK", {
  infer: (application) => {
    const x = required(application, 0);
    const axis = normalAxis("topK", intAttribute(application.attributes, "axis", -1), x.shape.length);
    const [count] = knownNumbers(required(application, 1)) ?? [];
    if (count === undefined)
      throw new GraphError("TopK needs a count that is known when the program is traced");
    const shape = x.shape.with(axis, count);
    return [
      { dtype: x.dtype, shape },
      { dtype: "int64", shape },
    ];
  },
  gradient: (context) => {
    const x = required(context, 0);
    const [gradient] = context.gradients;
    const positions = context.outputs[1];
    if (!gradient || !positions) return [];
    return [
      scatter(zerosLike(x), positions, gradient, intAttribute(context.attributes, "axis", -1)),
      undefined,
    ];
  },
});

for (const name of ["ArgMax", "ArgMin"])
  defineOperator(name, {
    infer: (application) => {
      const x = required(application, 0);
      const axis = normalAxis(name, intAttribute(application.attributes, "axis", 0), x.shape.length);
      const keep = intAttribute(application.attributes, "keepdims", 1) === 1;
      return [{ dtype: "int64", shape: x.shape.toSpliced(axis, 1, ...(keep ? [1] : [])) }];
    },
  });
