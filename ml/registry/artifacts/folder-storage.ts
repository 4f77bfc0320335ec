/**
 * @file Artifacts in a folder. A name is a relative path; one that leaves the folder, by itself or through a link, is
 * refused before anything is opened.
 */
import { createReadStream } from "node:fs";
import { access, constants, lstat, mkdir, readdir, realpath, rm, stat } from "node:fs/promises";
import { dirname, join, sep } from "node:path";
import { unfinishedFile } from "../../atomic-file.ts";
import { doesNotExist, invalidParameter } from "../mlflow-error.ts";
import type { ArtifactStorage, FileInfo, OpenFile } from "./artifact-storage.ts";

/** Keeps artifacts in a folder. */
export function folderStorage(root: string): ArtifactStorage {
  return {
    folder: root,
    list: (path, prefix) => listFiles(root, path, prefix),
    open: (path) => openFile(root, path),
    save: (path, chunks) => saveFile(root, path, chunks),
    remove: (path) => deleteFiles(root, path),
  };
}

/** The entries of a folder by name; none where it is not there. `prefix` is put before each name. */
async function listFiles(root: string, path: string, prefix = ""): Promise<readonly FileInfo[]> {
  const folder = await located(root, path);
  if (folder === undefined || !(await stat(folder)).isDirectory()) return [];
  const entries = await readdir(folder, { withFileTypes: true });
  const found: FileInfo[] = [];
  for (const { name } of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    // What is still being written has no name of its own yet.
    if (isUnfinished(name)) continue;
    const info = await stat(join(folder, name)).catch(() => undefined);
    if (!info) continue;
    const shown = prefix === "" ? name : `${prefix}/${name}`;
    found.push(
      info.isDirectory()
        ? { path: shown, is_dir: true }
        : { path: shown, is_dir: false, file_size: info.size },
    );
  }
  return found;
}

/** Opens a file. */
async function openFile(root: string, path: string): Promise<OpenFile> {
  const file = await located(root, path);
  const info = file === undefined ? undefined : await stat(file);
  if (file === undefined || !info?.isFile()) throw doesNotExist(`No such artifact: '${path}'`);
  return { size: info.size, stream: createReadStream(file) };
}

/** Writes a file as it comes in; its name holds the old content or the new, whole. */
async function saveFile(root: string, path: string, chunks: AsyncIterable<Uint8Array>): Promise<void> {
  if (path === "") throw invalidParameter("Invalid path");
  const target = join(root, path);
  await mkdirWithin(root, dirname(target));
  if ((await stat(target).catch(() => undefined))?.isDirectory())
    throw invalidParameter(`'${path}' is a directory`);
  const file = await unfinishedFile(target);
  try {
    for await (const chunk of chunks) await file.write(chunk);
    await file.commit(target);
  } finally {
    await file.discard();
  }
}

/** Removes a file, or a folder with all that is in it. */
async function deleteFiles(root: string, path: string): Promise<void> {
  if (path === "") throw invalidParameter("Invalid path");
  const found = await located(root, path);
  if (found === undefined) throw doesNotExist(`No such artifact: '${path}'`);
  await rm(found, { recursive: true });
}

/** Where a path is, links followed; nothing where nothing is. Throws MLflow's error where it leads out of the root. */
async function located(root: string, path: string): Promise<string | undefined> {
  const real = await realpath(join(root, path)).catch(() => undefined);
  if (real !== undefined) await requireInside(root, real);
  return real;
}

async function mkdirWithin(root: string, folder: string): Promise<void> {
  // The part that is there already is looked at before anything is made behind a link.
  let existing = folder;
  while (!(await lstat(existing).catch(() => undefined))) existing = dirname(existing);
  await requireInside(root, await realpath(existing));
  try {
    await mkdir(folder, { recursive: true });
  } catch (error) {
    if (error instanceof Error && "code" in error && (error.code === "EEXIST" || error.code === "ENOTDIR"))
      throw invalidParameter("a part of the path is a file");
    // Of a folder in a disk that can't be written Node says that it isn't there.
    await access(existing, constants.W_OK);
    throw error;
  }
}

async function requireInside(root: string, real: string): Promise<void> {
  const base = await realpath(root);
  if (real !== base && !real.startsWith(base.endsWith(sep) ? base : `${base}${sep}`))
    throw invalidParameter("Invalid path");
}

function isUnfinished(name: string): boolean {
  return /^\..*\.[0-9a-f]{12}\.tmp$/.test(name);
}
