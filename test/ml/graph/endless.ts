import { apply } from "../../../ml/graph/ops/apply.ts";
import { add } from "../../../ml/graph/ops/elementwise.ts";
import { Tensor } from "../../../ml/graph/tensor.ts";
import { constant, input, scalar } from "../../../ml/graph/value.ts";

/** A program that adds 1 to a scalar as often as it is told: practically without an end where it is not. */
export function endless(x: Tensor, times = 1e15): Tensor {
  const more = input("more", "bool", []);
  const state = input("state", "float32", []);
  const body = {
    inputs: [input("iteration", "int64", []), more, state],
    outputs: [apply("Identity", [more]), add(state, scalar("float32", 1))],
  };
  const count = constant("int64", BigInt64Array.of(BigInt(times)), []);
  const types = [{ dtype: "float32", shape: [] }] as const;
  return new Tensor(apply("Loop", [count, undefined, x.value], { body: { body } }, { types }));
}
