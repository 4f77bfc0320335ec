/** @file What no snapshot needs any more. */
import { lstat, rm, rmdir, unlink } from "node:fs/promises";
import { join } from "node:path";
import { find } from "./find-snapshot.ts";
import { entries, SnapshotStore, type StoreOptions } from "./store.ts";
import type { Snapshot } from "./taken-snapshot.ts";

/** Content that is younger stays: it may be that of a snapshot that is being taken. Milliseconds. */
const grace = 60 * 60 * 1000;

/** What was removed. */
export interface CollectedGarbage {
  readonly objects: number;
  readonly bytes: number;
}

/**
 * Takes a snapshot out of the store. Its content stays until {@link gc}.
 * @param reference what {@link find} takes
 * @throws {@link DataVersionError} where there is no such snapshot
 */
export async function remove(reference: string, options: StoreOptions = {}): Promise<Snapshot> {
  const snapshot = await find(reference, options);
  await new SnapshotStore(options.store).removeManifest(snapshot.name, snapshot.digest);
  return snapshot;
}

/**
 * Removes content that no snapshot names, and what writers that were killed have left. What was put into the store within the last
 * hour stays.
 * @throws {@link DataVersionError} where a manifest can't be read: what it names isn't known then, and nothing is removed
 */
export async function gc({ store: folder, signal }: StoreOptions = {}): Promise<CollectedGarbage> {
  const store = new SnapshotStore(folder);
  const needed = new Set<string>();
  for (const { name, digest } of await store.names())
    for (const { sha256 } of (await store.manifest(name, digest)).files) needed.add(sha256);
  const before = Date.now() - grace;
  let objects = 0;
  let bytes = 0;
  const objectFolder = join(store.folder, "objects");
  for (const prefix of await entries(objectFolder)) {
    signal?.throwIfAborted();
    const isFile = !/^[0-9a-f]{2}$/.test(prefix);
    for (const rest of isFile ? [""] : await entries(join(objectFolder, prefix))) {
      if (needed.has(prefix + rest)) continue;
      const path = join(objectFolder, prefix, rest);
      const { size, atimeMs, mtimeMs } = await lstat(path);
      if (Math.max(atimeMs, mtimeMs) > before) continue;
      await unlink(path);
      objects += 1;
      bytes += size;
    }
    // Fails where it isn't empty, as it mostly isn't.
    if (!isFile) await rmdir(join(objectFolder, prefix)).catch(() => {});
  }
  for (const name of await entries(join(store.folder, "scratch"))) {
    const path = join(store.folder, "scratch", name);
    const found = await lstat(path).catch(() => undefined);
    if (found && found.mtimeMs <= before) await rm(path, { recursive: true, force: true });
  }
  return { objects, bytes };
}
