import { randomBytes } from "node:crypto";
import { chmod, lstat, mkdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { unfinishedFile } from "../atomic-file.ts";
import { notebookHost } from "../notebook-host.ts";
import { DataVersionError } from "./errors.ts";
import { find } from "./find-snapshot.ts";
import type { SnapshotFile } from "./manifest.ts";
import { SnapshotStore, type StoreOptions } from "./store.ts";
import type { Snapshot } from "./taken-snapshot.ts";

/**
 * Writes a snapshot's content to a place where nothing is yet: a folder, or of a snapshot of one file that file, whole or not at
 * all. Every byte is held against the manifest before the place exists.
 * @param reference what {@link find} takes
 * @throws {@link DataVersionError} where there is no such snapshot, something is in the place already, or content is missing or
 * was changed
 */
export async function checkout(reference: string, to: string, options: StoreOptions = {}): Promise<Snapshot> {
  const snapshot = await find(reference, options);
  const store = new SnapshotStore(options.store);
  const signal = options.signal ?? notebookHost()?.signal;
  const place = resolve(to);
  if ((await lstat(place).catch(() => undefined)) !== undefined)
    throw new DataVersionError(to, "there is something of this name already");
  await mkdir(dirname(place), { recursive: true });
  const [only] = snapshot.files;
  if (snapshot.kind === "file" && only !== undefined) {
    await writeContent(store, snapshot, only, place, signal);
    return snapshot;
  }
  const temporary = join(dirname(place), `.${basename(place)}.${randomBytes(6).toString("hex")}.tmp`);
  try {
    await mkdir(temporary);
    for (const file of snapshot.files) {
      const path = join(temporary, ...file.path.split("/"));
      await mkdir(dirname(path), { recursive: true });
      await writeContent(store, snapshot, file, path, signal);
    }
    await rename(temporary, place);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
  return snapshot;
}

async function writeContent(
  store: SnapshotStore,
  { id }: Snapshot,
  { path, sha256, executable }: SnapshotFile,
  target: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const file = await unfinishedFile(target);
  try {
    for await (const chunk of store.content(sha256, `${id}: ${path}`, signal)) await file.write(chunk);
    await file.commit(target);
  } finally {
    await file.discard();
  }
  if (executable === true) await chmod(target, 0o755);
}
