/** @file Tensors with their elements at hand, between this library and ONNX Runtime. */
import { Tensor as OrtTensor } from "onnxruntime-node";
import { emptyArray, onnxElementTypes, type DataOf, type DType, type TensorArray } from "../dtype.ts";
import { RuntimeError } from "../errors.ts";

/** A tensor's elements with its type and shape; row-major. */
export type TensorData<D extends DType = DType> = {
  readonly [Each in D]: {
    readonly dtype: Each;
    readonly data: DataOf<Each>;
    readonly shape: readonly number[];
  };
}[D];

/** Elements of any type as {@link TensorData}. Throws {@link RuntimeError} where array and type do not belong together. */
export function tensorData(dtype: DType, data: TensorArray, shape: readonly number[]): TensorData {
  if (data.constructor !== emptyArray(dtype, 0).constructor)
    throw new RuntimeError(`elements of type ${dtype} are not held in a ${data.constructor.name}`);
  // SAFETY: the array was just seen to be the type's.
  return { dtype, data, shape } as TensorData;
}

/** As ONNX Runtime's tensor, on the same memory unless threads share it. */
export function toOrtTensor({ dtype, data, shape }: TensorData): OrtTensor {
  if (dtype === "bfloat16")
    throw new RuntimeError(
      "ONNX Runtime for Node takes no bfloat16 from outside: feed float32 and cast it inside",
    );
  // SAFETY: the runtime's constructor checks that type and array belong together.
  return feedable(new OrtTensor(dtype as "float32", ownMemory(data) as Float32Array, shape));
}

/**
 * The same tensor, such that ONNX Runtime can be fed with it. Where JavaScript has an array for float16 (Node 24), the
 * runtime's constructor takes that one, and its native side reads nothing from it: the bits are put back.
 */
export function feedable(tensor: OrtTensor): OrtTensor {
  if (tensor.type !== "float16" || tensor.location !== "cpu") return tensor;
  const { data } = tensor;
  if (!(data instanceof Uint16Array) && ArrayBuffer.isView(data))
    Object.assign(tensor, { cpuData: new Uint16Array(data.buffer, data.byteOffset, data.byteLength / 2) });
  return tensor;
}

/** ONNX Runtime takes no memory that threads share. */
function ownMemory(data: TensorArray): TensorArray {
  return ArrayBuffer.isView(data) && data.buffer instanceof SharedArrayBuffer ? data.slice() : data;
}

/** The elements of ONNX Runtime's tensor, which must be on the CPU. */
export function fromOrtTensor(tensor: OrtTensor): TensorData {
  const { type, data, dims } = tensor;
  if (!isDType(type)) throw new RuntimeError(`ONNX Runtime gave a tensor of type ${type}`);
  // Node 24 has an array of its own for float16; its bits are what is wanted.
  const array =
    type === "float16" && ArrayBuffer.isView(data)
      ? new Uint16Array(data.buffer, data.byteOffset, data.byteLength / 2)
      : data;
  // SAFETY: the runtime gives the array that belongs to the type.
  return tensorData(type, array, dims);
}

// ONNX Runtime for Node has all element types but one, under the same names.
const types: ReadonlySet<string> = new Set(
  Object.keys(onnxElementTypes).filter((name) => name !== "bfloat16"),
);

/** Whether ONNX Runtime's name of a type is one that tensors here have. */
export function isDType(type: string): type is DType {
  return types.has(type);
}

/** Whether ONNX Runtime for Node can leave tensors of a type in a device's memory; those of other types come back. */
export function canStayOnDevice(dtype: DType): boolean {
  return deviceTypes.has(dtype);
}

const deviceTypes: ReadonlySet<DType> = new Set<DType>([
  "float32",
  "float16",
  "int32",
  "uint32",
  "int64",
  "uint8",
  "bool",
]);
