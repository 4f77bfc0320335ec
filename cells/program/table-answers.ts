/** @file What is said to people about the files that a cell reads. */
import type { TextCall } from "../analysis.ts";
import type { FileColumns } from "../tables/file-columns.ts";
import type { CellDiagnostic, CellInspection } from "../types.ts";

/** Knows what was found out about files. */
interface KnownFiles {
  file(path: string): FileColumns | undefined;
}

/** TypeScript has no number for it; its own begin at 1000. */
const unknownColumns = 0;
const mostShown = 100;

/** Files whose columns cannot be known, each at its path: no errors, since the cell may run all the same. */
export function readProblems(reads: readonly TextCall[], files: KnownFiles): CellDiagnostic[] {
  return reads.flatMap(({ text, start, end }) => {
    const found = files.file(text);
    if (found === undefined || "columns" in found) return [];
    const message = `The columns of "${text}" are not known: ${found.problem}`;
    return [{ start, end, code: unknownColumns, severity: "suggestion", message }];
  });
}

/** The columns of the file whose path is at the offset, or why they are not known. */
export function describeRead(
  reads: readonly TextCall[],
  offset: number,
  files: KnownFiles,
): CellInspection | undefined {
  const read = reads.find(({ start, end }) => start <= offset && offset <= end);
  const found = read && files.file(read.text);
  if (read === undefined || found === undefined) return undefined;
  const { start, end, text } = read;
  if ("problem" in found) {
    return {
      start,
      end,
      signature: JSON.stringify(text),
      documentation: `Its columns are not known: ${found.problem}`,
    };
  }
  const lines = found.columns.slice(0, mostShown).map(({ name, type }) => `  ${name}: ${type}`);
  if (found.columns.length > mostShown) lines.push(`  … and ${found.columns.length - mostShown} more`);
  return { start, end, signature: `${JSON.stringify(text)}\n${lines.join("\n")}`, documentation: "" };
}
