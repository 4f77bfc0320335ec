/** @file The directory of a model that a command is asked about: one of this machine, or a registered model's files, fetched. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join, posix, resolve } from "node:path";
import { readDescription, type ReadChecks } from "../../ml/package/read-parts.ts";
import type { FileDigests } from "../../ml/package/signing/index.ts";
import { verifyForLoading } from "../../ml/registry/governance/loading.ts";
import { loadPolicy } from "../../ml/registry/governance/policy-file.ts";
import { loadingDemands } from "../../ml/registry/governance/policy.ts";
import { download } from "../../ml/track/download.ts";
import { modelCheck, placeOf } from "../../ml/track/model-registry.ts";
import type { TrackingApi } from "../../ml/track/tracking-api.ts";
import { CommandFailure, exitCode } from "../failure.ts";
import { withRefusals } from "../refusals.ts";
import { withStore } from "./with-store.ts";

/** A model's directory. */
export interface ModelDirectory {
  readonly directory: string;
  /** Stops on Ctrl-C. */
  readonly signal: AbortSignal;
  /** Verifies it as the policy demands, and gives the digests; undefined where the policy demands nothing of it. */
  readonly verify: (() => Promise<readonly FileDigests[]>) | undefined;
}

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
  work: (found: ModelDirectory) => Promise<T>,
): Promise<T> {
  return onDirectory(model, trackingUri, work, async (api, artifactUri, path, folder, signal) => {
    await download(api, { artifactUri, path, folder, signal });
  });
}

/**
 * Works on a model's description and signature, verified before where the policy demands it: then what is read must have the
 * digests of `checks`. Where it doesn't, no more is fetched of a model in a store. @throws {CommandFailure}
 */
export async function withSignature<T>(
  model: string,
  trackingUri: string | undefined,
  work: (directory: string, checks: ReadChecks) => Promise<T>,
): Promise<T> {
  return onDirectory(
    model,
    trackingUri,
    async ({ directory, verify }) => work(directory, { signed: (await verify?.()) ?? [] }),
    async (api, artifactUri, path, folder, signal, isVerified) => {
      const fetch = async (part: string): Promise<unknown> =>
        download(api, { artifactUri, path: posix.join(path, part), folder, signal });
      if (isVerified) return void (await fetch(""));
      await fetch("MLmodel");
      const { flavors } = await readDescription(join(folder, path));
      await fetch(flavors.tenon.signature);
    },
  );
}

async function onDirectory<T>(
  model: string,
  trackingUri: string | undefined,
  work: (found: ModelDirectory) => Promise<T>,
  fetchTo: (
    api: TrackingApi,
    artifactUri: string,
    path: string,
    folder: string,
    signal: AbortSignal,
    isVerified: boolean,
  ) => Promise<void>,
): Promise<T> {
  if (!isInStore(model)) {
    if (trackingUri !== undefined)
      throw new CommandFailure("--tracking-uri goes with models:/NAME/VERSION", exitCode.usage);
    return withRefusals(async (signal) =>
      work({ directory: model, signal, verify: await folderCheck(model, signal) }),
    );
  }
  const folder = await mkdtemp(join(tmpdir(), "tenon-model-"));
  try {
    return await withStore(trackingUri, async (api, signal) => {
      const { artifactUri, path } = await placeOf(api, model);
      const check = await modelCheck(api, model);
      await fetchTo(api, artifactUri, path, folder, signal, check !== undefined);
      const directory = join(folder, path);
      return work({ directory, signal, verify: check && (async () => check(directory)) });
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** What a policy of this folder demands of a model's directory, which has the name of its folder. */
async function folderCheck(directory: string, signal: AbortSignal): Promise<ModelDirectory["verify"]> {
  const policy = await loadPolicy("mlruns.tenon", undefined);
  const name = basename(resolve(directory));
  if (policy === undefined || loadingDemands(policy.policy, name, []).length === 0) return undefined;
  return async () => verifyForLoading(policy, { shown: directory, name }, directory, signal);
}
