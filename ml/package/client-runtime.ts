/**
 * @file The part of every generated client that doesn't depend on the model, as the text of TypeScript. It needs nothing but
 * `fetch`, so that a caller installs nothing; `client-source.ts` puts the signature before it.
 */

/** Declarations that use `signature`, `Input` and `Output`, which stand before them. */
export const clientRuntime = `
/** How a model is reached: by MLflow's scoring server, or by the Open Inference Protocol v2. */
export type ClientOptions = {
  /** Where the server is, such as "http://127.0.0.1:5000". */
  readonly url: string;
  /** Sent with each request, such as an authorization. */
  readonly headers?: Readonly<Record<string, string>>;
  /** What sends requests, such as reliableFetch() of tenon/client; the global fetch where absent. */
  readonly fetch?: typeof fetch;
} & (
  | { readonly protocol: "mlflow" }
  | { readonly protocol: "v2"; readonly model: string; readonly version?: string }
);

/** A server that refused a request, or gave what this model doesn't. */
export class ModelError extends Error {
  override readonly name = "ModelError";
  /** The status of the response. */
  readonly status: number;

  constructor(message: string, status: number) {
    super(message);
    this.status = status;
  }
}

/** Asks the model that is served at a place. */
export class ModelClient {
  readonly #options: ClientOptions;

  constructor(options: ClientOptions) {
    this.#options = options;
  }

  /**
   * What the model says of each row.
   * @throws {ModelError} where the server refuses the rows or gives something else than this model
   * @throws {TypeError} for a row without a value that the model needs, or with one that the model can't take
   */
  async predict(rows: readonly Input[], options: { readonly signal?: AbortSignal } = {}): Promise<Output[]> {
    if (rows.length === 0) return [];
    const isV2 = this.#options.protocol === "v2";
    const send = this.#options.fetch ?? fetch;
    const response = await send(this.#place(), {
      method: "POST",
      headers: { ...this.#options.headers, "content-type": "application/json" },
      body: JSON.stringify(isV2 ? tensorsOf(rows) : frameOf(rows)),
      ...(options.signal && { signal: options.signal }),
    });
    const text = await response.text();
    if (!response.ok) throw new ModelError(refusal(text, response.status), response.status);
    try {
      const answer: unknown = JSON.parse(text);
      return isV2 ? rowsOfTensors(answer, rows.length) : rowsOfRecords(answer, rows.length);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new ModelError("the server's answer is not this model's: " + reason, response.status);
    }
  }

  #place(): string {
    const base = this.#options.url.replace(/\\/+$/, "");
    if (this.#options.protocol === "mlflow") return base + "/invocations";
    const { model, version } = this.#options;
    const versions = version === undefined ? "" : "/versions/" + encodeURIComponent(version);
    return base + "/v2/models/" + encodeURIComponent(model) + versions + "/infer";
  }
}

type SignatureInput = (typeof signature)["inputs"][number];
type SignatureOutput = {
  readonly name: string;
  readonly type: string;
  readonly values?: readonly (string | number | boolean)[];
  readonly columns?: readonly string[];
  readonly shape?: readonly number[];
};

/** A checked value: a text, a truth value or a number; of dates and times the microseconds since 1970. */
type Cell = string | number | boolean | undefined;

function cellsOf(input: SignatureInput, rows: readonly Input[]): readonly Cell[] {
  return rows.map((row, at) => {
    const value: unknown = Reflect.get(row, input.name);
    const cell = cellOf(input.kind, value);
    if (cell === undefined && (input.required || !(value === undefined || value === null || Number.isNaN(value))))
      throw new TypeError("column " + JSON.stringify(input.name) + " of row " + at + " is " + String(value));
    return cell;
  });
}

function cellOf(kind: SignatureInput["kind"], value: unknown): Cell {
  if (kind === "date" || kind === "timestamp") return microseconds(value);
  if (kind === "text") return typeof value === "string" ? value : undefined;
  if (kind === "boolean") return typeof value === "boolean" ? value : undefined;
  const number = typeof value === "bigint" ? Number(value) : value;
  if (typeof number !== "number" || Number.isNaN(number)) return undefined;
  return kind === "integer" && !Number.isSafeInteger(number) ? undefined : number;
}

const isoTime = /^(\\d{4}-\\d\\d-\\d\\d)(?:[T ](\\d\\d:\\d\\d)(?::(\\d\\d)(?:\\.(\\d{1,9}))?)?(Z|[+-]\\d\\d:\\d\\d)?)?$/;

function microseconds(value: unknown): number | undefined {
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? undefined : value.getTime() * 1000;
  const parts = typeof value === "string" ? isoTime.exec(value) : null;
  if (!parts) return undefined;
  const [, day = "", minute = "00:00", second = "00", fraction = "", zone = "Z"] = parts;
  const time = Date.parse(day + "T" + minute + ":" + second + zone);
  if (Number.isNaN(time) || new Date(day + "T00:00Z").getUTCDate() !== Number(day.slice(8))) return undefined;
  return time * 1000 + Number(fraction.padEnd(6, "0").slice(0, 6));
}

/** Rows as MLflow takes them. Times have one form, without a zone, since a column is read by the form of its first. */
function frameOf(rows: readonly Input[]): unknown {
  if (signature.inputs.some((input) => input.shape))
    return { inputs: Object.fromEntries(signature.inputs.map((input) => [input.name, rows.map((row): unknown => Reflect.get(row, input.name))])) };
  const columns = signature.inputs.map((input) =>
    cellsOf(input, rows).map((cell) => {
      if (cell === Infinity || cell === -Infinity) return String(cell);
      if (typeof cell !== "number" || (input.kind !== "date" && input.kind !== "timestamp")) return cell ?? null;
      const time = new Date(Math.floor(cell / 1000)).toISOString();
      const rest = String(cell - Math.floor(cell / 1000) * 1000).padStart(3, "0");
      return input.kind === "date" ? time.slice(0, 10) : time.slice(0, -1) + rest;
    }),
  );
  return {
    dataframe_split: {
      columns: signature.inputs.map((input) => input.name),
      data: rows.map((_, row) => columns.map((column) => column[row])),
    },
  };
}

const datatypes = {
  float32: "FP32",
  float64: "FP64",
  int64: "INT64",
  int32: "INT32",
  int8: "INT8",
  uint8: "UINT8",
  bool: "BOOL",
  string: "BYTES",
} as const;

/** A tensor of all rows, whose sizes are those of the first row's lists. */
function tensorOf(input: SignatureInput, rows: readonly Input[]): unknown {
  const values: unknown[] = rows.map((row): unknown => Reflect.get(row, input.name));
  const shape: number[] = [];
  for (let each: unknown = values; Array.isArray(each); each = each[0]) shape.push(each.length);
  const data = values.flat(Infinity);
  const elements = shape.reduce((product, size) => product * size, 1);
  const isOf = input.shape?.every((size, axis) => size === -1 || size === shape[axis + 1]);
  if (shape.length !== (input.shape?.length ?? 0) + 1 || isOf !== true || data.length !== elements)
    throw new TypeError(JSON.stringify(input.name) + " needs lists of the sizes " + String(input.shape));
  return { name: input.name, shape, datatype: datatypes[input.dtype], data };
}

/** Rows as tensors, one for each column. A missing number is null, a missing text is empty. */
function tensorsOf(rows: readonly Input[]): unknown {
  const inputs = signature.inputs.map((input) => (input.shape ? tensorOf(input, rows) : {
    name: input.name,
    shape: [rows.length],
    datatype: datatypes[input.dtype],
    data: cellsOf(input, rows).map((cell) => {
      if (input.dtype === "string") return cell ?? "";
      if (cell === undefined) return null;
      if (input.dtype === "bool") return cell;
      const number = Number(cell);
      if (!Number.isFinite(number)) throw new TypeError("the protocol's JSON has no infinite numbers");
      return input.kind === "date" ? Math.floor(number / 86_400_000_000) : number;
    }),
  }));
  return { inputs, outputs: signature.outputs.map((output) => ({ name: output.name })) };
}

function rowsOfRecords(answer: unknown, rows: number): Output[] {
  const predictions: unknown = Object(answer).predictions;
  if (signature.inputs.some((input) => input.shape) || signature.outputs.some((output) => output.shape))
    return rowsOfTensors({ outputs: Object.entries(Object(predictions)).map(([name, data]) => ({ name, data })) }, rows);
  if (!Array.isArray(predictions) || predictions.length !== rows) throw new Error("it has not one answer for each row");
  return predictions.map((record: unknown) =>
    outputRow((output, column) => {
      const name = column === undefined ? output.name : output.name + "_" + column;
      return Object(record)[name];
    }),
  );
}

function rowsOfTensors(answer: unknown, rows: number): Output[] {
  const outputs: unknown = Object(answer).outputs;
  const tensors = new Map<unknown, readonly unknown[]>();
  for (const output of Array.isArray(outputs) ? outputs : []) {
    const data: unknown = Object(output).data;
    if (Array.isArray(data)) tensors.set(Object(output).name, data.flat(Infinity));
  }
  for (const output of signature.outputs) {
    const length = tensors.get(output.name)?.length ?? Number.NaN;
    const isOf = output.shape ? length % rows === 0 : length === rows * (output.columns?.length ?? 1);
    if (!isOf) throw new Error("it has not one " + output.name + " for each row");
  }
  return Array.from({ length: rows }, (_, row) =>
    outputRow((output, _column, at) => {
      const values = tensors.get(output.name) ?? [];
      const width = values.length / rows;
      return output.shape ? values.slice(row * width, (row + 1) * width) : values[row * width + at];
    }),
  );
}

function outputRow(
  read: (output: SignatureOutput, column: string | undefined, at: number) => unknown,
): Output {
  const row: Record<string, unknown> = {};
  for (const output of signature.outputs)
    row[output.name] = output.columns
      ? Object.fromEntries(output.columns.map((column, at) => [column, checked(output, read(output, column, at))]))
      : checked(output, read(output, undefined, 0));
  // SAFETY: every output was just seen to be of the signature's type.
  return row as unknown as Output;
}

function checked(output: SignatureOutput, value: unknown): unknown {
  const { shape, ...element } = output;
  if (shape && Array.isArray(value)) return value.map((each: unknown) => checked(element, each));
  const found = output.type === "boolean" && (value === 0 || value === 1) ? value === 1 : value;
  const expected = output.type === "boolean" || output.type === "string" ? output.type : "number";
  const isKnown = output.values === undefined || output.values.some((each) => each === found);
  if (typeof found === expected && isKnown) return found;
  throw new Error(output.name + " is " + JSON.stringify(value));
}

function refusal(text: string, status: number): string {
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch {
    answer = undefined;
  }
  const { message, error } = Object(answer) as { readonly message?: unknown; readonly error?: unknown };
  const told = [message, error].find((each) => typeof each === "string");
  return typeof told === "string" ? told : "the server answered with status " + status;
}
`;
