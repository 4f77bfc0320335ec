/** @file The rules of decision trees (ONNX-ML specification, versions 1 and 3). */
import { GraphError } from "../errors.ts";
import { defineOperator, intAttribute, required, type Application } from "../ops/apply.ts";
import { showShape, type Dimension } from "../shape.ts";

const domain = "ai.onnx.ml";

defineOperator(
  "TreeEnsembleRegressor",
  {
    infer: (application) => [
      {
        dtype: "float32",
        shape: [rowsOf(application), intAttribute(application.attributes, "n_targets", 1)],
      },
    ],
  },
  domain,
);

defineOperator(
  "TreeEnsembleClassifier",
  {
    infer: (application) => {
      const { classlabels_strings: texts, classlabels_int64s: numbers } = application.attributes;
      const labels =
        texts && "texts" in texts ? texts.texts : numbers && "ints" in numbers ? numbers.ints : [];
      if (labels.length === 0) throw new GraphError("TreeEnsembleClassifier needs the labels of its classes");
      const rows = rowsOf(application);
      return [
        { dtype: texts && "texts" in texts ? "string" : "int64", shape: [rows] },
        { dtype: "float32", shape: [rows, labels.length] },
      ];
    },
  },
  domain,
);

function rowsOf(application: Application): Dimension {
  const { dtype, shape } = required(application, 0);
  const [rows] = shape;
  if (rows === undefined || shape.length !== 2)
    throw new GraphError(
      `${application.operator} needs features of [rows, features], not ${showShape(shape)}`,
    );
  if (!["float32", "float64", "int64", "int32"].includes(dtype))
    throw new GraphError(`${application.operator} takes no features of ${dtype}`);
  return rows;
}
