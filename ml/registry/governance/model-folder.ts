/** @file The files of a version in a folder of this machine, where the server keeps them or can fetch them. */
import { createWriteStream } from "node:fs";
import { mkdir, mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, sep } from "node:path";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import type { RequiredSigner } from "../../package/signing/index.ts";
import { type ArtifactStorage, safePath } from "../artifacts/artifact-storage.ts";
import { loggedModelLocation } from "../store/logged-models.ts";
import { modelVersionLocation } from "../store/model-versions.ts";
import { findRun } from "../store/runs.ts";
import type { Store } from "../store/store.ts";
import type { VersionFacts } from "./version-facts.ts";

/** Where files are, or why they can't be read here. */
export type ModelFolder = { readonly folder: string } | { readonly unreadable: string };

/** A path among the server's artifacts, which are in no folder. */
interface KeptElsewhere {
  readonly path: string;
}

/** The files of a version in a folder, until it is disposed of. */
export interface OpenModelFolder extends AsyncDisposable {
  readonly found: ModelFolder;
}

/**
 * The folder of a version's files. Those that are in no folder of this machine are fetched, and removed when it is disposed of. Throws
 * MLflow's error where there is no such version.
 */
export async function openModelFolder(store: Store, name: string, version: string): Promise<OpenModelFolder> {
  const place = await placeOf(store, await modelVersionLocation(store, name, version));
  if (!("path" in place)) return { found: place, [Symbol.asyncDispose]: async () => {} };
  const scratch = await mkdtemp(join(tmpdir(), "tenon-version-"));
  const remove = async (): Promise<void> => rm(scratch, { recursive: true, force: true });
  try {
    const count = await fetchFolder(store.artifacts, place.path, scratch);
    const found = count === 0 ? { unreadable: "its files are not there" } : { folder: scratch };
    return { found, [Symbol.asyncDispose]: remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** Works on the folder of a version's files, as {@link openModelFolder} gives it. */
export async function withModelFolder<T>(
  store: Store,
  name: string,
  version: string,
  work: (found: ModelFolder) => Promise<T>,
): Promise<T> {
  await using folder = await openModelFolder(store, name, version);
  return await work(folder.found);
}

async function placeOf(store: Store, location: string): Promise<ModelFolder | KeptElsewhere> {
  const run = /^runs:\/+([^/]+)\/?(.*)$/.exec(location);
  if (run) {
    const { artifactUri } = await findRun(store, run[1] ?? "");
    return placeOf(store, `${artifactUri}/${run[2] ?? ""}`);
  }
  const logged = /^models:\/+([^/@]+)$/.exec(location)?.[1];
  if (logged !== undefined) return placeOf(store, await loggedModelLocation(store, logged));
  const kept = /^mlflow-artifacts:(?:\/\/[^/]*)?\/*(.*)$/.exec(location)?.[1];
  if (kept !== undefined) {
    const { folder } = store.artifacts;
    const path = safePath(kept);
    return folder === undefined ? { path } : existing(join(folder, path), folder);
  }
  if (location.startsWith("file:")) {
    const path = localPath(location);
    if (path !== undefined) return existing(path);
  }
  if (location.startsWith("/") || /^[a-zA-Z]:[\\/]/.test(location)) return existing(location);
  return { unreadable: `its files are at ${location}, which is not this server's` };
}

/** The path of a URL of a file; undefined where it is on another machine. */
function localPath(url: string): string | undefined {
  try {
    return fileURLToPath(url);
  } catch {
    return undefined;
  }
}

/** Fetches a folder of artifacts; gives how many files it has. */
async function fetchFolder(artifacts: ArtifactStorage, path: string, target: string): Promise<number> {
  let count = 0;
  for (const { path: name, is_dir: isFolder } of await artifacts.list(path)) {
    const [from, to] = [`${path}/${safePath(name)}`, join(target, safePath(name))];
    if (isFolder) count += await fetchFolder(artifacts, from, to);
    else {
      await mkdir(dirname(to), { recursive: true });
      await pipeline((await artifacts.open(from)).stream, createWriteStream(to));
      count += 1;
    }
  }
  return count;
}

async function existing(folder: string, root?: string): Promise<ModelFolder> {
  const real = await realpath(folder).catch(() => undefined);
  if (real === undefined) return { unreadable: "its files are not there" };
  const inside = root === undefined ? undefined : `${await realpath(root)}${sep}`;
  if (inside !== undefined && !real.startsWith(inside)) return { unreadable: "its files are outside" };
  return { folder: real };
}

/** What the files in a folder say. What reads them is loaded when it is needed: a server's start needs none of it. */
export async function readFiles(found: ModelFolder): Promise<VersionFacts["files"]> {
  if ("unreadable" in found) return found;
  const { readFolder } = await import("./model-files.ts");
  return readFolder(found.folder);
}

/** Why nobody of some has signed a folder's files; undefined where one has. */
export async function unsignedReason(
  found: ModelFolder,
  signers: readonly RequiredSigner[],
): Promise<string | undefined> {
  if ("unreadable" in found) return `its signature can't be verified: ${found.unreadable}`;
  const { unsignedFolder } = await import("./model-files.ts");
  return unsignedFolder(found.folder, signers);
}
