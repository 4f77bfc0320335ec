/** @file Does what `tenon data compare` is asked. */
import { basename } from "node:path";
import { compare, ComparisonError } from "../../ml/data/compare/index.ts";
import type { DataCompareOptions } from "../commands/data-compare.ts";
import { CommandFailure, exitCode } from "../failure.ts";
import { checkTarget, showReport, withProgress } from "./report-output.ts";
import { openTable, reporting, withDatabase } from "./table-file.ts";

/** Compares the tables in two files. @throws {CommandFailure} */
export async function compareFiles(
  expected: string,
  actual: string,
  options: DataCompareOptions,
): Promise<void> {
  checkTarget(options, [expected, actual]);
  const { key } = options;
  // Files of one name, in two folders, are told apart by their paths.
  const isSameName = basename(expected) === basename(actual);
  const names = isSameName
    ? ([expected, actual] as const)
    : ([basename(expected), basename(actual)] as const);
  const comparison = await withDatabase(async (database) => {
    const [a, b] = [await openTable(database, expected), await openTable(database, actual)];
    return await withProgress(
      async (onProgress) =>
        await reporting(`${expected}, ${actual}`, async () => {
          try {
            return await compare(a, b, { names, onProgress, ...(key === undefined ? {} : { key }) });
          } catch (cause) {
            if (!(cause instanceof ComparisonError)) throw cause;
            throw new CommandFailure(cause.message, exitCode.usage, { cause });
          }
        }),
    );
  });
  await showReport(comparison, options);
}
