/** @file The program that a run is of: a cell of a notebook, or a script. */
import { createHash } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import { relative, resolve } from "node:path";
import * as v from "valibot";
import { notebookHost } from "../../notebook-host.ts";
import { redactSecrets } from "./redact.ts";

/** Where the code of a run is. */
export interface RunSource {
  readonly type: "NOTEBOOK" | "LOCAL";
  /** The notebook or script: its path from the working folder where it is in it. */
  readonly name: string;
  /** The digest of the notebook or script as it is on the disk. */
  readonly sha256?: string;
  /** The cell that runs. */
  readonly cellId?: string;
  /** The cell's text as the notebook was last saved, without secrets. */
  readonly cellText?: string;
}

/** Larger notebooks are not searched for the cell. */
const mostBytes = 50 * 2 ** 20;

const notebookSchema = v.object({
  cells: v.array(
    v.object({ id: v.optional(v.string()), source: v.union([v.string(), v.array(v.string())]) }),
  ),
});

/** What runs now; it must be asked before anything is awaited, while the cell that asks is the one that runs. */
export function runningCell(): string | undefined {
  try {
    return notebookHost()?.cellId;
  } catch {
    return undefined;
  }
}

/** The notebook, where there is one, or the script of this process. Never throws. */
export async function runSource(cellId: string | undefined): Promise<RunSource | undefined> {
  const isNotebook = notebookHost() !== undefined;
  // The frontend's name of the session, which for files is their path.
  const path = isNotebook ? process.env["JPY_SESSION_NAME"] : process.argv[1];
  if (path === undefined || path === "")
    return isNotebook ? { type: "NOTEBOOK", name: "notebook", ...cell(cellId) } : undefined;
  const content = await readSmall(path);
  const text = isNotebook && content && cellId !== undefined ? textOfCell(content, cellId) : undefined;
  return {
    type: isNotebook ? "NOTEBOOK" : "LOCAL",
    name: shownPath(path),
    ...(content && { sha256: createHash("sha256").update(content).digest("hex") }),
    ...cell(cellId),
    ...(text !== undefined && { cellText: redactSecrets(text).text }),
  };
}

const cell = (cellId: string | undefined): { readonly cellId?: string } =>
  cellId === undefined ? {} : { cellId };

/** A path from the working folder where it is in it; else as it is. */
export function shownPath(path: string): string {
  const inside = relative(process.cwd(), resolve(path));
  return inside === "" || inside.startsWith("..") || resolve(inside) === inside ? path : inside;
}

async function readSmall(path: string): Promise<Buffer | undefined> {
  try {
    const { size } = await stat(path);
    return size <= mostBytes ? await readFile(path) : undefined;
  } catch {
    return undefined;
  }
}

function textOfCell(content: Buffer, cellId: string): string | undefined {
  try {
    const { cells } = v.parse(notebookSchema, JSON.parse(content.toString("utf8")));
    const found = cells.find(({ id }) => id === cellId);
    return found && [found.source].flat().join("");
  } catch {
    return undefined;
  }
}
