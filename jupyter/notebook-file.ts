/**
 * @file Notebook files (nbformat 4) as typed values, read and written without loss.
 *
 * What is read keeps its unknown fields, key order and number forms; what is written has Jupyter's layout and, as of
 * {@link writeNotebook}, is nbformat 4.5 or the later minor version that the file already had. A file is replaced as
 * a whole: a crash leaves the old one or the new one.
 */
import { randomBytes } from "node:crypto";
import { open, readFile, realpath, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import * as v from "valibot";
import { parseJson, stringifyJson } from "./lossless-json.ts";

/** Text as one string or as its lines, each with its line break. */
export type MultilineText = string | string[];
export type JsonObject = Record<string, unknown>;

export interface StreamCellOutput {
  output_type: "stream";
  name: string;
  text: MultilineText;
}

export interface DisplayCellOutput {
  output_type: "display_data";
  data: JsonObject;
  metadata: JsonObject;
}

export interface ResultCellOutput {
  output_type: "execute_result";
  data: JsonObject;
  metadata: JsonObject;
  execution_count: number | null;
}

export interface ErrorCellOutput {
  output_type: "error";
  ename: string;
  evalue: string;
  traceback: string[];
}

export type CellOutput = StreamCellOutput | DisplayCellOutput | ResultCellOutput | ErrorCellOutput;

interface CellFields {
  /** From nbformat 4.5 on. */
  id?: string;
  metadata: JsonObject;
  source: MultilineText;
}

export interface CodeCell extends CellFields {
  cell_type: "code";
  execution_count: number | null;
  outputs: CellOutput[];
}

export interface MarkdownCell extends CellFields {
  cell_type: "markdown";
  /** By file name, then by MIME type. */
  attachments?: Record<string, JsonObject>;
}

export interface RawCell extends CellFields {
  cell_type: "raw";
  attachments?: Record<string, JsonObject>;
}

export type Cell = CodeCell | MarkdownCell | RawCell;

/** A notebook; fields that are not named here are kept. */
export interface Notebook {
  cells: Cell[];
  metadata: JsonObject;
  nbformat: 4;
  nbformat_minor: number;
}

/** A file that is no notebook that can be read; the message says what to do. */
export class NotebookFormatError extends Error {
  override readonly name = "NotebookFormatError";
}

const object = v.record(v.string(), v.unknown());
const text = v.union([v.string(), v.array(v.string())]);
const count = v.nullable(v.number());
const output = v.variant("output_type", [
  v.looseObject({ output_type: v.literal("stream"), name: v.string(), text }),
  v.looseObject({ output_type: v.literal("display_data"), data: object, metadata: object }),
  v.looseObject({
    output_type: v.literal("execute_result"),
    data: object,
    metadata: object,
    execution_count: count,
  }),
  v.looseObject({
    output_type: v.literal("error"),
    ename: v.string(),
    evalue: v.string(),
    traceback: v.array(v.string()),
  }),
]);
const fields = { id: v.optional(v.string()), metadata: object, source: text };
const attachments = v.optional(v.record(v.string(), object));
const cell = v.variant("cell_type", [
  v.looseObject({
    ...fields,
    cell_type: v.literal("code"),
    execution_count: count,
    outputs: v.array(output),
  }),
  v.looseObject({ ...fields, cell_type: v.literal("markdown"), attachments }),
  v.looseObject({ ...fields, cell_type: v.literal("raw"), attachments }),
]);
const notebookSchema = v.looseObject({
  cells: v.array(cell),
  metadata: object,
  nbformat: v.literal(4),
  nbformat_minor: v.number(),
});

/** Reads a notebook's text. @throws {NotebookFormatError} */
export function parseNotebook(content: string): Notebook {
  let value: unknown;
  try {
    value = parseJson(content);
  } catch (cause) {
    const where = cause instanceof Error ? `: ${cause.message}` : "";
    throw new NotebookFormatError(`not a notebook: the file is not JSON${where}`, { cause });
  }
  if (!v.is(object, value) || !("nbformat" in value)) {
    throw new NotebookFormatError("not a notebook: the file has no nbformat field");
  }
  const version = value["nbformat"];
  if (typeof version === "number" && version > 4) {
    throw new NotebookFormatError(
      `the notebook has format version ${version}, newer than 4: update Tenon, or save it as version 4 in Jupyter`,
    );
  }
  if (version !== 4) {
    throw new NotebookFormatError(
      `the notebook has format version ${String(version)}, older than 4: convert it with \`jupyter nbconvert --to notebook\``,
    );
  }
  fillIn(value);
  const result = v.safeParse(notebookSchema, value);
  if (!result.success) {
    const [issue] = result.issues;
    throw new NotebookFormatError(
      `not a valid notebook: ${v.getDotPath(issue) ?? "content"}: ${issue.message}`,
    );
  }
  // SAFETY: checked just above. The value itself, not the schema's copy of it, knows how its numbers were written.
  return value as unknown as Notebook;
}

/** Adds the required fields that older writers are known to leave out. */
function fillIn(notebook: JsonObject): void {
  notebook["metadata"] ??= {};
  notebook["nbformat_minor"] ??= 0;
  if (!v.is(v.array(object), notebook["cells"])) return;
  // SAFETY: checked just above.
  for (const each of notebook["cells"] as JsonObject[]) {
    each["metadata"] ??= {};
    if (each["cell_type"] !== "code") continue;
    each["outputs"] ??= [];
    if (!("execution_count" in each)) each["execution_count"] = null;
    if (!v.is(v.array(object), each["outputs"])) continue;
    // SAFETY: checked just above.
    for (const item of each["outputs"] as JsonObject[]) {
      const type = item["output_type"];
      if (type === "display_data" || type === "execute_result") item["metadata"] ??= {};
      if (type === "execute_result" && !("execution_count" in item)) item["execution_count"] = null;
    }
  }
}

/** The notebook's text as Jupyter writes it: one space of indentation, a line break at the end. */
export function serializeNotebook(notebook: Notebook): string {
  return `${stringifyJson(notebook, 1)}\n`;
}

/** Makes a notebook nbformat 4.5, in place: every cell gets an id of its own. A later minor version stays. */
export function upgradeNotebook(notebook: Notebook): void {
  if (notebook.nbformat_minor < 5) notebook.nbformat_minor = 5;
  const used = new Set<string>();
  for (const [index, each] of notebook.cells.entries()) {
    if (each.id !== undefined && !used.has(each.id)) {
      used.add(each.id);
      continue;
    }
    const id = newCellId();
    used.add(id);
    if (each.id === undefined) notebook.cells[index] = withId(each, id);
    else each.id = id;
  }
}

/** A cell id as nbformat wants it. */
export function newCellId(): string {
  return randomBytes(4).toString("hex");
}

/** The cell with its id where Jupyter's sorted keys have it; the objects within are the same. */
function withId<T extends Cell>(target: T, id: string): T {
  const before: JsonObject = {};
  const after: JsonObject = {};
  for (const [key, value] of Object.entries(target)) (key < "id" ? before : after)[key] = value;
  // SAFETY: the fields are those of `target`, and an id.
  return { ...before, id, ...after } as unknown as T;
}

/** Reads a notebook file. @throws {NotebookFormatError} and the file system's errors. */
export async function readNotebook(path: string): Promise<Notebook> {
  return parseNotebook(await readFile(path, "utf8"));
}

/** Writes a notebook file, at once or not at all; `notebook` is upgraded to nbformat 4.5. */
export async function writeNotebook(path: string, notebook: Notebook): Promise<void> {
  upgradeNotebook(notebook);
  await replaceFile(path, serializeNotebook(notebook));
}

/** Replaces a file's content as a whole, through a temporary file beside it. Links and permissions stay. */
export async function replaceFile(path: string, content: string): Promise<void> {
  const target = await realpath(path).catch(() => path);
  const mode = await stat(target).then(
    (status) => status.mode & 0o777,
    () => undefined,
  );
  const temporary = join(dirname(target), `.${basename(target)}.${randomBytes(4).toString("hex")}.tmp`);
  try {
    const file = await open(temporary, "wx", mode ?? 0o666);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** The text of a source, a stream or a text bundle entry. */
export function joinText(value: MultilineText): string {
  return typeof value === "string" ? value : value.join("");
}

/** Text as nbformat stores it: its lines, each with its line break. */
export function splitText(value: string): string[] {
  return value.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

/** The cell's tags. */
export function cellTags(target: Cell): readonly string[] {
  const tags = target.metadata["tags"];
  return v.is(v.array(v.string()), tags) ? tags : [];
}

/** A new code cell that has not run. */
export function createCodeCell(source: string, tags: readonly string[] = []): CodeCell {
  return {
    cell_type: "code",
    execution_count: null,
    id: newCellId(),
    metadata: tags.length === 0 ? {} : { tags: [...tags] },
    outputs: [],
    source: splitText(source),
  };
}

/** Sets a field; a new one goes where Jupyter, which sorts keys when it saves, will have it. */
export function setSorted(target: JsonObject, key: string, value: unknown): void {
  const later = Object.hasOwn(target, key) ? [] : Object.keys(target).filter((other) => other > key);
  target[key] = value;
  for (const other of later) {
    const moved = target[other];
    delete target[other];
    target[other] = moved;
  }
}
