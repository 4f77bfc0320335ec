/** @file Data frames and instances in JSON, scanned into a plan's places in their plain form. */
import { roomFor, type ModelInputs } from "../plan/model-inputs.ts";
import type { InputPlan, ModelPlan } from "../plan/model-plan.ts";
import { GrowingNumbers } from "./growing-numbers.ts";
import { JsonScanner, quotedBytes } from "./json-scanner.ts";

/** One for all bodies: a scan ends before the next begins. */
const scanner = new JsonScanner();

const keys = {
  split: quotedBytes("dataframe_split"),
  records: quotedBytes("dataframe_records"),
  instances: quotedBytes("instances"),
  columns: quotedBytes("columns"),
  data: quotedBytes("data"),
};

/**
 * Reads `{"dataframe_split": …}`, `{"dataframe_records": …}` or `{"instances": …}`; undefined where it isn't of the plain form,
 * or wrong: then it is to be read the long way.
 * @param onlyInstances whether data frames are none of the protocol's
 */
export function scanRows(plan: ModelPlan, body: Buffer, onlyInstances = false): ModelInputs | undefined {
  scanner.start(body);
  const found = scanner.beginObject() ? scanForm(plan, onlyInstances) : undefined;
  const isWhole = found !== undefined && !scanner.nextMember() && !scanner.failed && scanner.isAtEnd();
  scanner.stop();
  return isWhole ? found : undefined;
}

function scanForm(plan: ModelPlan, onlyInstances: boolean): ModelInputs | undefined {
  if (scanner.takeKey(keys.instances)) return plan.tensors === 0 ? scanRecords(plan) : scanOnlyTensor(plan);
  if (onlyInstances || plan.tensors > 0) return undefined;
  if (scanner.takeKey(keys.split)) return scanSplit(plan);
  return scanner.takeKey(keys.records) ? scanRecords(plan) : undefined;
}

function scanSplit(plan: ModelPlan): ModelInputs | undefined {
  if (!scanner.beginObject() || !scanner.takeKey(keys.columns)) return undefined;
  const columns = scanColumns(plan);
  if (!columns || !scanner.nextMember() || !scanner.takeKey(keys.data)) return undefined;
  const rows = new GrowingRows(plan);
  if (!scanner.beginList()) return undefined;
  do {
    rows.begin();
    if (!scanner.beginList()) return undefined;
    let at = 0;
    do {
      const input = columns[at++];
      if (!input || !scanCell(input, rows)) return undefined;
    } while (scanner.nextValue());
    if (at !== columns.length) return undefined;
  } while (scanner.nextValue());
  return scanner.nextMember() ? undefined : rows.finish();
}

/** The inputs of a frame's columns: all of the model's are there, each once, and no others. */
function scanColumns(plan: ModelPlan): readonly InputPlan[] | undefined {
  const columns: InputPlan[] = [];
  if (!scanner.beginList()) return undefined;
  do {
    const next = plan.inputs[columns.length];
    const input = next && scanner.takeQuoted(next.quoted.name) ? next : plan.inputsByName.get(scanner.text());
    if (!input || (input !== next && columns.includes(input))) return undefined;
    columns.push(input);
  } while (scanner.nextValue());
  return columns.length === plan.inputs.length && new Set(columns).size === columns.length
    ? columns
    : undefined;
}

function scanRecords(plan: ModelPlan): ModelInputs | undefined {
  const rows = new GrowingRows(plan);
  const seen = new Uint8Array(plan.inputs.length);
  if (!scanner.beginList()) return undefined;
  do {
    rows.begin();
    seen.fill(0);
    let given = 0;
    if (!scanner.beginObject()) return undefined;
    do {
      const next = plan.inputs[given];
      const input = next && scanner.takeKey(next.quoted.name) ? next : plan.inputsByName.get(scanner.key());
      if (!input || seen[input.at] === 1) return undefined;
      seen[input.at] = 1;
      given += 1;
      if (!scanCell(input, rows)) return undefined;
    } while (scanner.nextMember());
    if (given < plan.inputs.length && plan.inputs.some(({ at, required }) => required && seen[at] === 0))
      return undefined;
  } while (scanner.nextValue());
  return rows.finish();
}

/** A value into its place in the last row. */
function scanCell(input: InputPlan, rows: GrowingRows): boolean {
  const { kind, place, required } = input;
  switch (kind) {
    case "text":
      if (!scanner.isText) return false;
      rows.texts[rows.textStart + place] = scanner.text();
      return !scanner.failed;
    case "float":
      rows.numbers[rows.numberStart + place] = scanner.cell(!required, false);
      return !scanner.failed;
    case "boolean": {
      // Here 0 and 1 are numbers and no truth values.
      const value = scanner.truth(!required);
      rows.numbers[rows.numberStart + place] = value;
      return !scanner.failed;
    }
    case "integer": {
      const value = scanner.cell(!required, false);
      rows.numbers[rows.numberStart + place] = value;
      return !scanner.failed && (Number.isNaN(value) || Number.isSafeInteger(value));
    }
    default:
      // Dates and times are texts to be parsed.
      return false;
  }
}

/** Values of rows whose number is known at their end. */
class GrowingRows {
  numbers: Float64Array;
  texts: string[];
  numberStart = 0;
  textStart = 0;
  readonly #plan: ModelPlan;
  #rows = 0;
  #room = 1;

  constructor(plan: ModelPlan) {
    this.#plan = plan;
    ({ numbers: this.numbers, texts: this.texts } = roomFor(plan, 1));
  }

  /** Begins the next row; what isn't written of it is missing. */
  begin(): void {
    const { numbers, texts } = this.#plan;
    if (this.#rows === this.#room) {
      this.#room = Math.max(16, 2 * this.#room);
      const grown = new Float64Array(this.#room * numbers).fill(Number.NaN);
      grown.set(this.numbers);
      this.numbers = grown;
    }
    this.numberStart = this.#rows * numbers;
    this.textStart = this.#rows * texts;
    for (let at = 0; at < texts; at++) this.texts[this.textStart + at] = "";
    this.#rows += 1;
  }

  finish(): ModelInputs | undefined {
    if (scanner.failed) return undefined;
    const length = this.#rows * this.#plan.numbers;
    const numbers = length === this.numbers.length ? this.numbers : this.numbers.slice(0, length);
    return { rows: this.#rows, numbers, texts: this.texts, tensors: [], shapes: [] };
  }
}

/** The instances of a model with one input, a tensor of one known size: lists of so many numbers. */
function scanOnlyTensor(plan: ModelPlan): ModelInputs | undefined {
  const [input, another] = plan.inputs;
  const [size = -1, more] = input?.shape ?? [];
  if (!input || another || size < 1 || more !== undefined) return undefined;
  if (input.datatype !== "FP32" && input.datatype !== "FP64") return undefined;
  const isSingle = input.datatype === "FP32";
  const data = isSingle ? new GrowingNumbers(Float32Array, size) : new GrowingNumbers(Float64Array, size);
  let rows = 0;
  if (!scanner.beginList()) return undefined;
  do {
    rows += 1;
    if (!scanner.beginList()) return undefined;
    do data.push(scanner.number(isSingle));
    while (scanner.nextValue());
    if (data.length !== rows * size) return undefined;
  } while (scanner.nextValue());
  if (scanner.failed) return undefined;
  const values = roomFor(plan, rows);
  values.tensors[input.place] = data.finish();
  values.shapes[input.place] = [rows, size];
  return values;
}
