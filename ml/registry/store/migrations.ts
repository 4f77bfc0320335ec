/** @file The tables, made step by step: each step is applied once, in order, and is never changed after a release. */
import { accessTables } from "./access-tables.ts";
import { contributorTables } from "./contributors.ts";
import type { Database } from "./database.ts";
import { firstTables } from "./first-tables.ts";
import { governanceTables } from "./governance-tables.ts";
import { modelTables } from "./model-tables.ts";

const steps: readonly string[] = [
  firstTables,
  modelTables,
  accessTables,
  governanceTables,
  contributorTables,
];

/** A store that a newer Tenon has written. */
export class NewerStoreError extends Error {
  override readonly name = "NewerStoreError";
}

/**
 * Brings the tables to this version's state, whichever process comes first. Throws {@link NewerStoreError} where they are
 * ahead of it.
 */
export async function migrate(database: Database): Promise<void> {
  await database.write(async () => {
    await database.lock("migrations");
    await database.script(
      "CREATE TABLE IF NOT EXISTS schema_version (version INTEGER PRIMARY KEY, applied_at INTEGER NOT NULL)",
    );
    const row = await database.row("SELECT coalesce(max(version), 0) FROM schema_version");
    const done = Number(row?.[0]);
    if (done > steps.length)
      throw new NewerStoreError(
        `the store has version ${done}, and this release knows up to ${steps.length}: update Tenon`,
      );
    for (const [at, step] of steps.entries()) {
      if (at < done) continue;
      await database.script(step);
      await database.run("INSERT INTO schema_version VALUES (?, ?)", at + 1, Date.now());
    }
  });
}
