/** @file The rules of operators that number texts and whole numbers (ONNX-ML and ONNX Runtime specifications). */
import { GraphError } from "../errors.ts";
import { defineOperator, intAttribute, required } from "../ops/apply.ts";

const valueTypes = {
  values_int64s: "int64",
  values_floats: "float32",
  values_strings: "string",
} as const;

defineOperator(
  "LabelEncoder",
  {
    infer: (application) => {
      const { shape } = required(application, 0);
      const found = Object.entries(valueTypes).find(([name]) => name in application.attributes);
      if (!found) throw new GraphError("LabelEncoder needs the values that its keys become");
      return [{ dtype: found[1], shape }];
    },
  },
  "ai.onnx.ml",
);

defineOperator(
  "MurmurHash3",
  {
    infer: (application) => {
      const { shape } = required(application, 0);
      const isUnsigned = intAttribute(application.attributes, "positive", 1) === 1;
      return [{ dtype: isUnsigned ? "uint32" : "int32", shape }];
    },
  },
  "com.microsoft",
);
