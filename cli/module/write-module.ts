/**
 * @file A notebook as a TypeScript module that editors, compilers and `git diff` read, and that becomes a notebook again.
 *
 * Cells, their ids, tags and other metadata, attachments and the notebook's metadata are kept; outputs are not.
 */
import { parseMagics } from "../../cells/magics.ts";
import { type Cell, type JsonObject, type Notebook, joinText } from "../../jupyter/notebook-file.ts";
import { type CellMarker, writeMarker } from "./cell-marker.ts";
import { commentAll, commentMagics } from "./commented-text.ts";

/** Metadata that tells of a run. */
const ofRuns: ReadonlySet<string> = new Set(["execution", "papermill", "tags"]);
/** Makes the file a module, also where no cell imports anything: only modules may `await` at the top. */
export const moduleLine = "export {};";

/** Writes a notebook as the text of a module. */
export function writeModule(notebook: Notebook): string {
  const head = writeMarker({ kind: "notebook", values: { metadata: without(notebook.metadata, ofRuns) } });
  const cells = notebook.cells.map((cell) => {
    const { kind, text } = cellText(cell);
    const { tags } = cell.metadata;
    const metadata = without(cell.metadata, ofRuns);
    const attachments = "attachments" in cell ? cell.attachments : undefined;
    const values = {
      ...(cell.id === undefined ? {} : { id: cell.id }),
      ...(tags === undefined ? {} : { tags }),
      ...(Object.keys(metadata).length === 0 ? {} : { metadata }),
      ...(attachments === undefined ? {} : { attachments }),
    };
    return `${writeMarker({ kind, values })}\n${text}\n`;
  });
  return [`${head}\n${moduleLine}\n`, ...cells].join("\n");
}

function cellText(cell: Cell): { readonly kind: CellMarker["kind"]; readonly text: string } {
  const source = joinText(cell.source).replaceAll("\r\n", "\n");
  if (cell.cell_type !== "code") return { kind: cell.cell_type, text: commentAll(source) };
  const magics = parseMagics(source);
  const isOther = magics.kind === "cell" && magics.name !== "check";
  return isOther
    ? { kind: "magic", text: commentAll(source) }
    : { kind: "code", text: commentMagics(source) };
}

function without(object: JsonObject, names: ReadonlySet<string>): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([name]) => !names.has(name)));
}
