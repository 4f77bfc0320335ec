/**
 * @file Tensors to and from a device's memory.
 *
 * ONNX Runtime for Node can neither read a tensor on the GPU (it ends the process) nor put one there: a program that does
 * nothing copies it, with its output where the elements are wanted.
 */
import type { Tensor as OrtTensor } from "onnxruntime-node";
import { encodeOnnx } from "../onnx/encode.ts";
import { RuntimeError } from "../errors.ts";
import { keepsOnDevice, type Provider } from "./provider.ts";
import { Session } from "./session.ts";
import { fromOrtTensor, isDType, type TensorData } from "./tensor-data.ts";

const copiers = new Map<string, Promise<Session>>();

/** The elements of a tensor, wherever it is. */
export async function fetchFromDevice(tensor: OrtTensor): Promise<TensorData> {
  if (tensor.location !== "gpu-buffer") return fromOrtTensor(tensor);
  return fromOrtTensor(await copied(tensor, false));
}

/** The same tensor where a provider computes, if it keeps tensors there; it stays until it is disposed of. */
export async function moveToDevice(tensor: OrtTensor, provider: Provider): Promise<OrtTensor> {
  return keepsOnDevice(provider) ? copied(tensor, true) : tensor;
}

async function copied(tensor: OrtTensor, onDevice: boolean): Promise<OrtTensor> {
  const { type, dims } = tensor;
  const key = `${type} ${dims.length} ${onDevice}`;
  const copier = copiers.get(key) ?? copierOf(type, dims.length, onDevice);
  copiers.set(key, copier);
  const { y } = await (await copier).runTensors({ x: tensor }, { y: null });
  if (!y) throw new RuntimeError("a tensor could not be copied between the device and memory");
  return y;
}

async function copierOf(type: string, rank: number, onDevice: boolean): Promise<Session> {
  if (!isDType(type)) throw new RuntimeError(`a tensor of type ${type} can't be on a device`);
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
  return Session.create(model, { provider: "webgpu", onDevice: onDevice ? ["y"] : [] });
}
