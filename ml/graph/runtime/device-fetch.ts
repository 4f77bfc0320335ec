/**
 * @file Elements of tensors that are on a device.
 *
 * ONNX Runtime for Node can't read a tensor on the GPU (it ends the process): a program that does nothing, with its
 * output on the CPU, copies it.
 */
import type { Tensor as OrtTensor } from "onnxruntime-node";
import { encodeOnnx } from "../onnx/encode.ts";
import { RuntimeError } from "../errors.ts";
import { Session } from "./session.ts";
import { fromOrtTensor, isDType, type TensorData } from "./tensor-data.ts";

const copiers = new Map<string, Promise<Session>>();

/** The elements of a tensor, wherever it is. */
export async function fetchFromDevice(tensor: OrtTensor): Promise<TensorData> {
  if (tensor.location !== "gpu-buffer") return fromOrtTensor(tensor);
  const { type, dims } = tensor;
  const key = `${type} ${dims.length}`;
  const copier = copiers.get(key) ?? copierOf(type, dims.length);
  copiers.set(key, copier);
  const { y } = await (await copier).runTensors({ x: tensor }, { y: null });
  if (!y) throw new RuntimeError("a tensor could not be read from the device");
  return fromOrtTensor(y);
}

async function copierOf(type: string, rank: number): Promise<Session> {
  if (!isDType(type)) throw new RuntimeError(`a tensor of type ${type} can't be read from the device`);
  const shape = Array.from({ length: rank }, (_, axis) => `d${axis}`);
  const model = encodeOnnx({
    irVersion: 8,
    producer: "tenon",
    documentation: "",
    opsets: { "": 17 },
    metadata: {},
    graph: {
      name: "copy",
      nodes: [
        { name: "copy", operator: "Identity", domain: "", inputs: ["x"], outputs: ["y"], attributes: {} },
      ],
      inputs: [{ name: "x", dtype: type, shape }],
      outputs: [{ name: "y", dtype: type, shape }],
      initializers: [],
    },
  });
  return Session.create(model, { provider: "webgpu" });
}
