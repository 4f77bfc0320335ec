/** @file `npm run bench -- check`: the type check of a cell, measured without a kernel around it. */
import { measure } from "./check-latency.ts";
import { measureTableReads } from "./table-read-latency.ts";

/** The line that `--json` prints for a case; there is no peer to compare with. */
export interface CheckRow {
  readonly bench: "check";
  readonly case: string;
  readonly peer: null;
  readonly ours: number;
  readonly theirs: null;
  readonly unit: "ms";
  readonly ratio: null;
}

/** Medians and 95th percentiles. */
export async function measureCheckLatency(): Promise<CheckRow[]> {
  const row = (name: string, ours: number): CheckRow => ({
    bench: "check",
    case: name,
    peer: null,
    ours,
    theirs: null,
    unit: "ms",
    ratio: null,
  });
  return [...(await measure()), ...(await measureTableReads())].flatMap((latency) => [
    row(`${latency.case}, median`, latency.medianMs),
    row(`${latency.case}, p95`, latency.p95Ms),
  ]);
}
