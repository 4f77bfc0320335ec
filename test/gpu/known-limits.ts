/** @file What ONNX Runtime's CUDA provider does not compute as exactly as the suite asks, which nothing here can change. */
import type { Provider } from "../../ml/graph/runtime/provider.ts";
import type { TestResult } from "./collect-tests.ts";

const limits: readonly { readonly why: string; readonly is: (result: TestResult) => boolean }[] = [
  {
    why: "float64's softmax is computed in float32",
    is: ({ file, title }) =>
      /^(?:ops|second-gradients)/.test(file) &&
      /finite differences/.test(title) &&
      /(?:softmax|logSoftmax)(?: along the (?:first|last) axis)?(?:: finite differences)?$/.test(title),
  },
  {
    why: "nothing is added by ScatterND in float64",
    is: ({ error = "" }) => error.includes("element_type 11 not implemented for ScatterND"),
  },
];

/** Why a test that failed can't pass on a provider; undefined where it could. */
export function knownLimit(provider: Provider, result: TestResult): string | undefined {
  return provider === "cuda" ? limits.find(({ is }) => is(result))?.why : undefined;
}
