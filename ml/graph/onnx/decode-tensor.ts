/**
 * @file A tensor of an ONNX file as an {@link OnnxTensor}.
 *
 * A shape allocates nothing: the elements that it promises are compared with the bytes that are there first. The one
 * tensor that may be larger than its bytes is a sparse one, and those have a budget for the whole model.
 */
import { arrayOfBytes, bytesPerElement, dtypeOfOnnx } from "../dtype.ts";
import type { DType } from "../dtype.ts";
import { OnnxFileError } from "../errors.ts";
import { refuseOtherThanBooleans } from "./external-data.ts";
import type { ExternalData } from "./external-data.ts";
import type { OnnxTensor } from "./model.ts";
import { PackedNumbers } from "./packed-numbers.ts";
import { safeInteger } from "./protobuf-reader.ts";
import type { ProtobufReader } from "./protobuf-reader.ts";
import { decodeTypedField } from "./typed-fields.ts";

/** What tensors of one model share while it is decoded. */
export interface TensorSource {
  /** Undefined where there are only the model's bytes. */
  readonly external: ExternalData | undefined;
  /** Bytes that sparse tensors may still take when they are written out in full. */
  denseBudget: number;
}

/** The element type of an ONNX type number. Throws {@link OnnxFileError} for those that tensors here don't have. */
export function knownElementType(type: number, what: string): DType {
  const dtype = dtypeOfOnnx(type);
  if (dtype) return dtype;
  throw new OnnxFileError(
    type === 0
      ? `${what} has no element type`
      : `${what} has elements of ONNX type ${type} (complex, 8 bits floating or narrower), which tensors here don't have`,
  );
}

/** How many elements a shape has. Throws {@link OnnxFileError} for negative sizes and beyond 2⁵³. */
export function elementCount(shape: readonly number[], what: string): number {
  const negative = shape.find((size) => !(size >= 0));
  if (negative !== undefined) throw new OnnxFileError(`${what} has a size of ${negative} in its shape`);
  const count = shape.includes(0) ? 0 : shape.reduce((product, size) => product * size, 1);
  if (!Number.isSafeInteger(count))
    throw new OnnxFileError(`${what} has the shape [${shape.join(", ")}]: too large`);
  return count;
}

/** A `TensorProto`. */
export function decodeTensor(reader: ProtobufReader, source: TensorSource): OnnxTensor {
  const dims = new PackedNumbers();
  const typed = {
    float_data: new PackedNumbers(),
    int32_data: new PackedNumbers(),
    int64_data: new PackedNumbers(),
    uint64_data: new PackedNumbers(),
    double_data: new PackedNumbers(),
  };
  const strings: string[] = [];
  const external = new Map<string, string>();
  let [name, type, isExternal] = ["", 0, false];
  let raw: Uint8Array | undefined;
  for (let field = reader.next(); field !== undefined; field = reader.next()) {
    if (field === 1) dims.append(reader.numbers("varint"));
    else if (field === 2) type = reader.integer("an element type");
    else if (field === 3)
      throw new OnnxFileError("a tensor is stored in segments, which no ONNX release reads");
    else if (field === 4) typed.float_data.append(reader.numbers("fixed32"));
    else if (field === 5) typed.int32_data.append(reader.numbers("varint"));
    else if (field === 6) strings.push(reader.text("a text of a tensor"));
    else if (field === 7) typed.int64_data.append(reader.numbers("varint"));
    else if (field === 8) name = reader.text("a tensor's name");
    else if (field === 9) raw = reader.bytes();
    else if (field === 10) typed.double_data.append(reader.numbers("fixed64"));
    else if (field === 11) typed.uint64_data.append(reader.numbers("varint"));
    else if (field === 13) decodeEntry(reader.message(), external);
    else if (field === 14) isExternal = reader.integer("a tensor's data location") === 1;
    else reader.skip();
  }
  const what = `tensor ${JSON.stringify(name)}`;
  const dtype = knownElementType(type, what);
  const shape = Array.from(dims.varints(), (size) =>
    safeInteger(BigInt.asIntN(64, size), `a size of ${what}`),
  );
  const elements = elementCount(shape, what);
  const filled = Object.entries(typed).filter(([, numbers]) => !numbers.empty);
  const [typedField] = filled;
  const stores = filled.length + Number(isExternal) + Number(raw !== undefined) + Number(strings.length > 0);
  if (stores > 1) throw new OnnxFileError(`${what} has its elements in more than one place`);

  if (dtype === "string") {
    if (strings.length !== elements || stores > Number(strings.length > 0)) {
      throw new OnnxFileError(`${what} has ${strings.length} texts; its shape needs ${elements}`);
    }
    return { name, dtype, shape, data: strings };
  }
  if (strings.length > 0) throw new OnnxFileError(`${what} has texts for elements of ${dtype}`);
  const length = elements * bytesPerElement[dtype];
  if (typedField) {
    return withBytes(name, dtype, shape, decodeTypedField(typedField, dtype, elements, what));
  }
  const bytes = isExternal ? externalBytes(source, external, length, dtype, what) : (raw ?? new Uint8Array());
  if (bytes.length !== length) {
    throw new OnnxFileError(
      `${what} has ${bytes.length} bytes; its shape and type (${dtype}) need ${length}`,
    );
  }
  if (dtype === "bool" && !isExternal) refuseOtherThanBooleans(bytes, what);
  return withBytes(name, dtype, shape, bytes);
}

/** A `SparseTensorProto`, its other elements zero. Indices are positions or coordinates, ascending. */
export function decodeSparseTensor(reader: ProtobufReader, source: TensorSource): OnnxTensor {
  const dims = new PackedNumbers();
  let values: OnnxTensor | undefined;
  let indices: OnnxTensor | undefined;
  const here = { ...source, external: undefined };
  for (let field = reader.next(); field !== undefined; field = reader.next()) {
    if (field === 1) values = decodeTensor(reader.message(), here);
    else if (field === 2) indices = decodeTensor(reader.message(), here);
    else if (field === 3) dims.append(reader.numbers("varint"));
    else reader.skip();
  }
  const what = `sparse tensor ${JSON.stringify(values?.name ?? "")}`;
  if (!values || values.dtype === "string") throw new OnnxFileError(`${what} has no numbers`);
  const shape = Array.from(dims.varints(), (size) =>
    safeInteger(BigInt.asIntN(64, size), `a size of ${what}`),
  );
  const elements = elementCount(shape, what);
  const size = bytesPerElement[values.dtype];
  if (elements * size > source.denseBudget) {
    throw new OnnxFileError(
      `${what} has ${elements} elements written out in full: too many for this file's size`,
    );
  }
  source.denseBudget -= elements * size;
  const count = values.data.length;
  if (
    indices?.dtype !== "int64" ||
    (indices.data.length !== count && indices.data.length !== count * shape.length)
  ) {
    throw new OnnxFileError(`${what} has no indices that fit its ${count} values`);
  }
  const bytes = new Uint8Array(elements * size);
  const { buffer, byteOffset, byteLength } = values.data;
  const sparse = new Uint8Array(buffer, byteOffset, byteLength);
  const linear = indices.shape.length < 2;
  let previous = -1;
  for (let index = 0; index < count; index++) {
    const position = linear
      ? Number(indices.data[index])
      : positionOf(indices.data.subarray(index * shape.length, (index + 1) * shape.length), shape);
    if (!(position > previous && position < elements)) {
      throw new OnnxFileError(`${what} has indices outside its shape or out of order`);
    }
    bytes.set(sparse.subarray(index * size, (index + 1) * size), position * size);
    previous = position;
  }
  return withBytes(values.name, values.dtype, shape, bytes);
}

/** A `StringStringEntryProto`, added to a map. */
export function decodeEntry(reader: ProtobufReader, entries: Map<string, string>): void {
  let [key, value] = ["", ""];
  for (let field = reader.next(); field !== undefined; field = reader.next()) {
    if (field === 1) key = reader.text("a key");
    else if (field === 2) value = reader.text("a value");
    else reader.skip();
  }
  entries.set(key, value);
}

/** NaN where a coordinate is outside the shape. */
function positionOf(coordinates: BigInt64Array, shape: readonly number[]): number {
  let position = 0;
  for (const [axis, size] of shape.entries()) {
    const coordinate = Number(coordinates[axis]);
    if (!(coordinate >= 0 && coordinate < size)) return Number.NaN;
    position = position * size + coordinate;
  }
  return position;
}

function externalBytes(
  { external }: TensorSource,
  reference: ReadonlyMap<string, string>,
  length: number,
  dtype: DType,
  what: string,
): Uint8Array {
  if (external) return external.region(reference, length, dtype, what);
  throw new OnnxFileError(
    `${what} stands in a file of its own, which is read only with a model that is a file too`,
  );
}

function withBytes(
  name: string,
  dtype: Exclude<DType, "string">,
  shape: readonly number[],
  bytes: Uint8Array,
): OnnxTensor {
  // SAFETY: the array is the one of this element type; the compiler does not relate the two for a union of types.
  return { name, dtype, shape, data: arrayOfBytes(dtype, bytes) } as OnnxTensor;
}
