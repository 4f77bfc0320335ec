/** @file Calls as columns: a row for each row of a call, a column for each input and output that is one number or text a row. */
import type { ColumnValue } from "../../data/from-arrays.ts";
import type { InferenceTensor } from "../inference.ts";
import { parseTraceparent } from "../observe/trace-context.ts";
import type { CapturedCall } from "./capture.ts";

/** Columns of an input of several numbers a row; wider ones are left out. */
const maxWidth = 256;

/**
 * The columns of some calls of one version: `time`, `request_id`, `trace_id`, `protocol`, `caller`, `duration_ms`, `row`, and
 * `input_NAME` and `output_NAME`, with `_0`, `_1`, … for several numbers a row. Of tensors whose first length isn't the call's
 * rows there is none. Columns without any value are left out.
 */
export function capturedColumns(
  calls: readonly CapturedCall[],
  redacted: ReadonlySet<string>,
): Record<string, ColumnValue[]> {
  const total = calls.reduce((sum, { rows }) => sum + rows, 0);
  const columns = new Map<string, ColumnValue[]>();
  const put = (name: string, row: number, value: ColumnValue): void => {
    let column = columns.get(name);
    if (!column) columns.set(name, (column = Array.from<ColumnValue>({ length: total }).fill(null)));
    column[row] = value;
  };
  let from = 0;
  for (const call of calls) {
    const traceId = call.traceparent === undefined ? null : parseTraceparent(call.traceparent)?.traceId;
    for (let row = 0; row < call.rows; row++) {
      put("time", from + row, new Date(call.time));
      put("request_id", from + row, call.request.id);
      put("trace_id", from + row, traceId);
      put("protocol", from + row, call.protocol);
      put("caller", from + row, call.caller);
      put("duration_ms", from + row, call.duration);
      put("row", from + row, row);
    }
    for (const [prefix, tensors] of [
      ["input", call.request.inputs],
      ["output", call.response.outputs],
    ] as const)
      for (const tensor of tensors)
        if (!redacted.has(tensor.name)) putTensor(put, `${prefix}_${tensor.name}`, tensor, from, call.rows);
    from += call.rows;
  }
  return Object.fromEntries(
    Array.from(columns)
      .filter(([, values]) => values.some((value) => value !== null && value !== undefined))
      .map(([name, values]) => [name, ofOneType(values)]),
  );
}

function putTensor(
  put: (name: string, row: number, value: ColumnValue) => void,
  name: string,
  { datatype, shape, data }: InferenceTensor,
  from: number,
  rows: number,
): void {
  if (shape[0] !== rows || rows === 0) return;
  const width = data.length / rows;
  if (width > maxWidth) return;
  for (let at = 0; at < data.length; at++) {
    const column = shape.length === 1 || width === 1 ? name : `${name}_${at % width}`;
    const value = data[at];
    put(column, from + Math.floor(at / width), datatype === "BOOL" ? value === 1 : value);
  }
}

/** Calls of one version may have the same input as other types. */
function ofOneType(values: readonly ColumnValue[]): ColumnValue[] {
  const types = new Set(
    values.filter((value) => value !== null && value !== undefined).map((value) => typeof value),
  );
  if (types.size <= 1) return [...values];
  const isNumeric = !types.has("string") && !types.has("object");
  return values.map((value) => {
    if (value === null || value === undefined) return null;
    return isNumeric ? Number(value) : String(value);
  });
}
