/** @file Stores of runs in folders of their own, and what tests see of warnings. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { disconnect } from "../../../ml/track/connection.ts";
import { setTrackingUri } from "../../../ml/track/index.ts";

/** A folder that is the store of all runs of a suite's tests. */
export function scratchStore(): { readonly folder: string; path(...parts: readonly string[]): string } {
  let folder = "";
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "tenon-track-"));
    setTrackingUri(join(folder, "store"));
  });
  after(async () => {
    await disconnect();
    setTrackingUri();
    rmSync(folder, { recursive: true, force: true });
  });
  return {
    get folder() {
      return join(folder, "store");
    },
    path: (...parts) => join(folder, ...parts),
  };
}

/** The warnings of tracking while `work` runs. */
export async function warningsOf(work: () => Promise<void>): Promise<readonly string[]> {
  const warnings: string[] = [];
  const listen = (warning: Error): void => {
    if (warning.name === "TrackingWarning") warnings.push(warning.message);
  };
  process.on("warning", listen);
  try {
    await work();
    // Warnings are told in a turn of their own.
    await new Promise((resolve) => setImmediate(resolve));
  } finally {
    process.off("warning", listen);
  }
  return warnings;
}
