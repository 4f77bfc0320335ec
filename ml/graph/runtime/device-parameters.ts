/**
 * @file Parameters that stay on a device, moved there by a program of their own.
 *
 * Each step reads one set of tensors and gives the next, so nothing is ever both a run's input and its output; what a step
 * replaces is freed at once. Only the squares of gradients are read back: where their sum is not finite, the next set is
 * dropped. That sum is float32's, so gradients whose norm is above 1.8e19 count as infinite.
 */
import type { Tensor as OrtTensor } from "onnxruntime-node";
import { RuntimeError } from "../errors.ts";
import { encodeOnnx } from "../onnx/encode.ts";
import { graphRule } from "../optimizers/graph-rule.ts";
import { updateRule } from "../optimizers/optimizer.ts";
import { savedArrays, savedKinds, savedName } from "../optimizers/saved-state.ts";
import { requireNotNegative, requirePositive } from "../optimizers/settings.ts";
import { fetchFromDevice } from "./device-fetch.ts";
import type { MovedParameters } from "./moved-parameters.ts";
import { Session } from "./session.ts";
import { toOrtTensor } from "./tensor-data.ts";
import { gradientOutput, nextOutput, type TrainingPlan } from "./training-protocol.ts";
import { numberInput, squaresOutput, updateProgram } from "./update-program.ts";

/**
 * Loads the optimizer's program; parameters go to the device with the first step.
 * @throws {@link RuntimeError} when ONNX Runtime can't run it
 */
export async function deviceParameters(plan: TrainingPlan): Promise<MovedParameters> {
  const { parameters, optimizer, clipping, provider, threads } = plan;
  if (clipping && "maxNorm" in clipping) requirePositive("maxNorm", clipping.maxNorm);
  else if (clipping) requirePositive("maxValue", clipping.maxValue);
  const rule = graphRule(optimizer);
  const { slots, initial } = updateRule(optimizer);
  const kinds = savedKinds(slots);
  const names = kinds.flatMap((kind) => parameters.map(({ name }) => savedName(kind, name)));
  const session = await Session.create(encodeOnnx(updateProgram(plan, kinds)), {
    provider,
    threads,
    flushDenormals: true,
    onDevice: names.map(nextOutput),
  });
  const fetches = Object.fromEntries([squaresOutput, ...names.map(nextOutput)].map((name) => [name, null]));
  const feeds: Record<string, OrtTensor> = {};
  let states: Record<string, OrtTensor> = {};
  let steps = 0;

  const replace = (next: Record<string, OrtTensor>): void => {
    for (const each of Object.values(states)) each.dispose();
    states = next;
    for (const { name } of parameters) feeds[name] = part(states, savedName("parameter", name));
  };
  const load = (arrayOf: (kind: number, parameter: number) => Float32Array): void =>
    replace(
      Object.fromEntries(
        kinds.flatMap((kind, at) =>
          parameters.map(({ name, shape }, index) => [
            savedName(kind, name),
            toOrtTensor({ dtype: "float32", data: arrayOf(at, index), shape }),
          ]),
        ),
      ),
    );
  load((kind, index) => {
    const data = parameters[index]?.data ?? new Float32Array();
    return kind === 0 ? data.slice() : new Float32Array(data.length).fill(initial);
  });

  return {
    feeds,
    gradients: Object.fromEntries(parameters.map(({ name }) => [gradientOutput(name), null])),
    move: async (results, learningRate) => {
      requireNotNegative("the learning rate", learningRate);
      const numbers = rule
        .numbers(steps + 1, learningRate)
        .map((number, index) => [
          numberInput(index),
          toOrtTensor({ dtype: "float32", data: Float32Array.of(number), shape: [] }),
        ]);
      const gradients = parameters.map(({ name }) => part(results, gradientOutput(name)));
      const given = parameters.map(({ name }, index) => [gradientOutput(name), gradients[index]]);
      const found = await session.runTensors(
        { ...Object.fromEntries([...numbers, ...given]), ...states },
        fetches,
      );
      for (const gradient of gradients) gradient.dispose();
      const squares = Array.from((await fetchFromDevice(part(found, squaresOutput))).data, Number);
      const gradientNorm = Math.sqrt(squares.reduce((sum, each) => sum + each, 0));
      const next = Object.fromEntries(names.map((name) => [name, part(found, nextOutput(name))]));
      if (!Number.isFinite(gradientNorm)) {
        for (const each of Object.values(next)) each.dispose();
        return {
          gradientNorm,
          nonFinite: parameters[squares.findIndex((each) => !Number.isFinite(each))]?.name,
        };
      }
      replace(next);
      steps++;
      return { gradientNorm, nonFinite: undefined };
    },
    save: async () => {
      const tensors: Record<string, Float32Array> = {};
      for (const [name, tensor] of Object.entries(states)) {
        const { data } = await fetchFromDevice(tensor);
        if (!(data instanceof Float32Array)) throw new RuntimeError(`"${name}" is not float32`);
        tensors[name] = data.slice();
      }
      return { step: steps, tensors };
    },
    restore: (saved) => {
      const arrays = savedArrays(saved, parameters, kinds, optimizer.kind);
      load((kind, index) => (arrays[kind]?.[index] ?? new Float32Array()).slice());
      steps = saved.step;
    },
    close: async () => {
      for (const each of Object.values(states)) each.dispose();
      await session.close();
    },
  };
}

function part(tensors: Readonly<Record<string, OrtTensor>>, name: string): OrtTensor {
  const tensor = tensors[name];
  if (!tensor) throw new RuntimeError(`a step of training has no "${name}"`);
  return tensor;
}
