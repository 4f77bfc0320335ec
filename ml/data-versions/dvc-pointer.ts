/**
 * @file DVC's pointers: `.dvc` files, which name data by MD5, and the lists of folders (`….dir`) in DVC's cache.
 *
 * Of DVC 3 (`hash: md5`) and of the releases before, which hashed text files with their line ends made Unix's.
 * https://dvc.org/doc/user-guide/project-structure/dvc-files
 */
import { readFile, stat } from "node:fs/promises";
import * as v from "valibot";
import { InvalidInputError } from "../errors.ts";
import { parseYaml } from "../yaml-text.ts";
import { DataVersionError } from "./errors.ts";
import { isInside } from "./manifest.ts";

/** A pointer is a few lines; the list of a folder has a hundred bytes for each file. */
const largestPointer = 1 << 20;
const largestList = 512 << 20;

const outSchema = v.object({
  md5: v.pipe(v.string(), v.regex(/^[0-9a-f]{32}(?:\.dir)?$/, "it must be an MD5 in hexadecimal")),
  path: v.pipe(v.string(), v.minLength(1)),
  hash: v.optional(v.literal("md5", "only MD5 is known")),
  size: v.optional(v.number()),
  nfiles: v.optional(v.number()),
  isexec: v.optional(v.boolean(), false),
});
const pointerSchema = v.object({ outs: v.pipe(v.array(outSchema), v.minLength(1)) });
const listSchema = v.array(
  v.object({
    md5: v.pipe(v.string(), v.regex(/^[0-9a-f]{32}$/, "it must be an MD5 in hexadecimal")),
    relpath: v.pipe(
      v.string(),
      v.check((path) => isInside(path), "it must be a relative path without . and .."),
    ),
  }),
);

/** A file or folder that a pointer names. */
export interface DvcOutput {
  /** As the pointer writes it: relative to its folder. */
  readonly path: string;
  readonly md5: string;
  readonly isFolder: boolean;
  readonly isExecutable: boolean;
  /** Whether a DVC before 3 wrote it. */
  readonly isLegacy: boolean;
  /** Bytes, of all files of a folder, where the pointer says it. */
  readonly size: number | undefined;
}

/** A file that the list of a folder names. */
export interface DvcEntry {
  readonly path: string;
  readonly md5: string;
}

/**
 * What a `.dvc` file points to.
 * @throws {@link DataVersionError} for what is no pointer, or points by something else than an MD5
 */
export async function readDvcPointer(path: string): Promise<readonly DvcOutput[]> {
  const text = await readText(path, largestPointer);
  let json: unknown;
  try {
    json = parseYaml("DVC pointer", text);
  } catch (cause) {
    if (!(cause instanceof InvalidInputError)) throw cause;
    throw new DataVersionError(path, cause.message, { cause });
  }
  const read = v.safeParse(pointerSchema, json);
  if (!read.success) {
    const [issue] = read.issues;
    throw new DataVersionError(
      path,
      `it is no DVC pointer: ${v.getDotPath(issue) ?? "it"}: ${issue.message}`,
    );
  }
  return read.output.outs.map(({ path: out, md5, hash, size, isexec }) => ({
    path: out,
    md5: md5.slice(0, 32),
    isFolder: md5.endsWith(".dir"),
    isExecutable: isexec,
    isLegacy: hash === undefined,
    size,
  }));
}

/**
 * The files of a folder, by the list in DVC's cache.
 * @throws {@link DataVersionError} for what is no such list, and for paths that lead out of the folder
 */
export function parseDvcList(text: string, path: string): readonly DvcEntry[] {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new DataVersionError(path, "this list of a folder is no JSON", { cause });
  }
  const read = v.safeParse(listSchema, json);
  if (!read.success) {
    const [issue] = read.issues;
    throw new DataVersionError(
      path,
      `this is no list of a folder: ${v.getDotPath(issue) ?? "it"}: ${issue.message}`,
    );
  }
  return read.output.map(({ md5, relpath }) => ({ md5, path: relpath }));
}

/** The text of a list in the cache. */
export async function readDvcList(path: string): Promise<string> {
  return await readText(path, largestList);
}

async function readText(path: string, limit: number): Promise<string> {
  const { size } = await stat(path);
  if (size > limit) throw new DataVersionError(path, `it has ${size} bytes, too many for a pointer`);
  return await readFile(path, "utf8");
}
