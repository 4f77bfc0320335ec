/** @file The samples' credit applications as test/reference/boosting.py reads them. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { repositoryRoot } from "../../../support/repository.ts";
import type { LabelledRows } from "./generated-rows.ts";
import { matrix } from "./rows.ts";

/** Texts are the places of their values in order, what is missing is NaN; the class is that of bad ones. */
export function creditApplications(): LabelledRows {
  const text = readFileSync(join(repositoryRoot, "samples/data/credit_data.csv"), "utf8");
  const [, ...lines] = text.trim().split("\n");
  const cells = lines.map((line) => line.split(",").map((cell) => cell.replaceAll('"', "")));
  const width = cells[0]?.length ?? 0;
  const columns = Array.from({ length: width - 1 }, (_, column) =>
    numbersOf(cells.map((row) => row[column + 1] ?? "")),
  );
  return {
    rows: matrix(cells.map((_, row) => columns.map((column) => column[row] ?? Number.NaN))),
    targets: cells.map(([status]) => (status === "bad" ? 1 : 0)),
  };
}

function numbersOf(cells: readonly string[]): number[] {
  const isMissing = (cell: string): boolean => cell === "" || cell === "NA";
  const known = cells.filter((cell) => !isMissing(cell));
  const isNumeric = known.every((cell) => Number.isFinite(Number(cell)));
  const places = new Map([...new Set(known)].sort().map((value, place) => [value, place]));
  return cells.map((cell) => {
    if (isMissing(cell)) return Number.NaN;
    return isNumeric ? Number(cell) : (places.get(cell) ?? Number.NaN);
  });
}
