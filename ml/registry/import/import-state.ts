/** @file What an import has done so far, and what all its parts need. */
import { MlflowError } from "../mlflow-error.ts";
import type { Store } from "../store/store.ts";
import { MlrunsError } from "./mlruns-files.ts";

/** What was found in the file store, whether or not the store had it already. */
export interface ImportCounts {
  experiments: number;
  runs: number;
  points: number;
  loggedModels: number;
  registeredModels: number;
  modelVersions: number;
  /** Files that were copied now. */
  artifacts: number;
  artifactBytes: number;
}

export interface ImportState {
  readonly store: Store;
  readonly counts: ImportCounts;
  /** What was not taken over, and why. */
  readonly left: string[];
  /** New URIs of artifacts by those that MLflow wrote. */
  readonly moved: Map<string, string>;
  readonly onProgress: ((counts: Readonly<ImportCounts>) => void) | undefined;
  readonly signal: AbortSignal | undefined;
}

/** Does a part of an import; what is wrong with its files is noted, and the import goes on. */
export async function noting(state: ImportState, what: string, work: () => Promise<void>): Promise<void> {
  state.signal?.throwIfAborted();
  try {
    await work();
  } catch (error) {
    const told = error instanceof MlrunsError || (error instanceof MlflowError && error.status < 500);
    if (!told) throw error;
    state.left.push(`${what}: ${error.message}`);
  }
  state.onProgress?.(state.counts);
}

/** A URI without slashes at its end, as it is looked up. */
export function plainUri(uri: string): string {
  return uri.replace(/\/+$/, "");
}
