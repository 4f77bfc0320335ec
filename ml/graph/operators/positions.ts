/** @file The rules of ArgMax and ArgMin. */
import { normalAxis } from "../shape.ts";
import { defineOperator, intAttribute, required } from "../ops/apply.ts";

for (const name of ["ArgMax", "ArgMin"])
  defineOperator(name, {
    infer: (application) => {
      const x = required(application, 0);
      const axis = normalAxis(name, intAttribute(application.attributes, "axis", 0), x.shape.length);
      const keep = intAttribute(application.attributes, "keepdims", 1) === 1;
      return [{ dtype: "int64", shape: x.shape.toSpliced(axis, 1, ...(keep ? [1] : [])) }];
    },
  });
