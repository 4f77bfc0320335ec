/** @file The files of an MLflow file store: `meta.yaml` of everything, a file for each tag, param and metric. */
import { createReadStream, type Dirent } from "node:fs";
import { lstat, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import * as v from "valibot";
import { parseDocument } from "yaml";
import { requireShallow } from "../../yaml-text.ts";
import type { KeyValue } from "../limits.ts";

/** A folder that is no file store, or a file of it that cannot be read as MLflow writes it. */
export class MlrunsError extends Error {
  override readonly name = "MlrunsError";
}

const largestText = 32 * 1024 * 1024;

// All scalars are read as texts: what is a number to YAML 1.2 may be a text to the YAML 1.1 that MLflow writes.
export const text = v.optional(v.string(), "");
/** A text, or undefined for null. */
export const textOrNull = v.pipe(
  v.optional(v.string(), "null"),
  v.transform((value) => (value === "null" || value === "" ? undefined : value)),
);
/** A whole number, or undefined for null. */
export const wholeOrNull = v.pipe(
  textOrNull,
  v.transform((value) => (value === undefined ? undefined : Number(value))),
  v.optional(v.pipe(v.number(), v.safeInteger())),
);
export const whole = v.pipe(v.string(), v.transform(Number), v.safeInteger());

/** Parses the `meta.yaml` of a folder by a schema. Rejects with {@link MlrunsError} that names the file. */
export async function readMeta<const S extends v.GenericSchema>(
  folder: string,
  schema: S,
): Promise<v.InferOutput<S>> {
  const path = join(folder, "meta.yaml");
  const result = v.safeParse(schema, parseYaml(path, await readText(path)));
  if (result.success) return result.output;
  const [issue] = result.issues;
  const field = issue.path?.map(({ key }) => String(key)).join(".") ?? "";
  throw new MlrunsError(`${path}: ${field}: ${issue.message}`);
}

function parseYaml(path: string, content: string): unknown {
  try {
    requireShallow("description of MLflow's", content);
  } catch (cause) {
    throw new MlrunsError(`${path}: ${cause instanceof Error ? cause.message : "no YAML"}`, { cause });
  }
  const document = parseDocument(content, { schema: "failsafe" });
  const [error] = document.errors;
  if (error) throw new MlrunsError(`${path}: ${error.message}`);
  try {
    return document.toJS({ maxAliasCount: 10 });
  } catch (cause) {
    throw new MlrunsError(`${path}: ${cause instanceof Error ? cause.message : "no YAML"}`, { cause });
  }
}

/** A file's text. Rejects with {@link MlrunsError} where there is none, or it is a link or larger than any that MLflow writes. */
export async function readText(path: string): Promise<string> {
  const info = await lstat(path).catch(() => undefined);
  if (!info?.isFile()) throw new MlrunsError(`${path} is missing`);
  if (info.size > largestText) throw new MlrunsError(`${path} has ${info.size} bytes`);
  return readFile(path, "utf8");
}

/** The entries of a folder by name, links left out; none where it is not there. */
export async function entriesOf(folder: string): Promise<readonly Dirent[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isFile() || entry.isDirectory())
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** The folders in a folder. */
export async function foldersOf(folder: string): Promise<readonly string[]> {
  return (await entriesOf(folder)).filter((entry) => entry.isDirectory()).map(({ name }) => name);
}

/** The files below a folder, by their relative paths with slashes, which are the keys of what they hold. */
export async function* filesBelow(folder: string, prefix = ""): AsyncGenerator<string> {
  for (const entry of await entriesOf(join(folder, prefix))) {
    const path = prefix === "" ? entry.name : `${prefix}/${entry.name}`;
    if (entry.isDirectory()) yield* filesBelow(folder, path);
    else yield path;
  }
}

/** Tags or params: a file for each. */
export async function readKeyValues(folder: string): Promise<readonly KeyValue[]> {
  const found: KeyValue[] = [];
  for await (const key of filesBelow(folder)) found.push({ key, value: await readText(join(folder, key)) });
  return found;
}

/** The lines of a metric's file, each as its fields. */
export async function* metricLines(path: string): AsyncGenerator<readonly string[]> {
  const lines = createInterface({
    input: createReadStream(path, "utf8"),
    crlfDelay: Number.POSITIVE_INFINITY,
  });
  for await (const line of lines) if (line.trim() !== "") yield line.trim().split(" ");
}

/** A number as Python writes a float. Throws {@link MlrunsError} for what is none; `path` is the file's. */
export function parsePythonFloat(field: string | undefined, path: string): number {
  const word = (field ?? "").toLowerCase().replace(/^\+/, "");
  if (word === "nan" || word === "-nan") return Number.NaN;
  if (/^-?inf(?:inity)?$/.test(word))
    return word.startsWith("-") ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  const number = word === "" ? Number.NaN : Number(word);
  if (Number.isNaN(number)) throw new MlrunsError(`${path}: '${field ?? ""}' is no number`);
  return number;
}

/** A whole number of a metric's file. Throws {@link MlrunsError} for what is none. */
export function parseWhole(field: string | undefined, path: string): number {
  const number = /^-?\d+$/.test(field ?? "") ? Number(field) : Number.NaN;
  if (!Number.isSafeInteger(number)) throw new MlrunsError(`${path}: '${field ?? ""}' is no whole number`);
  return number;
}
