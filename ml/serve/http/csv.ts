/** @file Rows as CSV (RFC 4180), with the names of the columns in the first line or in the signature's order. */
import { InvalidInputError } from "../../errors.ts";
import type { ModelInputs } from "../plan/model-inputs.ts";
import type { InputPlan, ModelPlan } from "../plan/model-plan.ts";
import { inputsOfLists } from "../plan/read-rows.ts";
import { columnNames } from "./json-rows.ts";

/**
 * Reads rows. Of the first line, which names no column of the model where it is a row.
 * @throws {@link InvalidInputError} that names the line, or column and row
 */
export function readCsv(plan: ModelPlan, text: string): ModelInputs {
  const [first, ...rest] = parseCsv(text);
  if (!first) throw new InvalidInputError("the body has no rows");
  const hasNames = first.some((name) => plan.inputsByName.has(name));
  const columns = hasNames ? first : columnNames(plan);
  const inputs = columns.map((name) => plan.inputsByName.get(name));
  const data = (hasNames ? rest : [first, ...rest]).map((row) =>
    row.map((cell, at) => valueOf(inputs[at], cell)),
  );
  return inputsOfLists(plan, { columns, data });
}

/** A cell as the value that JSON would have for it; what is empty is missing. */
function valueOf(input: InputPlan | undefined, cell: string): unknown {
  if (cell === "") return null;
  switch (input?.kind) {
    case "float":
    case "integer": {
      const number = cell.trim() === "" ? Number.NaN : Number(cell);
      // What is no number is refused by its text.
      return Number.isNaN(number) && !/^nan$/i.test(cell.trim()) ? cell : number;
    }
    case "boolean":
      if (/^(true|1)$/i.test(cell)) return true;
      return /^(false|0)$/i.test(cell) ? false : cell;
    default:
      return cell;
  }
}

const cellPattern = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|\n|\r|$)/y;

/**
 * The cells of each line; empty lines are none.
 * @throws {@link InvalidInputError} that names the line, for a quote that doesn't end
 */
export function parseCsv(text: string): readonly (readonly string[])[] {
  const lines: string[][] = [];
  let line: string[] = [];
  cellPattern.lastIndex = 0;
  while (cellPattern.lastIndex < text.length || line.length > 0) {
    const at = cellPattern.lastIndex;
    const found = cellPattern.exec(text);
    if (!found) throw new InvalidInputError(`line ${lines.length + 1} has a quote where none can be`);
    const [, quoted, plain = "", end] = found;
    line.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end === ",") continue;
    if (line.length > 1 || line[0] !== "") lines.push(line);
    line = [];
    if (cellPattern.lastIndex === at) break;
  }
  return lines;
}
