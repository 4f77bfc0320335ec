import type { BenchRow } from "./bench-row.ts";
export async function measureCheckLatency(): Promise<readonly BenchRow[]> {
  return [];
}
