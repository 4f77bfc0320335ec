/** @file The store of runs and models: one SQLite file in a folder, or a Postgres database; artifacts in the folder, or in S3. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { ArtifactStorage } from "../artifacts/artifact-storage.ts";
import { folderStorage } from "../artifacts/folder-storage.ts";
import { s3Storage } from "../artifacts/s3-storage.ts";
import { type LoadedPolicy, loadPolicy } from "../governance/policy-file.ts";
import { invalidParameter } from "../mlflow-error.ts";
import type { Database } from "./database.ts";
import { migrate } from "./migrations.ts";
import { isPostgresUrl, PostgresDatabase } from "./postgres-database.ts";
import { SqliteDatabase } from "./sqlite-database.ts";

export interface StoreOptions {
  /** The URL of a Postgres database (`postgres://…`) that holds everything but artifacts, instead of SQLite in the folder. */
  readonly database?: string;
  /** The URL of S3-compatible storage (`s3://bucket/prefix`) for artifacts, instead of the folder; see {@link s3Storage}. */
  readonly artifacts?: string;
  /**
   * The URI under which experiments without a location of their own keep their artifacts; `mlflow-artifacts:/`, which is
   * the server that serves the store, where not given.
   */
  readonly artifactRoot?: string;
  /** The file of the policy; `tenon.policy.json` in the folder or beside it, where there is one, if not given. */
  readonly policy?: string;
}

/** What all parts of the store work on. */
export interface Store {
  readonly database: Database;
  /** Ends in a slash. */
  readonly artifactRoot: string;
  /** Where the server keeps artifacts. */
  readonly artifacts: ArtifactStorage;
  /** The folder in which it does, unless {@link StoreOptions.artifacts} names another place. */
  readonly artifactFolder: string;
  /** The policy of promotions, read anew. Rejects with {@link InvalidInputError} where its file can't be used. */
  policy(): Promise<LoadedPolicy | undefined>;
  close(): Promise<void>;
}

/**
 * Opens the store in a folder, which is made where it is not there. Throws what the system says where the folder cannot
 * be written, and {@link NewerStoreError} where a newer Tenon has written it.
 */
export async function openStore(folder: string, options: StoreOptions = {}): Promise<Store> {
  const artifactFolder = join(folder, "artifacts");
  if (options.database === undefined || options.artifacts === undefined)
    mkdirSync(artifactFolder, { recursive: true });
  const artifacts =
    options.artifacts === undefined ? folderStorage(artifactFolder) : await s3Storage(options.artifacts);
  const database = await openDatabase(folder, options.database);
  const root = options.artifactRoot ?? "mlflow-artifacts:/";
  const store: Store = {
    database,
    artifactRoot: root.endsWith("/") ? root : `${root}/`,
    artifacts,
    artifactFolder,
    policy: () => loadPolicy(folder, options.policy),
    close: () => database.close(),
  };
  try {
    await migrate(database);
    await makeDefaultExperiment(store);
  } catch (error) {
    await database.close();
    throw error;
  }
  return store;
}

async function openDatabase(folder: string, url: string | undefined): Promise<Database> {
  if (url === undefined) return new SqliteDatabase(join(folder, "tenon.db"));
  if (!isPostgresUrl(url))
    throw invalidParameter("A store's database is given as postgres://USER@HOST/DATABASE.");
  return PostgresDatabase.open(url);
}

/** Experiment 0, which MLflow's clients use where they name none. */
async function makeDefaultExperiment({ database, artifactRoot }: Store): Promise<void> {
  const now = Date.now();
  if (await database.row("SELECT 1 FROM experiments LIMIT 1")) return;
  await database.run(
    "INSERT INTO experiments VALUES (0, 'Default', ?, 'active', ?, ?) ON CONFLICT DO NOTHING",
    `${artifactRoot}0`,
    now,
    now,
  );
}
