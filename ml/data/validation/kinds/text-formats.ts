/** @file Whether texts are JSON, or times in a format, as SQL. */
import { sqlText } from "../../sql-text.ts";
import { SuiteError } from "../errors.ts";

/** Whether a text is JSON. */
export function isJson(text: string): string {
  // DuckDB accepts a comma before a closing bracket, where the standard has none; strings may hold one.
  const outside = `regexp_replace(${text}, '"(\\\\.|[^"\\\\])*"', '""', 'g')`;
  return `json_valid(${text}) AND NOT regexp_matches(${outside}, ',\\s*[\\]}]')`;
}

/** What directives of formats stand for; which of the texts are dates, DuckDB decides. */
const directives: Readonly<Record<string, string>> = {
  "%": "%",
  a: "[a-z]+",
  A: "[a-z]+",
  b: "[a-z]+",
  B: "[a-z]+",
  d: "[ \\d]?\\d",
  f: "\\d{1,6}",
  H: "\\d{1,2}",
  I: "\\d{1,2}",
  j: "\\d{1,3}",
  m: "\\d{1,2}",
  M: "\\d{1,2}",
  p: "[ap]m",
  S: "\\d{1,2}",
  y: "\\d{2}",
  Y: "\\d{4}",
  z: "(?:z|[+-]\\d{2}:?\\d{2})",
};

/**
 * Whether all of a text is a date or time in a format of `strptime`. DuckDB alone would let two digits be a year, and
 * spaces stand around the text.
 * @throws {@link SuiteError} for a directive that is not known
 */
export function hasFormat(text: string, format: string): string {
  const pattern = format.replaceAll(/%(.?)|\s+|[^%\s]/gs, (part: string, directive: string | undefined) => {
    if (/^\s/.test(part)) return String.raw`\s+`;
    if (directive === undefined) return part.replace(/[\\^$.*+?()[\]{}|]/, String.raw`\$&`);
    const found = directives[directive];
    if (found === undefined)
      throw new SuiteError(`the format "${format}" has the unknown directive "${part}"`);
    return found;
  });
  const isWhole = `regexp_full_match(${text}, ${sqlText(`(?i)${pattern}`)})`;
  return `${isWhole} AND try_strptime(${text}, ${sqlText(format)}) IS NOT NULL`;
}
