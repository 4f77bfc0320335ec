/**
 * @file Artifacts to this machine. All that is asked for comes into a folder of a passing name beside its place, is counted and
 * flushed there, and is moved when it is whole: what stands under a name was never cut off.
 */
import { lstat, mkdir, mkdtemp, open, readdir, rename, rm, rmdir } from "node:fs/promises";
import { basename, dirname, join, posix, resolve } from "node:path";
import { syncFolder } from "../atomic-file.ts";
import { InvalidInputError } from "../errors.ts";
import { notebookHost } from "../notebook-host.ts";
import { artifactPath } from "./artifact-place.ts";
import { TrackingError, TrackingUnavailableError } from "./errors.ts";
import { type ArtifactDownload, retried, type TrackingApi } from "./tracking-api.ts";

/** No artifacts lie deeper: a server that says so has a circle, or means harm. */
const deepest = 64;

/** What is to be downloaded. */
export interface DownloadRequest {
  readonly artifactUri: string;
  /** A file, or a folder with all that is in it; all artifacts where it is empty. */
  readonly path: string;
  /** The folder of this machine that it is put into, made where it is not there. */
  readonly folder: string;
  /** Stops it, with the signal's reason; the running cell's where absent. */
  readonly signal?: AbortSignal | undefined;
  /** Called with where the files are for now, before they are moved; nothing is left of them where it rejects. */
  readonly check?: ((place: string) => Promise<unknown>) | undefined;
}

/**
 * Downloads a folder of artifacts, or one file, and gives its path. Files that are there are replaced, others stay.
 * @throws {@link TrackingError} where there are none, a name of the server's leads out, or what came isn't what was told;
 * {@link InvalidInputError} where a part of a place is a link or a file. Nothing is left of what wasn't whole.
 */
export async function download(api: TrackingApi, request: DownloadRequest): Promise<string> {
  const { artifactUri, check, signal = notebookHost()?.signal } = request;
  const path = artifactPath(request.path);
  const folder = resolve(request.folder);
  const made = await mkdir(folder, { recursive: true });
  let isDone = false;
  try {
    const passing = await mkdtemp(join(folder, ".download-"));
    try {
      if ((await fetchAll(api, artifactUri, path, passing, signal)) === 0)
        throw new TrackingError(`there are no artifacts at ${artifactUri}${path === "" ? "" : `/${path}`}`, {
          code: "RESOURCE_DOES_NOT_EXIST",
        });
      await check?.(join(passing, path));
      signal?.throwIfAborted();
      await requirePlaces(passing, folder);
      await moveInto(passing, folder);
    } finally {
      await rm(passing, { recursive: true, force: true });
    }
    isDone = true;
  } finally {
    if (!isDone && made !== undefined) await removeEmpty(folder, made);
  }
  return join(folder, path);
}

/** Gives how many files and folders came. */
async function fetchAll(
  api: TrackingApi,
  artifactUri: string,
  path: string,
  target: string,
  signal: AbortSignal | undefined,
): Promise<number> {
  if (path !== "") {
    const folder = posix.dirname(path);
    const beside = await retried(() => api.list(artifactUri, folder === "." ? "" : folder));
    const file = beside.find(({ name, isDirectory }) => !isDirectory && name === posix.basename(path));
    if (file) {
      await fetchFile(api, artifactUri, path, join(target, path), file.size, signal);
      return 1;
    }
  }
  return await fetchFolder(api, artifactUri, path, target, signal, 0);
}

async function fetchFolder(
  api: TrackingApi,
  artifactUri: string,
  path: string,
  target: string,
  signal: AbortSignal | undefined,
  depth: number,
): Promise<number> {
  if (depth > deepest)
    throw new TrackingError(`the artifacts at ${artifactUri} lie deeper than ${deepest} folders`);
  let count = 0;
  for (const { name, isDirectory, size } of await retried(() => api.list(artifactUri, path))) {
    signal?.throwIfAborted();
    // What a server says is a name must be one.
    if (name === "" || name === "." || name === ".." || /[/\\\0]/.test(name))
      throw new TrackingError(`${JSON.stringify(name)} is no name of an artifact`);
    const place = artifactPath(posix.join(path, name));
    if (isDirectory) count += await fetchFolder(api, artifactUri, place, target, signal, depth + 1);
    else await fetchFile(api, artifactUri, place, join(target, place), size, signal);
    count += 1;
  }
  return count;
}

async function fetchFile(
  api: TrackingApi,
  artifactUri: string,
  path: string,
  target: string,
  listed: number | undefined,
  signal: AbortSignal | undefined,
): Promise<void> {
  await mkdir(dirname(target), { recursive: true });
  // Each try begins anew: MLflow's server gives no part of a file.
  await retried(async () => {
    const found = await api.download(artifactUri, path, signal);
    const file = await open(target, "w");
    try {
      for await (const chunk of wholly(path, found, listed)) {
        signal?.throwIfAborted();
        await file.writeFile(chunk);
      }
      await file.sync();
    } finally {
      await file.close();
    }
  });
}

/**
 * The bytes of an artifact. Rejects with {@link TrackingUnavailableError} at their end where they aren't as many as the store told
 * with them or, where it didn't, in its list.
 */
export async function* wholly(
  path: string,
  { size, chunks }: ArtifactDownload,
  listed?: number,
): AsyncGenerator<Uint8Array> {
  let count = 0;
  for await (const chunk of chunks) {
    count += chunk.length;
    yield chunk;
  }
  const expected = size ?? listed;
  if (expected !== undefined && count !== expected)
    throw new TrackingUnavailableError(`${path} came with ${count} bytes of ${expected}`);
}

/** What is moved goes through no link, and takes no folder's or file's place that is of the other kind. */
async function requirePlaces(from: string, to: string): Promise<void> {
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const target = join(to, entry.name);
    const there = await lstat(target).catch(() => undefined);
    if (!there) continue;
    if (there.isSymbolicLink())
      throw new InvalidInputError(`${target} is a link: what is downloaded goes through none`);
    if (there.isDirectory() !== entry.isDirectory())
      throw new InvalidInputError(
        `${target} is there already, as a ${there.isDirectory() ? "folder" : "file"}`,
      );
    if (there.isDirectory()) await requirePlaces(join(from, entry.name), target);
  }
}

/** Moves what is in a folder into another, name by name; a model's description last: a model is there when that is. */
async function moveInto(from: string, to: string): Promise<void> {
  const entries = await readdir(from, { withFileTypes: true });
  for (const { name } of entries.toSorted(
    (a, b) => Number(a.name === "MLmodel") - Number(b.name === "MLmodel"),
  )) {
    const [source, target] = [join(from, name), join(to, name)];
    const there = await lstat(target).catch(() => undefined);
    if (there?.isDirectory() === true) await moveInto(source, target);
    else await rename(source, target);
  }
  await syncFolder(to);
}

/** Removes folders that were made for nothing, from the inner to the outer one. */
async function removeEmpty(inner: string, outer: string): Promise<void> {
  for (let folder = inner; ; folder = dirname(folder)) {
    // One that holds something is another's by now.
    if (
      !(await rmdir(folder).then(
        () => true,
        () => false,
      ))
    )
      return;
    if (folder === outer || basename(folder) === "") return;
  }
}
