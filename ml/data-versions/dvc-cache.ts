/**
 * @file DVC's cache: content by its MD5, in the layout of DVC 3 (`files/md5/ab/cdef…`) and in that of the releases before
 * (`ab/cdef…`). It is only read.
 */
import { createHash } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import { dirname, isAbsolute, join, posix, resolve } from "node:path";
import { fileChunks } from "../file-chunks.ts";
import { parseDvcList, readDvcList, readDvcPointer, type DvcEntry, type DvcOutput } from "./dvc-pointer.ts";
import { DataVersionError } from "./errors.ts";
import { isInside } from "./manifest.ts";

/** A file that a pointer leads to. */
export interface DvcFile {
  /** Relative to the folder that the pointer stands for. */
  readonly path: string;
  /** Where its content is in the cache. */
  readonly location: string;
  readonly size: number;
  readonly executable: boolean;
  /**
   * Its content, held against the MD5; that it is that is certain only when the generator has ended without an error.
   * @throws {@link DataVersionError} where it was changed
   */
  content(signal?: AbortSignal): AsyncGenerator<Uint8Array>;
}

/** What a pointer leads to. */
export interface DvcData {
  /** `file` where the pointer is that of one file. */
  readonly kind: "file" | "folder";
  readonly files: readonly DvcFile[];
}

/**
 * The files that a `.dvc` file leads to, in DVC's cache.
 * @throws {@link DataVersionError} where the pointer or a list is none, names something outside, or what it names is not in the
 * cache
 */
export async function openDvcPointer(pointer: string): Promise<DvcData> {
  const outputs = await readDvcPointer(pointer);
  const cache = await cacheOf(pointer);
  const isAlone = outputs.length === 1;
  const files: DvcFile[] = [];
  for (const output of outputs) {
    const name = isInside(output.path) ? output.path : posix.basename(output.path);
    if (!isInside(name)) throw new DataVersionError(pointer, `it names ${JSON.stringify(output.path)}`);
    if (output.isFolder) {
      const prefix = isAlone ? "" : `${name}/`;
      for (const entry of await listOf(pointer, cache, output))
        files.push(await cached(pointer, cache, { ...output, ...entry }, `${prefix}${entry.path}`));
    } else files.push(await cached(pointer, cache, output, name));
  }
  const [only] = outputs;
  return { kind: isAlone && only?.isFolder === false ? "file" : "folder", files };
}

async function listOf(pointer: string, cache: string, output: DvcOutput): Promise<readonly DvcEntry[]> {
  const found = await locate(pointer, cache, output, ".dir");
  const text = await readDvcList(found.location);
  if (createHash("md5").update(text).digest("hex") !== output.md5)
    throw new DataVersionError(pointer, `the list of its folder was changed in the cache: ${found.location}`);
  return parseDvcList(text, found.location);
}

type Named = Pick<DvcOutput, "md5" | "isLegacy" | "isExecutable">;

async function cached(pointer: string, cache: string, file: Named, path: string): Promise<DvcFile> {
  const { location, size } = await locate(pointer, cache, file, "");
  const content = (signal?: AbortSignal): AsyncGenerator<Uint8Array> =>
    checkedContent(location, file, `${pointer}: ${path}`, signal);
  return { path, location, size, executable: file.isExecutable, content };
}

async function* checkedContent(
  location: string,
  { md5, isLegacy }: Named,
  subject: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  const hash = createHash("md5");
  // Of texts, earlier releases hashed each megabyte with Unix's line ends; what they took for a text isn't asked.
  const unixHash = isLegacy ? createHash("md5") : undefined;
  for await (const chunk of fileChunks(location, signal)) {
    hash.update(chunk);
    unixHash?.update(Buffer.from(chunk).toString("latin1").replaceAll("\r\n", "\n"), "latin1");
    yield chunk;
  }
  if (hash.digest("hex") !== md5 && unixHash?.digest("hex") !== md5)
    throw new DataVersionError(subject, `it was changed in DVC's cache: ${location} is not ${md5}`);
}

async function locate(
  pointer: string,
  cache: string,
  { md5, isLegacy }: Pick<DvcOutput, "md5" | "isLegacy">,
  suffix: string,
): Promise<{ readonly location: string; readonly size: number }> {
  const name = join(md5.slice(0, 2), `${md5.slice(2)}${suffix}`);
  const places = [join(cache, "files", "md5", name), join(cache, name)];
  for (const location of isLegacy ? places.toReversed() : places) {
    const found = await stat(location).catch(() => undefined);
    if (found?.isFile() === true) return { location, size: found.size };
  }
  throw new DataVersionError(
    pointer,
    `${md5}${suffix} is not in DVC's cache ${cache}: run dvc pull, or dvc fetch`,
  );
}

/** The cache of the DVC project that a pointer is in: `cache.dir` of its settings, or `.dvc/cache`. */
async function cacheOf(pointer: string): Promise<string> {
  for (let folder = dirname(resolve(pointer)); ; folder = dirname(folder)) {
    const settings = join(folder, ".dvc");
    if ((await stat(settings).catch(() => undefined))?.isDirectory() === true) {
      let cache = join(settings, "cache");
      for (const file of ["config", "config.local"]) {
        const named = cacheSetting(await readFile(join(settings, file), "utf8").catch(() => ""));
        if (named !== undefined) cache = isAbsolute(named) ? named : join(settings, named);
      }
      return cache;
    }
    if (dirname(folder) === folder)
      throw new DataVersionError(pointer, "it is in no DVC project: no folder above it has a .dvc");
  }
}

/** The `dir` of the section `[cache]` of DVC's settings, which are an INI file. */
function cacheSetting(text: string): string | undefined {
  let section = "";
  let found: string | undefined;
  for (const line of text.split(/\r?\n/)) {
    section = /^\s*\[\s*(.*?)\s*\]\s*$/.exec(line)?.[1] ?? section;
    const value = /^\s*dir\s*=\s*(.*?)\s*$/.exec(line)?.[1];
    if (section === "cache" && value !== undefined && value !== "") found = value;
  }
  return found;
}
