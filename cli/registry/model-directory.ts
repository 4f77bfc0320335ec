/** @file The directory of a model that a command is asked about: one of this machine, or a registered model's files, fetched. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, posix } from "node:path";
import { readDescription } from "../../ml/package/read-parts.ts";
import { downloadTo } from "../../ml/track/artifacts.ts";
import { placeOf } from "../../ml/track/model-registry.ts";
import type { TrackingApi } from "../../ml/track/tracking-api.ts";
import { CommandFailure, exitCode } from "../failure.ts";
import { withRefusals } from "../refusals.ts";
import { withStore } from "./with-store.ts";

/** Whether a text names a model in a store rather than a directory. */
function isInStore(model: string): boolean {
  return /^(?:models|runs):\/./.test(model);
}

/**
 * Works on all files of a model: `models:/NAME/VERSION`, `models:/NAME@ALIAS`, or a directory. What is fetched is removed after.
 * @throws {CommandFailure}
 */
export async function withModel<T>(
  model: string,
  trackingUri: string | undefined,
  work: (directory: string, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  return onDirectory(model, trackingUri, work, async (api, artifactUri, path, folder) => {
    await downloadTo(api, artifactUri, path, folder);
  });
}

/** As {@link withModel}, but of a model in a store only its description and its signature are fetched. @throws {CommandFailure} */
export async function withSignature<T>(
  model: string,
  trackingUri: string | undefined,
  work: (directory: string) => Promise<T>,
): Promise<T> {
  return onDirectory(model, trackingUri, work, async (api, artifactUri, path, folder) => {
    await downloadTo(api, artifactUri, posix.join(path, "MLmodel"), folder);
    const { flavors } = await readDescription(join(folder, path));
    await downloadTo(api, artifactUri, posix.join(path, flavors.tenon.signature), folder);
  });
}

async function onDirectory<T>(
  model: string,
  trackingUri: string | undefined,
  work: (directory: string, signal: AbortSignal) => Promise<T>,
  fetchTo: (api: TrackingApi, artifactUri: string, path: string, folder: string) => Promise<void>,
): Promise<T> {
  if (!isInStore(model)) {
    if (trackingUri !== undefined)
      throw new CommandFailure("--tracking-uri goes with models:/NAME/VERSION", exitCode.usage);
    return withRefusals((signal) => work(model, signal));
  }
  const folder = await mkdtemp(join(tmpdir(), "tenon-model-"));
  try {
    return await withStore(trackingUri, async (api, signal) => {
      const { artifactUri, path } = await placeOf(api, model);
      await fetchTo(api, artifactUri, path, folder);
      return work(join(folder, path), signal);
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
