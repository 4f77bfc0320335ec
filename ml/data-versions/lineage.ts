/** @file Which models came of which snapshot: by what the packages' lineage says. */
import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";
import { ModelPackageError } from "../package/errors.ts";
import { readLineage } from "../package/read-parts.ts";
import { DataVersionError } from "./errors.ts";
import { find } from "./find-snapshot.ts";
import type { StoreOptions } from "./store.ts";
import type { Snapshot } from "./taken-snapshot.ts";

/** A model directory whose lineage names a snapshot. */
export interface ModelOfData {
  readonly directory: string;
  /** The name that the lineage gives the data. */
  readonly dataName: string;
  /** The run that made the model, where the lineage says it. */
  readonly run: string | undefined;
}

/** Folders within folders that are looked through; deeper ones hold no models, or are a cycle of mounts. */
const deepest = 20;

/**
 * The models that were made of a snapshot, by its digest: of all model directories in these folders, however deep, in the order of
 * their paths. A registry's models are found in the folder that its server keeps (`artifacts/` of `tenon server`'s).
 * Links aren't followed, and directories of others' models are passed over.
 * @param reference what {@link find} takes, a whole digest that need not be in a store, or a snapshot
 * @throws {@link DataVersionError} where there is no such snapshot, or no such folder
 */
export async function modelsOf(
  reference: string | Snapshot,
  folders: readonly string[],
  options: StoreOptions = {},
): Promise<readonly ModelOfData[]> {
  const digest = await digestOfReference(reference, options);
  const found: ModelOfData[] = [];
  const visit = async (folder: string, depth: number): Promise<void> => {
    options.signal?.throwIfAborted();
    const entries = await readdir(folder, { withFileTypes: true });
    if (entries.some((entry) => entry.name === "MLmodel" && entry.isFile())) {
      const model = await modelMadeOf(digest, folder);
      if (model) found.push(model);
      return;
    }
    if (depth >= deepest) return;
    for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1)))
      if (entry.isDirectory()) await visit(join(folder, entry.name), depth + 1);
  };
  for (const folder of folders) {
    const status = await lstat(folder).catch((cause: unknown) => {
      throw new DataVersionError(folder, "there is no such folder", { cause });
    });
    if (!status.isDirectory()) throw new DataVersionError(folder, "it is no folder");
    await visit(folder, 0);
  }
  return found;
}

/** The digest of a snapshot, or of a reference to one; a whole digest need not be in a store. */
export async function digestOfReference(
  reference: string | Snapshot,
  options: StoreOptions,
): Promise<string> {
  if (typeof reference !== "string") return reference.digest;
  return /^[0-9a-f]{64}$/.test(reference) ? reference : (await find(reference, options)).digest;
}

async function modelMadeOf(digest: string, directory: string): Promise<ModelOfData | undefined> {
  try {
    const { data = [], run } = await readLineage(directory);
    const made = data.find((each) => each.digest === digest);
    return made && { directory, dataName: made.name, run };
  } catch (error) {
    if (error instanceof ModelPackageError) return undefined;
    throw error;
  }
}
