/** @file Requests of the Open Inference Protocol v2, scanned into a plan's places in their plain form. */
import { roomFor, requireValues, type ModelInputs } from "../plan/model-inputs.ts";
import type { InputPlan, ModelPlan } from "../plan/model-plan.ts";
import type { RequestDetails } from "../plan/planned-request.ts";
import { JsonScanner, quotedBytes } from "./json-scanner.ts";
import { scanTensor } from "./scan-tensor.ts";

/** One for all bodies: a scan ends before the next begins. */
const scanner = new JsonScanner();

/** A request that was scanned. */
export interface ScannedV2 extends RequestDetails {
  readonly values: ModelInputs;
}

/** Reads a request; undefined where it isn't of the plain form, or wrong: then it is to be read the long way. */
export function scanV2(plan: ModelPlan, body: Buffer): ScannedV2 | undefined {
  scanner.start(body);
  const found = scanBody(plan, body.length);
  const isWhole = !scanner.failed && scanner.isAtEnd();
  scanner.stop();
  return isWhole ? found : undefined;
}

function scanBody(plan: ModelPlan, bytes: number): ScannedV2 | undefined {
  let id: string | undefined;
  let outputs: readonly string[] | undefined;
  let values: ModelInputs | undefined;
  if (!scanner.beginObject()) return undefined;
  do {
    switch (scanner.key()) {
      case "inputs":
        if (values) return undefined;
        values = scanInputs(plan, bytes);
        if (!values) return fail();
        break;
      case "id":
        if (id !== undefined) return fail();
        id = scanner.text();
        break;
      case "outputs":
        if (outputs) return fail();
        outputs = scanOutputs();
        if (!outputs) return fail();
        break;
      default:
        return fail();
    }
  } while (scanner.nextMember());
  return values && { values, id, outputs, parameters: undefined };
}

function fail(): undefined {
  scanner.failed = true;
  return undefined;
}

function scanOutputs(): readonly string[] | undefined {
  const names: string[] = [];
  if (!scanner.beginList()) return names;
  do {
    if (!scanner.beginObject() || scanner.key() !== "name") return undefined;
    names.push(scanner.text());
    if (scanner.nextMember()) return undefined;
  } while (scanner.nextValue());
  return names;
}

/** How many rows a shape has, of an input that is a column; -1 for none that it may have. */
function rowsOfShape(shape: readonly number[]): number {
  const [rows = -1, one = 1] = shape;
  return shape.length > 2 || one !== 1 ? -1 : rows;
}

function scanInputs(plan: ModelPlan, bytes: number): ModelInputs | undefined {
  let values: ModelInputs | undefined;
  let given = 0;
  const seen = new Uint8Array(plan.inputs.length);
  if (!scanner.beginList()) return undefined;
  do {
    const head = scanHead(plan, given);
    if (!head) return undefined;
    const { input, shape, at } = head;
    if (seen[at] === 1) return undefined;
    seen[at] = 1;
    given += 1;
    const rows = input.group === "tensor" ? (shape[0] ?? -1) : rowsOfShape(shape);
    // An element takes two bytes at least.
    if (rows < 0 || rows > bytes) return undefined;
    values ??= roomFor(plan, rows);
    if (values.rows !== rows || !scanData(plan, input, shape, values)) return undefined;
    if (scanner.nextMember()) return undefined;
  } while (scanner.nextValue());
  if (!values || scanner.failed) return undefined;
  if (given < plan.inputs.length && !isRestOptional(plan, seen)) return undefined;
  if (given < plan.inputs.length) requireValues(plan, values);
  return values;
}

/** Whether a request may leave out the inputs that weren't seen. */
function isRestOptional(plan: ModelPlan, seen: Uint8Array): boolean {
  return plan.inputs.every((input, at) => seen[at] === 1 || (input.group !== "tensor" && !input.required));
}

interface Head {
  readonly input: InputPlan;
  readonly shape: readonly number[];
  readonly at: number;
}

const keys = {
  name: quotedBytes("name"),
  shape: quotedBytes("shape"),
  datatype: quotedBytes("datatype"),
  data: quotedBytes("data"),
};

/** Other types that numbers of columns may be said to have. */
const numberTypes = [quotedBytes("FP64"), quotedBytes("FP32"), quotedBytes("INT64")];

/** The head of the tensor at each place of a request, as the last one had it: callers write them all alike. */
const learned = new WeakMap<ModelPlan, LearnedHead[]>();

interface LearnedHead extends Head {
  readonly bytes: Uint8Array;
}

/** The longest head that is remembered. */
const longestLearned = 512;

/** Name, shape and type of a tensor, up to its data: at once where the bytes are those of the last request. */
function scanHead(plan: ModelPlan, expected: number): Head | undefined {
  let heads = learned.get(plan);
  if (!heads) learned.set(plan, (heads = []));
  const last = heads[expected];
  if (last && scanner.takeBytes(last.bytes)) return last;
  const start = scanner.position;
  const head = scanNewHead(plan, expected);
  if (head && scanner.position - start <= longestLearned)
    heads[expected] = { ...head, bytes: scanner.since(start) };
  return head;
}

/** Name, shape and type of a tensor in any order, up to its data. */
function scanNewHead(plan: ModelPlan, expected: number): Head | undefined {
  let input: InputPlan | undefined;
  let shape: readonly number[] | undefined;
  let hasType = false;
  if (!scanner.beginObject()) return undefined;
  do {
    if (scanner.takeKey(keys.name)) {
      if (input) return undefined;
      input = scanName(plan, expected);
      if (!input) return undefined;
    } else if (scanner.takeKey(keys.shape)) {
      if (shape) return undefined;
      shape = scanShape();
    } else if (scanner.takeKey(keys.datatype)) {
      // The type tells more once the name is known.
      if (hasType || !input || !takeType(input)) return undefined;
      hasType = true;
    } else if (scanner.takeKey(keys.data)) {
      return input && shape && hasType && !scanner.failed ? { input, shape, at: input.at } : undefined;
    } else return undefined;
  } while (scanner.nextMember());
  return undefined;
}

/** The input of a name; most requests have them in the signature's order. */
function scanName(plan: ModelPlan, expected: number): InputPlan | undefined {
  const next = plan.inputs[expected];
  return next && scanner.takeQuoted(next.quoted.name) ? next : plan.inputsByName.get(scanner.text());
}

/** Whether a tensor of the type that comes is read here. */
function takeType({ quoted, group }: InputPlan): boolean {
  if (scanner.takeQuoted(quoted.datatype)) return true;
  return group === "number" && numberTypes.some((type) => scanner.takeQuoted(type));
}

function scanShape(): readonly number[] | undefined {
  const shape: number[] = [];
  if (!scanner.beginList()) return undefined;
  do {
    const size = scanner.number();
    if (!Number.isSafeInteger(size) || size < 0 || shape.length === 8) return undefined;
    shape.push(size);
  } while (scanner.nextValue());
  return shape;
}

function scanData(plan: ModelPlan, input: InputPlan, shape: readonly number[], into: ModelInputs): boolean {
  if (input.group === "tensor") return scanTensor(scanner, input, shape, into);
  const { rows, numbers, texts } = into;
  const { kind, place, required } = input;
  if (!scanner.beginList()) return rows === 0 && !scanner.failed;
  let row = 0;
  do {
    if (row === rows) return false;
    if (input.group === "text") {
      if (!scanner.isText) return false;
      texts[row * plan.texts + place] = scanner.text();
    } else {
      const value = scanner.cell(!required, kind === "boolean");
      if (kind !== "float" && !isWhole(value, kind === "boolean")) return false;
      numbers[row * plan.numbers + place] = value;
    }
    row += 1;
  } while (scanner.nextValue());
  return row === rows && !scanner.failed;
}

function isWhole(value: number, isBoolean: boolean): boolean {
  if (Number.isNaN(value)) return true;
  return isBoolean ? value === 0 || value === 1 : Number.isSafeInteger(value);
}
