/** @file A TypeScript module as a notebook; the opposite of writing one, also for modules that people wrote. */
import * as v from "valibot";
import {
  type Cell,
  type JsonObject,
  type Notebook,
  createCodeCell,
  splitText,
  upgradeNotebook,
} from "../../jupyter/notebook-file.ts";
import { type CellMarker, markerLine, readMarker } from "./cell-marker.ts";
import { uncommentAll, uncommentMagics } from "./commented-text.ts";
import { moduleLine } from "./write-module.ts";

const object = v.record(v.string(), v.unknown());
const valuesSchema = v.object({
  /** As nbformat wants ids. */
  id: v.optional(v.fallback(v.optional(v.pipe(v.string(), v.regex(/^[\w-]{1,64}$/))), undefined)),
  tags: v.optional(v.fallback(v.optional(v.array(v.string())), undefined)),
  metadata: v.fallback(v.optional(object, {}), {}),
  attachments: v.optional(v.fallback(v.optional(v.record(v.string(), object)), undefined)),
});

/** Reads a module's text; code above the first marker, or without any, becomes a cell of its own. */
export function readModule(text: string): Notebook {
  const notebook: Notebook = { cells: [], metadata: {}, nbformat: 4, nbformat_minor: 5 };
  for (const { marker, body } of sections(text)) {
    if (marker?.kind === "notebook") notebook.metadata = v.parse(valuesSchema, marker.values).metadata;
    if (marker === undefined || marker.kind === "notebook") {
      const code = body
        .replaceAll(new RegExp(`^${moduleLine.replaceAll(/[{}]/g, "\\$&")}$`, "gm"), "")
        .trim();
      if (code !== "") notebook.cells.push(createCodeCell(uncommentMagics(code)));
    } else notebook.cells.push(cellOf(marker, body));
  }
  upgradeNotebook(notebook);
  return notebook;
}

interface Section {
  readonly marker: CellMarker | undefined;
  readonly body: string;
}

function sections(text: string): readonly Section[] {
  const found: Section[] = [];
  let marker: CellMarker | undefined;
  let lines: string[] = [];
  const close = (isLast: boolean): void => {
    // A line break ends the last line, a blank line stands before the next marker.
    for (let extra = isLast ? 1 : 2; extra > 0 && lines.at(-1) === "" && lines.length > 1; extra -= 1)
      lines.pop();
    found.push({ marker, body: lines.join("\n") });
  };
  for (const line of text
    .replaceAll("\r\n", "\n")
    .replace(/^\uFEFF/, "")
    .split("\n")) {
    if (!markerLine.test(line)) {
      lines.push(line);
      continue;
    }
    lines.push("");
    close(false);
    marker = readMarker(line);
    lines = [];
  }
  close(true);
  return found;
}

function cellOf({ kind, values }: CellMarker, body: string): Cell {
  const { id, tags, metadata, attachments } = v.parse(valuesSchema, values);
  const shared: { id?: string; metadata: JsonObject } = {
    ...(id === undefined ? {} : { id }),
    metadata: tags === undefined ? metadata : { ...metadata, tags },
  };
  if (kind === "markdown" || kind === "raw") {
    return {
      cell_type: kind,
      ...shared,
      ...(attachments === undefined ? {} : { attachments }),
      source: splitText(uncommentAll(body)),
    };
  }
  const source = kind === "magic" ? uncommentAll(body) : uncommentMagics(body);
  return { cell_type: "code", execution_count: null, ...shared, outputs: [], source: splitText(source) };
}
