/**
 * @file Parameters in the optimizer's own memory on the CPU: every run reads them as inputs and writes their gradients as
 * outputs. (One array as both a run's input and output gives silently wrong results.)
 */
import type { Tensor as OrtTensor } from "onnxruntime-node";
import { RuntimeError } from "../errors.ts";
import { OptimizerState } from "../optimizers/optimizer-state.ts";
import type { MovedParameters } from "./moved-parameters.ts";
import { toOrtTensor } from "./tensor-data.ts";
import { gradientOutput, type TrainingPlan } from "./training-protocol.ts";

/** Puts a plan's parameters into memory. Throws as {@link OptimizerState} does. */
export function memoryParameters(plan: TrainingPlan): MovedParameters {
  const state = new OptimizerState(plan.parameters, plan.optimizer);
  const tensorOf = (data: Float32Array | undefined, shape: readonly number[]): OrtTensor => {
    if (!data) throw new RuntimeError("the optimizer has fewer arrays than there are parameters");
    return toOrtTensor({ dtype: "float32", data, shape });
  };
  const feeds: Record<string, OrtTensor> = {};
  const gradients: Record<string, OrtTensor> = {};
  for (const [index, { name, shape, data }] of plan.parameters.entries()) {
    state.parameters[index]?.set(data);
    feeds[name] = tensorOf(state.parameters[index], shape);
    gradients[gradientOutput(name)] = tensorOf(state.gradients[index], shape);
  }
  return {
    feeds,
    gradients,
    move: async (_, learningRate) => state.step(learningRate, plan.clipping),
    save: async () => state.save(),
    restore: (saved) => state.restore(saved),
    close: async () => undefined,
  };
}
