/** @file The store of runs and models that a command works on: the one of --tracking-uri, of the environment, or `mlruns.tenon`. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { connect, disconnect } from "../../ml/track/connection.ts";
import type { TrackingApi } from "../../ml/track/tracking-api.ts";
import { trackingLocation } from "../../ml/track/tracking-uri.ts";
import { CommandFailure } from "../failure.ts";
import { withRefusals } from "../refusals.ts";

/**
 * Works on a store that is there.
 * @throws {CommandFailure} where there is none, or it refuses what is asked
 */
export async function withStore<T>(
  trackingUri: string | undefined,
  work: (api: TrackingApi, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  return letGo(trackingUri, async (signal) => {
    const location = trackingLocation(trackingUri);
    if (location.kind === "folder" && !existsSync(join(location.folder, "tenon.db")))
      throw new CommandFailure(
        `there is no store of runs at ${location.folder}: name one with --tracking-uri, or set MLFLOW_TRACKING_URI`,
      );
    const { api } = connect(trackingUri);
    // A call that the server doesn't answer waits for no more.
    signal.addEventListener("abort", () => void api.close(), { once: true });
    return work(api, signal);
  });
}

/** Works on a store, whose folder is made where it is not there. @throws {CommandFailure} where it refuses what is asked */
export async function withNewStore<T>(
  trackingUri: string | undefined,
  work: (api: TrackingApi) => Promise<T>,
): Promise<T> {
  return letGo(trackingUri, async () => work(connect(trackingUri).api));
}

/** Works, and lets go of the store. */
async function letGo<T>(
  trackingUri: string | undefined,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  return withRefusals(async (signal) => {
    try {
      return await work(signal);
    } finally {
      await disconnect(trackingUri);
    }
  });
}
