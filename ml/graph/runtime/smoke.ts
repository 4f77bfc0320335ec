/** @file A small program that shows whether a provider works, and how fast: a product of matrices. */
import { encodeOnnx } from "../onnx/encode.ts";
import { RuntimeError } from "../errors.ts";
import type { Provider } from "./provider.ts";
import { Session } from "./session.ts";
import type { TensorData } from "./tensor-data.ts";

const size = 512;
const timedRuns = 3;
/** A provider whose first run takes so long, compiling included, computes on the CPU: it is not tried longer. */
const patience = 1000;

function smokeModel(): Uint8Array {
  const product = { name: "product", operator: "MatMul", inputs: ["x", "x"], outputs: ["p"], attributes: {} };
  const total = { name: "total", operator: "ReduceSum", inputs: ["p"], outputs: ["y"] };
  return encodeOnnx({
    irVersion: 8,
    producer: "tenon",
    documentation: "",
    opsets: { "": 17 },
    metadata: {},
    graph: {
      name: "smoke",
      nodes: [
        { ...product, domain: "" },
        { ...total, domain: "", attributes: { keepdims: { int: 0 } } },
      ],
      inputs: [{ name: "x", dtype: "float32", shape: [size, size] }],
      outputs: [{ name: "y", dtype: "float32", shape: [] }],
      initializers: [],
    },
  });
}

/**
 * Loads and runs the program on a provider.
 * @returns the milliseconds of one run, the best of some
 * @throws {@link RuntimeError} when the provider can't be had, or computes something wrong
 */
export async function smoke(provider: Provider): Promise<number> {
  await using session = await Session.create(smokeModel(), { provider, threads: 1, flushDenormals: true });
  // All elements 1/size: the product is the same matrix again, whose sum is size.
  const data = new Float32Array(size * size).fill(1 / size);
  const x: TensorData = { dtype: "float32", data, shape: [size, size] };
  let best = Number.POSITIVE_INFINITY;
  for (let run = 0; run <= timedRuns; run++) {
    const start = performance.now();
    const { y } = await session.run({ x }, { y: null });
    if (!(Math.abs(Number(y?.data[0]) - size) < 1e-2))
      throw new RuntimeError(
        `${provider} gave ${String(y?.data[0])} for ${size}: it does not compute rightly`,
      );
    const taken = performance.now() - start;
    if (taken > patience) return Math.min(best, taken);
    // The first run compiles.
    if (run > 0) best = Math.min(best, taken);
  }
  return best;
}
