/** @file Fits, validations and searches that log themselves. */
import { observeFits, type Activity, type FitObserver, type Observation } from "../../fit-observer.ts";
import { activeRun, onRunStart } from "../active-run.ts";
import { captureEnvironment, environmentRecord } from "../environment/environment.ts";
import { sampleHardware } from "../hardware/sampler.ts";
import type { EndStatus, Run, RunOptions } from "../run.ts";
import { run } from "../start-run.ts";
import { warn } from "../warn.ts";
import { Recording, recordingOf, type RunOpener } from "./recording.ts";

/** What is logged by itself. */
export interface AutologOptions {
  /** Ends it. */
  readonly disable?: boolean;
  /** Whether fitted models are logged: pipelines as packages, others as JSON; no where absent. */
  readonly logModels?: boolean;
  /** Whether the use of processor, memory and GPUs is logged while a run goes on; yes where absent. */
  readonly logSystemMetrics?: boolean;
  /** Names of environment variables that are kept with each run beside the usual ones. Others are never looked at. */
  readonly environmentVariables?: readonly string[];
}

let stop: (() => void) | undefined;

/**
 * Has every fit, cross-validation and search from now on log itself: settings, measures of each epoch, round, fold and trial, how well
 * the model says what it learnt from, digests of the data, and where and of what it was run. It is on until it is called with
 * `disable`; a second call replaces the options.
 *
 * Each becomes a run; a search is a run with one nested in it for each trial. Where a run is active the first fit logs to it, and
 * those after it to runs nested in it. Whatever can't be logged is a warning, and no fit fails of it.
 * @example
 * autolog();
 * await risk.fit(training, { target: "defaulted" });
 */
export function autolog({
  disable = false,
  logModels = false,
  logSystemMetrics = true,
  environmentVariables = [],
}: AutologOptions = {}): void {
  stop?.();
  stop = undefined;
  if (disable) return;
  const ends = [
    observeFits(new AutologObserver(logModels)),
    onRunStart(async (started) => {
      // A nested run is of the same place as the one around it.
      if (started.parentRunId !== undefined) return;
      if (logSystemMetrics) sampleHardware(started);
      await logEnvironment(started, environmentVariables);
    }),
  ];
  stop = () => {
    for (const end of ends) end();
  };
}

async function logEnvironment(started: Run, environmentVariables: readonly string[]): Promise<void> {
  const { tags, artifacts } = environmentRecord(await captureEnvironment({ environmentVariables }));
  started.setTags(tags);
  for (const { file, text } of artifacts) await started.logText(text, file);
}

/** Runs that a fit has logged to already. */
const taken = new WeakSet<Run>();

class AutologObserver implements FitObserver {
  readonly #logModels: boolean;

  constructor(logModels: boolean) {
    this.#logModels = logModels;
  }

  begin(activity: Activity, around: Observation | undefined): Observation {
    const parent = recordingOf(around);
    if (parent && !(activity.type === "trial" && parent.activity.type === "study"))
      return parent.nested(activity);
    return new Recording(activity, openerOf(activity, parent), { logModels: this.#logModels }, parent);
  }
}

/** Which run an activity is logged to. */
function openerOf(activity: Activity, parent: Recording | undefined): RunOpener {
  if (parent) return childOf(activity, parent);
  const active = activeRun();
  if (active && !taken.has(active)) {
    taken.add(active);
    return async () => active;
  }
  return async (over) => await opened({ runName: activity.name, nested: true }, over);
}

/** A trial's run, in the study's. */
function childOf({ name }: Activity, { run: coming }: Recording): RunOpener {
  return async (over) => {
    const parent = await coming;
    if (!parent) return undefined;
    const { runId, experimentId } = parent.info;
    const { trackingUri } = parent;
    return await opened({ runName: name, nested: true, parentRunId: runId, experimentId, trackingUri }, over);
  };
}

/** A run that is open until it is over; undefined where there can't be one. */
async function opened(options: RunOptions, over: Promise<EndStatus>): Promise<Run | undefined> {
  return await new Promise((resolve) => {
    run(options, async (started) => {
      taken.add(started);
      resolve(started);
      await started.end(await over);
    }).catch((error: unknown) => {
      warn(`autolog of ${options.runName}: ${error instanceof Error ? error.message : String(error)}`);
      resolve(undefined);
    });
  });
}
