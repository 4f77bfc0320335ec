/** @file A small program that shows whether a provider works, and how fast: products of matrices. */
import { encodeModel } from "../encode.ts";
import { RuntimeError } from "../errors.ts";
import type { Provider } from "./provider.ts";
import { Session } from "./session.ts";
import type { TensorData } from "./tensor-data.ts";

const size = 512;
const products = 4;
const timedRuns = 3;

function smokeModel(): Uint8Array {
  const names = ["x", ...Array.from({ length: products }, (_, index) => `p${index}`)];
  const nodes = names.slice(1).map((output, index) => ({
    name: output,
    operator: "MatMul",
    domain: "",
    inputs: [names[index] ?? "", "x"],
    outputs: [output],
    attributes: {},
  }));
  const trace = {
    name: "sum",
    operator: "ReduceSum",
    domain: "",
    inputs: [names.at(-1) ?? ""],
    outputs: ["y"],
  };
  return encodeModel({
    irVersion: 8,
    producer: "tenon",
    documentation: "",
    opsets: { "": 17 },
    metadata: {},
    graph: {
      name: "smoke",
      nodes: [...nodes, { ...trace, attributes: { keepdims: { int: 0 } } }],
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
  await using session = await Session.create(smokeModel(), { provider, threads: 1 });
  // All elements 1/size: each product is the same matrix again, whose sum is size.
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
    // The first run compiles.
    if (run > 0) best = Math.min(best, performance.now() - start);
  }
  return best;
}
