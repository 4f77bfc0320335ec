/**
 * @file `InferTensorContents`: elements in the field that belongs to their datatype, packed or one by one.
 *
 * Packed floating-point fields are the elements' bytes as they are in memory, so they are not read one by one.
 */
import { bytesOfElements, elementsOfBytes, isTexts, textOfBytes } from "../element-bytes.ts";
import { type Datatype, ServingError, type TensorElements } from "../inference.ts";
import {
  type Long,
  messageEnd,
  type Reader,
  readFields,
  tag,
  wireType,
  type Writer,
  WireWriter,
} from "./wire.ts";

const fields: Readonly<Record<Exclude<Datatype, "FP16">, number>> = {
  BOOL: 1,
  INT8: 2,
  INT16: 2,
  INT32: 2,
  INT64: 3,
  UINT8: 4,
  UINT16: 4,
  UINT32: 4,
  UINT64: 5,
  FP32: 6,
  FP64: 7,
  BYTES: 8,
};

const fieldNames = ["bool", "int", "int64", "uint", "uint64", "fp32", "fp64", "bytes"] as const;

/** Contents as they stand in a message, before it is known of which datatype they are. */
export interface TypedContents {
  readonly field: number;
  /** 64-bit integers as pairs of 32-bit ones, the lower first. */
  readonly numbers: readonly number[];
  readonly texts: readonly Buffer[];
  /** All elements of a packed floating-point field, where that is all there is. */
  readonly packed: Uint8Array | undefined;
}

/** Reads contents, which may hold one field only. @throws {ServingError} of kind `invalid` where they hold several. */
export function readTypedContents(reader: Reader): TypedContents | undefined {
  let field = 0;
  const numbers: number[] = [];
  const texts: Buffer[] = [];
  let packed: Uint8Array | undefined;
  readFields(reader, messageEnd(reader), (found) => {
    const number = found >>> 3;
    const type = found & 7;
    if (number < 1 || number > 8) return false;
    if (field !== 0 && field !== number)
      throw new ServingError("invalid", "the contents of a tensor are of several types");
    field = number;
    if (number === 8) {
      if (type !== wireType.bytes) return false;
      texts.push(Buffer.from(reader.bytes()));
    } else if (type !== wireType.bytes) {
      if (type !== elementWireType(number)) return false;
      flushPacked();
      pushNumber(reader, number, numbers);
    } else if (number >= 6 && packed === undefined && numbers.length === 0) packed = reader.bytes();
    else {
      flushPacked();
      for (const end = messageEnd(reader); reader.pos < end;) pushNumber(reader, number, numbers);
    }
    return true;
  });
  return field === 0 ? undefined : { field, numbers, texts, packed };

  function flushPacked(): void {
    if (packed === undefined) return;
    const datatype = field === 6 ? "FP32" : "FP64";
    const count = packed.byteLength / (field === 6 ? 4 : 8);
    if (!Number.isInteger(count)) throw new RangeError("a packed field ends within an element");
    for (const value of elementsOfBytes("", datatype, count, packed)) numbers.push(Number(value));
    packed = undefined;
  }
}

const elementWireType = (field: number): number =>
  field === 6 ? wireType.fixed32 : field === 7 ? wireType.fixed64 : wireType.varint;

function pushNumber(reader: Reader, field: number, numbers: number[]): void {
  switch (field) {
    case 1:
      numbers.push(reader.bool() ? 1 : 0);
      break;
    case 2:
      numbers.push(reader.int32());
      break;
    case 4:
      numbers.push(reader.uint32());
      break;
    case 6:
      numbers.push(reader.float());
      break;
    case 7:
      numbers.push(reader.double());
      break;
    default: {
      const { low, high }: Long = field === 3 ? reader.int64() : reader.uint64();
      numbers.push(low, high);
    }
  }
}

/**
 * Contents as the elements of a tensor.
 * @throws {ServingError} of kind `invalid` where they are of another type, too few, too many or beyond the type's range.
 */
export function elementsOfContents(
  name: string,
  datatype: Datatype,
  count: number,
  contents: TypedContents | undefined,
): TensorElements {
  if (datatype === "FP16")
    throw new ServingError("invalid", `input "${name}": FP16 comes as raw contents only`);
  const field = fields[datatype];
  if (contents !== undefined && contents.field !== field)
    throw new ServingError(
      "invalid",
      `input "${name}": ${datatype} comes in ${fieldNames[field - 1]}_contents, not in ${fieldNames[contents.field - 1]}_contents`,
    );
  const { numbers = [], texts = [], packed } = contents ?? {};
  if (packed !== undefined) return elementsOfBytes(`input "${name}"`, datatype, count, packed);
  const found = datatype === "BYTES" ? texts.length : numbers.length / (isWide(datatype) ? 2 : 1);
  if (found !== count)
    throw new ServingError("invalid", `input "${name}": ${found} elements, but the shape has ${count}`);
  switch (datatype) {
    case "BYTES":
      return texts.map((text, at) => textOfBytes(`input "${name}": text ${at}`, text));
    case "INT64":
      return new BigInt64Array(Int32Array.from(numbers).buffer);
    case "UINT64":
      return new BigUint64Array(Int32Array.from(numbers).buffer);
    case "FP32":
      return Float32Array.from(numbers);
    case "FP64":
      return Float64Array.from(numbers);
    case "INT32":
      return Int32Array.from(numbers);
    case "UINT32":
      return Uint32Array.from(numbers);
    case "BOOL":
      return Uint8Array.from(numbers);
    default:
      return narrow(name, datatype, numbers);
  }
}

const isWide = (datatype: Datatype): boolean => datatype === "INT64" || datatype === "UINT64";

const narrowArrays = { INT8: Int8Array, INT16: Int16Array, UINT8: Uint8Array, UINT16: Uint16Array };

function narrow(
  name: string,
  datatype: keyof typeof narrowArrays,
  numbers: readonly number[],
): TensorElements {
  const elements = narrowArrays[datatype].from(numbers);
  const at = numbers.findIndex((number, index) => elements[index] !== number);
  if (at !== -1)
    throw new ServingError("invalid", `input "${name}": element ${at}, ${numbers[at]}, is no ${datatype}`);
  return elements;
}

/** The contents of a tensor as a message of their own. `FP16` has none. */
export function writeTypedContents(datatype: Exclude<Datatype, "FP16">, elements: TensorElements): Writer {
  const writer = WireWriter.create();
  const field = fields[datatype];
  if (isTexts(elements)) {
    for (const text of elements) writer.uint32(tag(field, wireType.bytes)).string(text);
    return writer;
  }
  writer.uint32(tag(field, wireType.bytes));
  if (datatype === "FP32" || datatype === "FP64") return writer.bytes(bytesOfElements(elements));
  writer.fork();
  if (elements instanceof BigInt64Array || elements instanceof BigUint64Array) {
    const halves = new Int32Array(elements.buffer, elements.byteOffset, elements.length * 2);
    for (let at = 0; at < halves.length; at += 2)
      writer.uint64({ low: halves[at] ?? 0, high: halves[at + 1] ?? 0, unsigned: true });
  } else if (field === 2) for (const value of elements) writer.int32(value);
  else for (const value of elements) writer.uint32(value);
  return writer.ldelim();
}
