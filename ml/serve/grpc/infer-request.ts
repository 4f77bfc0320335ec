/** @file `ModelInferRequest`: its bytes as a request, each input as one typed array. */
import { type InferenceRequest, type InferenceTensor, ServingError } from "../inference.ts";
import { ParametersReader } from "./parameters-message.ts";
import { isDatatype } from "../element-arrays.ts";
import { elementsOfBytes } from "../element-bytes.ts";
import { elementsOfContents, readTypedContents, type TypedContents } from "./typed-contents.ts";
import {
  messageEnd,
  type Reader,
  readFields,
  readText,
  readMessage,
  safeInteger,
  tag,
  wireType,
} from "./wire.ts";

/** More than any model has. */
const mostTensors = 1024;

/** A request and how its answer is to be written. */
export interface ReadInferRequest {
  readonly request: InferenceRequest;
  /** Whether tensors came as raw contents; the answer's go as they came. */
  readonly raw: boolean;
}

interface InputFields {
  name: string;
  datatype: string;
  shape: number[];
  contents: TypedContents | undefined;
}

/**
 * The request of a message.
 * @throws {InvalidInputError} or {ServingError} of kind `invalid` that names the input, or says that the bytes are of no such message.
 */
export const readInferRequest = (bytes: Buffer): ReadInferRequest =>
  readMessage("ModelInferRequest", bytes, readFieldsOfRequest);

function readFieldsOfRequest(reader: Reader, end: number): ReadInferRequest {
  let model = "";
  let version = "";
  let id = "";
  const parameters = new ParametersReader();
  const inputs: InputFields[] = [];
  const outputs: string[] = [];
  const raw: Uint8Array[] = [];
  readFields(reader, end, (found) => {
    switch (found) {
      case tag(1, wireType.bytes):
        model = readText(reader);
        break;
      case tag(2, wireType.bytes):
        version = readText(reader);
        break;
      case tag(3, wireType.bytes):
        id = readText(reader);
        break;
      case tag(4, wireType.bytes):
        parameters.read(reader);
        break;
      case tag(5, wireType.bytes):
        inputs.push(readInput(reader));
        break;
      case tag(6, wireType.bytes):
        outputs.push(readRequestedOutput(reader));
        break;
      case tag(7, wireType.bytes):
        raw.push(reader.bytes());
        break;
      default:
        return false;
    }
    if (Math.max(inputs.length, outputs.length, raw.length) > mostTensors)
      throw new ServingError("invalid", `there are more than ${mostTensors} tensors`);
    return true;
  });
  const isRaw = raw.length > 0;
  if (isRaw && raw.length !== inputs.length)
    throw new ServingError(
      "invalid",
      `there are ${raw.length} raw_input_contents, but ${inputs.length} inputs`,
    );
  return {
    request: {
      model,
      version: version === "" ? undefined : version,
      id: id === "" ? undefined : id,
      inputs: inputs.map((input, at) => tensorOf(input, raw[at])),
      outputs: outputs.length === 0 ? undefined : outputs,
      parameters: parameters.result,
    },
    raw: isRaw,
  };
}

function readInput(reader: Reader): InputFields {
  const input: InputFields = { name: "", datatype: "", shape: [], contents: undefined };
  const parameters = new ParametersReader();
  readFields(reader, messageEnd(reader), (found) => {
    switch (found) {
      case tag(1, wireType.bytes):
        input.name = readText(reader);
        break;
      case tag(2, wireType.bytes):
        input.datatype = readText(reader);
        break;
      case tag(3, wireType.bytes):
        for (const end = messageEnd(reader); reader.pos < end;) pushSize(reader, input.shape);
        break;
      case tag(3, wireType.varint):
        pushSize(reader, input.shape);
        break;
      case tag(4, wireType.bytes):
        parameters.read(reader);
        break;
      case tag(5, wireType.bytes):
        input.contents = readTypedContents(reader);
        break;
      default:
        return false;
    }
    return true;
  });
  if (parameters.result?.["shared_memory_region"] !== undefined)
    throw new ServingError("invalid", `input "${input.name}": shared memory is not offered`);
  return input;
}

/** More dimensions than any tensor has. */
const mostDimensions = 64;

function pushSize(reader: Reader, shape: number[]): void {
  shape.push(safeInteger("a size of a shape", reader.int64()));
  if (shape.length > mostDimensions)
    throw new ServingError("invalid", `a shape has more than ${mostDimensions} sizes`);
}

function readRequestedOutput(reader: Reader): string {
  let name = "";
  const parameters = new ParametersReader();
  readFields(reader, messageEnd(reader), (found) => {
    if (found === tag(1, wireType.bytes)) name = readText(reader);
    else if (found === tag(2, wireType.bytes)) parameters.read(reader);
    else return false;
    return true;
  });
  for (const asked of ["shared_memory_region", "classification"])
    if (parameters.result?.[asked] !== undefined)
      throw new ServingError("invalid", `output "${name}": ${asked} is not offered`);
  return name;
}

function tensorOf(
  { name, datatype, shape, contents }: InputFields,
  raw: Uint8Array | undefined,
): InferenceTensor {
  if (!isDatatype(datatype))
    throw new ServingError("invalid", `input "${name}": there is no datatype "${datatype}"`);
  const count = elementCount(name, shape);
  if (raw === undefined)
    return { name, datatype, shape, data: elementsOfContents(name, datatype, count, contents) };
  if (contents !== undefined)
    throw new ServingError("invalid", `input "${name}": there are contents beside raw_input_contents`);
  return { name, datatype, shape, data: elementsOfBytes(`input "${name}"`, datatype, count, raw) };
}

/** The number of elements of a shape, which must not be more than any message can hold. */
function elementCount(name: string, shape: readonly number[]): number {
  let count = 1;
  for (const size of shape) {
    if (!(size >= 0)) throw new ServingError("invalid", `input "${name}": the shape has the size ${size}`);
    count *= size;
  }
  if (count > 2 ** 32)
    throw new ServingError("invalid", `input "${name}": the shape [${shape.join(", ")}] is too large`);
  return count;
}
