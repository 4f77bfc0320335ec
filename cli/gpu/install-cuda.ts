/**
 * @file Fetches, verifies, unpacks and places ONNX Runtime's CUDA provider. All is done in a folder beside its place, and
 * only whole, verified files are moved into it: whatever ends the work before leaves nothing behind.
 */
import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { access, constants, mkdtemp, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { CommandFailure, describeFileError } from "../failure.ts";
import { type CudaArchive, type CudaProvider, reasonOf } from "./cuda-source.ts";
import { ArchiveError, extractFiles, hasFile } from "./zip-entries.ts";

/** Where Python's package of ONNX Runtime has a library. */
const wheelPath = (name: string): string => `onnxruntime/capi/${name}`;

/** Bytes so far, and how many there will be where the server says so. */
export type Progress = (bytes: number, total: number | undefined) => void;

/**
 * Puts the provider's libraries where ONNX Runtime looks for them.
 * @param archive what to fetch, or the path of an archive that is there already
 * @throws {@link CommandFailure} where the folder can't be written, the archive can't be had or is not what it should be
 */
export async function installCuda(
  { folder, files }: CudaProvider,
  archive: CudaArchive & { readonly path?: string },
  onProgress: Progress,
  signal: AbortSignal,
): Promise<void> {
  const work = await workFolder(folder);
  try {
    const path = archive.path ?? join(work, "archive");
    if (archive.path === undefined) await download(archive.url, path, onProgress, signal);
    await verify(path, archive, signal);
    const names = Object.keys(files);
    const isWheel = await hasFile(path, wheelPath(names[0] ?? ""));
    const placeOf = (name: string): string => (isWheel ? wheelPath(name) : (files[name] ?? ""));
    await extractFiles(
      path,
      Object.fromEntries(names.map((name) => [placeOf(name), join(work, name)])),
      signal,
    );
    signal.throwIfAborted();
    for (const name of names) await rename(join(work, name), join(folder, name));
  } catch (error) {
    if (error instanceof ArchiveError) throw new CommandFailure(error.message, undefined, { cause: error });
    throw error;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function workFolder(folder: string): Promise<string> {
  try {
    await access(folder, constants.W_OK);
    return await mkdtemp(join(folder, ".tenon-gpu-"));
  } catch (cause) {
    throw new CommandFailure(
      `${describeFileError(cause, folder)}: ONNX Runtime finds its providers nowhere else, so run this as whoever installed Tenon`,
      undefined,
      { cause },
    );
  }
}

async function download(url: string, path: string, onProgress: Progress, signal: AbortSignal): Promise<void> {
  try {
    const response = await fetch(url, { signal });
    if (!response.ok || !response.body) throw new Error(`status ${response.status}`);
    const length = response.headers.get("content-length");
    const total = length === null ? undefined : Number(length);
    let bytes = 0;
    const count = new Transform({
      transform(chunk: Buffer, _, done) {
        bytes += chunk.length;
        onProgress(bytes, total);
        done(undefined, chunk);
      },
    });
    await pipeline(Readable.fromWeb(response.body), count, createWriteStream(path), { signal });
  } catch (cause) {
    signal.throwIfAborted();
    throw new CommandFailure(`${url} cannot be fetched: ${reasonOf(cause)}`, undefined, { cause });
  }
}

async function verify(
  path: string,
  { hash: { algorithm, hex } }: CudaArchive,
  signal: AbortSignal,
): Promise<void> {
  const hash = createHash(algorithm);
  try {
    await pipeline(createReadStream(path), hash, { signal });
  } catch (cause) {
    signal.throwIfAborted();
    throw new CommandFailure(describeFileError(cause, path), undefined, { cause });
  }
  const found = hash.digest("hex");
  if (found !== hex)
    throw new CommandFailure(
      `the archive is not the one that was published: its ${algorithm} is ${found}, not ${hex}`,
    );
}
