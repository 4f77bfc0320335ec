import { InvalidInputError } from "../errors.ts";
import { observed } from "../fit-observer.ts";
import { notebookHost } from "../notebook-host.ts";
import { requireCount, requirePositive } from "../settings.ts";
import type { Objective } from "./objective.ts";
import { ObjectiveThreads } from "./objective-threads.ts";
import type { OptimizeOptions } from "./optimize-options.ts";
import { tpeSampler } from "./samplers/tpe-sampler.ts";
import { failLostTrials, Search } from "./search.ts";
import type { SettingsOf, SpaceParameters } from "./space.ts";
import { memoryStorage } from "./storage.ts";
import { type Study, studyOf } from "./study.ts";

/**
 * Searches for the settings with the best value.
 *
 * The objective is a function, or the URL of a module whose default export is one: that runs in threads, one for each of
 * `parallel`, and gets settings that were copied. A thread that ends fails its trial and is replaced. Shows progress in a
 * notebook.
 * @example
 * const study = await optimize(({ x }) => (x - 2) ** 2, { space: space({ x: float(-10, 10) }), trials: 50 });
 * study.best.settings.x;
 * @throws {@link InvalidInputError} for options that don't go together, {@link StudyMismatchError} where the stored study is
 * another one, the objective's error, {@link ObjectiveModuleError}, the signal's reason
 */
export async function optimize<P extends SpaceParameters>(
  objective: Objective<SettingsOf<P>> | URL,
  options: OptimizeOptions<P>,
): Promise<Study<SettingsOf<P>>> {
  const { name = "study", direction = "minimize", trials, timeout, parallel = 1 } = options;
  return await observed(
    () => ({ type: "study", name, parameters: { direction, trials, timeout, parallel } }),
    async () => await search(objective, options),
  );
}

async function search<P extends SpaceParameters>(
  objective: Objective<SettingsOf<P>> | URL,
  options: OptimizeOptions<P>,
): Promise<Study<SettingsOf<P>>> {
  const { storage = memoryStorage(), name = "study", direction = "minimize", parallel = 1 } = options;
  const sampler = options.sampler ?? tpeSampler();
  const limit = Math.min(
    options.trials ?? Number.POSITIVE_INFINITY,
    sampler.limit?.(options.space) ?? Number.POSITIVE_INFINITY,
  );
  checkOptions(options, parallel, limit);
  const signal = options.signal ?? notebookHost()?.signal;
  signal?.throwIfAborted();
  const record = await storage.openStudy(name, direction);
  await failLostTrials(storage, record);
  const threads = objective instanceof URL ? new ObjectiveThreads(objective) : undefined;
  const running = new Search<P>({
    options,
    sampler,
    limit,
    storage,
    record,
    signal,
    // SAFETY: where the objective is no URL it is a function of these settings.
    objective: threads?.run ?? (objective as Objective<SettingsOf<P>>),
  });
  try {
    await running.run(parallel);
  } finally {
    await threads?.end();
  }
  return studyOf(record, options.space);
}

function checkOptions(
  { trials, timeout }: { readonly trials?: number; readonly timeout?: number },
  parallel: number,
  limit: number,
): void {
  if (!Number.isFinite(limit) && timeout === undefined)
    throw new InvalidInputError("a search needs a number of trials, or a timeout in seconds");
  if (trials !== undefined) requireCount("trials", trials);
  if (timeout !== undefined) requirePositive("timeout", timeout);
  requireCount("parallel", parallel);
}
