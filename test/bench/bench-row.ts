/** @file What a benchmark measures, and how one comparison is put. */
import { median } from "./statistics.ts";

/** How the values of a case compare. */
export interface BenchCase {
  readonly name: string;
  readonly unit: "ms" | "µs" | "1/s" | "MiB" | "lines" | "cases" | "cells" | "%";
  readonly better: "less" | "more";
}

/** One measured value, or why there is none. */
export type Measured = number | { readonly failed: string };

/** The measurements of one case, by kernel, one for each round. */
export interface CaseMeasurements {
  readonly case: BenchCase;
  readonly byPeer: ReadonlyMap<string, readonly Measured[]>;
}

/** The line that `--json` prints for a case and a peer. `ratio` is above 1 where ours is better. */
export interface BenchRow {
  readonly bench: string;
  readonly case: string;
  /** Null where there is none to compare with. */
  readonly peer: string | null;
  readonly ours: number | null;
  readonly theirs: number | null;
  readonly unit: string;
  readonly ratio: number | null;
  /** Why a value is missing, or how often it failed. */
  readonly note?: string;
}

/** The values of several rounds in one. */
export interface Summary {
  readonly median: number | null;
  readonly low: number | null;
  readonly high: number | null;
  /** What went wrong in rounds without a value. */
  readonly failures: readonly string[];
}

export function summarize(rounds: readonly Measured[]): Summary {
  const values = rounds.filter((value) => typeof value === "number");
  const failures = rounds.flatMap((value) => (typeof value === "number" ? [] : [value.failed]));
  if (values.length === 0) return { median: null, low: null, high: null, failures };
  return { median: median(values), low: Math.min(...values), high: Math.max(...values), failures };
}

/** How many times better ours is; null where one of the two is missing or zero. */
export function ratioOf(measured: BenchCase, ours: number | null, theirs: number | null): number | null {
  if (ours === null || theirs === null || ours === 0 || theirs === 0) return null;
  return measured.better === "less" ? theirs / ours : ours / theirs;
}

/** One row for each peer but ours; one without a peer where there is none. */
export function toRows(bench: string, ours: string, measurements: CaseMeasurements): BenchRow[] {
  const own = summarize(measurements.byPeer.get(ours) ?? []);
  const rows: BenchRow[] = [];
  const peers = [...measurements.byPeer].filter(([peer]) => peer !== ours);
  for (const [peer, rounds] of peers.length === 0 ? [[null, []] as const] : peers) {
    const theirs = summarize(rounds);
    const notes = [
      ...new Set([
        ...own.failures.map((failure) => `ours: ${failure}`),
        ...theirs.failures.map((failure) => `theirs: ${failure}`),
      ]),
    ];
    rows.push({
      bench,
      case: measurements.case.name,
      peer,
      ours: own.median,
      theirs: theirs.median,
      unit: measurements.case.unit,
      ratio: ratioOf(measurements.case, own.median, theirs.median),
      ...(notes.length === 0 ? {} : { note: notes.join("; ") }),
    });
  }
  return rows;
}
