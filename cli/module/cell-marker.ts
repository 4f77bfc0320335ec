/**
 * @file The lines between the cells of a module: `// %% [markdown] id="a1b2c3d4" tags=["intro"]`.
 *
 * The layout is the percent format that Jupytext and editors know; values are JSON.
 */
import * as v from "valibot";
import type { JsonObject } from "../../jupyter/notebook-file.ts";

/** What a marker says of the cell below it. `magic` is a code cell in another language. */
export interface CellMarker {
  readonly kind: "code" | "markdown" | "raw" | "magic" | "notebook";
  readonly values: JsonObject;
}

const kinds = v.picklist(["code", "markdown", "raw", "magic", "notebook"]);

/** Matches a marker's line. */
export const markerLine = /^\/\/ %%(?:[ \t].*)?$/;

/** Writes a marker. */
export function writeMarker({ kind, values }: CellMarker): string {
  const parts = Object.entries(values).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  return ["// %%", ...(kind === "code" ? [] : [`[${kind}]`]), ...parts].join(" ");
}

/** Reads a marker's line; what is no kind and no value is a title for people and is left out. */
export function readMarker(line: string): CellMarker {
  let rest = line.slice("// %%".length);
  let kind: CellMarker["kind"] = "code";
  const values: JsonObject = {};
  const named = /\[(\w+)\]/.exec(rest);
  const found = v.safeParse(kinds, named?.[1]);
  if (named !== null && found.success && !rest.slice(0, named.index).includes("=")) {
    kind = found.output;
    rest = rest.slice(named.index + named[0].length);
  }
  for (;;) {
    const match = /^(?:.*?\s)?(\w+)=(?=["[{\d-]|true|false|null)/.exec(rest);
    if (match?.[1] === undefined) return { kind, values };
    const value = jsonPrefix(rest.slice(match[0].length));
    if (value === undefined) return { kind, values };
    values[match[1]] = value.parsed;
    rest = rest.slice(match[0].length + value.length);
  }
}

/** The JSON value that a text begins with: it ends before a blank or at the text's end. */
function jsonPrefix(text: string): { readonly parsed: unknown; readonly length: number } | undefined {
  for (const { index } of text.matchAll(/(?=\s)|$/g)) {
    try {
      const parsed: unknown = JSON.parse(text.slice(0, index));
      return { parsed, length: index };
    } catch {
      // A blank within the value: it goes on.
    }
  }
  return undefined;
}
