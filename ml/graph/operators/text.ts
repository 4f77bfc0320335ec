/** @file The rules of operators that take texts apart (ONNX and ONNX Runtime specifications). */
import { GraphError } from "../errors.ts";
import { defineOperator, intsAttribute, required } from "../ops/apply.ts";

defineOperator("StringNormalizer", {
  infer: (application) => {
    const { dtype, shape } = required(application, 0);
    if ("stopwords" in application.attributes)
      throw new GraphError("how many texts StringNormalizer leaves out is not known before it runs");
    return [{ dtype, shape }];
  },
});

defineOperator(
  "Tokenizer",
  {
    infer: (application) => {
      const { dtype, shape } = required(application, 0);
      return [{ dtype, shape: [...shape, "tokens"] }];
    },
  },
  "com.microsoft",
);

defineOperator("TfIdfVectorizer", {
  infer: (application) => {
    const { shape } = required(application, 0);
    const indexes = intsAttribute(application.attributes, "ngram_indexes") ?? [];
    const width = indexes.reduce((most, index) => Math.max(most, index), -1) + 1;
    return [{ dtype: "float32", shape: [...shape.slice(0, -1), width] }];
  },
});
