/** @file Artifacts of a file store, copied to where the server keeps its own. */
import { createReadStream } from "node:fs";
import { lstat } from "node:fs/promises";
import { join } from "node:path";
import { safePath } from "../artifacts/artifact-storage.ts";
import { filesBelow } from "./mlruns-files.ts";
import { type ImportState, noting, plainUri } from "./import-state.ts";

const served = "mlflow-artifacts:/";

/**
 * Copies what a folder of the file store holds to the server's artifacts, and notes that its URI has moved. One whose URI names
 * another storage stays there. A file that is there already with its size is not copied again.
 */
export async function importArtifacts(
  state: ImportState,
  folder: string,
  uri: string,
  location: string,
): Promise<string> {
  const local =
    uri.startsWith("file:") || !/^[a-z][a-z0-9+.-]+:/i.test(uri) || uri.startsWith("mlflow-artifacts:");
  if (!local) return uri;
  state.moved.set(plainUri(uri), location);
  const { artifacts } = state.store;
  const root = location.slice(served.length);
  const sizes = new Map<string, ReadonlyMap<string, number>>();
  for await (const path of filesBelow(folder))
    await noting(state, join(folder, path), async () => {
      const file = join(folder, path);
      const { size } = await lstat(file);
      const target = safePath(`${root}/${path}`);
      const parent = target.slice(0, target.lastIndexOf("/"));
      let known = sizes.get(parent);
      if (!known) {
        const listed = await artifacts.list(parent);
        known = new Map(listed.map((entry) => [`${parent}/${entry.path}`, entry.file_size ?? -1]));
        sizes.set(parent, known);
      }
      if (known.get(target) === size) return;
      await artifacts.save(target, createReadStream(file));
      state.counts.artifacts += 1;
      state.counts.artifactBytes += size;
    });
  return location;
}

/** The URI under which the server keeps artifacts of its own. */
export function servedUri(...parts: readonly string[]): string {
  return `${served}${parts.join("/")}`;
}
