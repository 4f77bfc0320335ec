/** @file Does what `tenon data profile` is asked. */
import { profile } from "../../ml/data/profile/index.ts";
import type { DataProfileOptions } from "../commands/data-profile.ts";
import { checkTarget, showReport, withProgress } from "./report-output.ts";
import { openTable, reporting, withDatabase } from "./table-file.ts";

/** Profiles the table in a file. @throws {CommandFailure} */
export async function profileFile(file: string, options: DataProfileOptions): Promise<void> {
  checkTarget(options, [file]);
  const seen = await withDatabase(async (database) => {
    const table = await openTable(database, file);
    return await withProgress(
      async (onProgress) => await reporting(file, async () => await profile(table, { onProgress })),
    );
  });
  await showReport(seen, options);
}
