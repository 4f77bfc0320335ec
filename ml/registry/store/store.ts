/** @file The store of runs and models: one SQLite file in a folder, artifacts beside it. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { Database } from "./database.ts";
import { migrate } from "./migrations.ts";

export interface StoreOptions {
  /**
   * The URI under which experiments without a location of their own keep their artifacts; `mlflow-artifacts:/`, which is
   * the server that serves the store, where not given.
   */
  readonly artifactRoot?: string;
}

/** What all parts of the store work on. */
export interface Store {
  readonly database: Database;
  /** Ends in a slash. */
  readonly artifactRoot: string;
  /** The folder in which the server keeps artifacts. */
  readonly artifactFolder: string;
  close(): void;
}

/**
 * Opens the store in a folder, which is made where it is not there. Throws what the system says where the folder cannot
 * be written, and {@link NewerStoreError} where a newer Tenon has written it.
 */
export function openStore(folder: string, options: StoreOptions = {}): Store {
  const artifactFolder = join(folder, "artifacts");
  mkdirSync(artifactFolder, { recursive: true });
  const database = new Database(join(folder, "tenon.db"));
  const root = options.artifactRoot ?? "mlflow-artifacts:/";
  const store: Store = {
    database,
    artifactRoot: root.endsWith("/") ? root : `${root}/`,
    artifactFolder,
    close: () => database.close(),
  };
  try {
    migrate(database);
    makeDefaultExperiment(store);
  } catch (error) {
    database.close();
    throw error;
  }
  return store;
}

/** Experiment 0, which MLflow's clients use where they name none. */
function makeDefaultExperiment({ database, artifactRoot }: Store): void {
  const now = Date.now();
  if (database.row("SELECT 1 FROM experiments LIMIT 1")) return;
  database.run(
    "INSERT OR IGNORE INTO experiments VALUES (0, 'Default', ?, 'active', ?, ?)",
    `${artifactRoot}0`,
    now,
    now,
  );
}
