/**
 * @file One activity that is logged to a run.
 *
 * Nothing here makes the activity wait but its end, and that for a few seconds at most; what goes wrong is a warning.
 */
import { setTimeout as delay } from "node:timers/promises";
import type { Activity, Observation, Outcome } from "../../fit-observer.ts";
import { withActiveRun } from "../active-run.ts";
import { fingerprint } from "../environment/fingerprint.ts";
import { redactSecrets } from "../environment/redact.ts";
import type { EndStatus, Run } from "../run.ts";
import { warn } from "../warn.ts";
import { datasetInput } from "./dataset-input.ts";
import { flattenParameters, paramName } from "./flatten-parameters.ts";
import { modelMetrics, outcomeMetrics, outcomeParams } from "./outcome.ts";
import { trainingMetrics } from "./training-metrics.ts";

/** The longest that an activity waits for its run, in milliseconds: a store that doesn't answer must not keep it. */
const longestWait = 3_000;
/** The same for a store that was late before. */
const shortWait = 50;
/** The most fits within one activity whose steps are kept. */
const mostNestedFits = 20;

/** Where a recording goes: a run of its own that is open until `over`, or one that is there. */
export type RunOpener = (over: Promise<EndStatus>) => Promise<Run | undefined>;

/** What is logged beside the usual. */
export interface RecordingOptions {
  /** Whether the fitted model is logged. */
  readonly logModels: boolean;
}

/** An activity with a run. */
export class Recording implements Observation {
  readonly activity: Activity;
  readonly parent: Recording | undefined;
  readonly run: Promise<Run | undefined>;
  readonly #options: RecordingOptions;
  #end: (status: EndStatus) => void = () => {};
  /** The run, once it is there. */
  #opened: Run | undefined;
  /** What must be logged before the run's end. */
  readonly #pending: Promise<void>[] = [];
  #reportingFits = 0;
  #hasAdopted = false;
  #hasData = false;

  constructor(activity: Activity, open: RunOpener, options: RecordingOptions, parent?: Recording) {
    this.activity = activity;
    this.parent = parent;
    this.#options = options;
    const over = new Promise<EndStatus>((resolve) => {
      this.#end = resolve;
    });
    this.run = open(over).then((run) => (this.#opened = run));
    this.#log((run) => {
      run.logParams(flattenParameters(activity.parameters));
      run.setTags({ "mlflow.autologging": "tenon", "tenon.activity": activity.type });
      if (activity.type === "fit") run.setTag("estimator_name", activity.name);
    });
    this.logData(activity);
  }

  async within<T>(run: () => Promise<T>): Promise<T> {
    // What a program logs while it is fitted goes to the run of the trial or study, where that is there in time.
    if (this.activity.type !== "trial" && this.activity.type !== "study") return await run();
    const opened = await inTime(this.run);
    return opened && !opened.ended ? await withActiveRun(opened, run) : await run();
  }

  readonly report = (measures: Readonly<Record<string, number>>, step: number): void => {
    this.logStep(measures, step, "");
  };

  /** Measures of a step, with what stands before their names. The time is now, whenever the run is there. */
  logStep(measures: Readonly<Record<string, number>>, step: number, prefix: string): void {
    const opened = this.#opened;
    if (opened) return opened.logMetrics(named(measures, prefix), { step });
    const timestamp = Date.now();
    this.#log((run) => run.logMetrics(named(measures, prefix), { step, timestamp }));
  }

  /** Notes what data an activity learns from; of several in one run the first counts. */
  logData({ data = {} }: Activity): void {
    const given = Object.entries(data).filter(([, value]) => value !== undefined);
    if (this.#hasData || given.length === 0) return;
    this.#hasData = true;
    for (const [context, value] of given) {
      // Arrays are read now: they may change later.
      const found = fingerprint(value);
      this.#log(async (run) => {
        const known = await found;
        if (known) run.logInput(datasetInput(known, context), context);
      });
    }
  }

  /** An activity within this one: it has no run of its own, and what it reports goes to this one. */
  nested(activity: Activity): Observation {
    if (activity.type === "fit") this.#adopt(activity);
    return new NestedObservation(this, activity);
  }

  /** What stands before the names of what a nested activity reports; undefined where that isn't kept. */
  prefixFor({ type }: Activity): string | undefined {
    // The folds of each of many validations would come under one name.
    if (type !== "fit") return this.activity.type === "validation" ? undefined : "";
    const number = ++this.#reportingFits;
    return number > mostNestedFits ? undefined : number === 1 ? "" : `fit_${number}/`;
  }

  async ended(outcome: Outcome): Promise<void> {
    await inTime(this.#finish(outcome));
  }

  /** A validation is told by what it validates, and a study by the data of its trials. */
  #adopt(activity: Activity): void {
    if (this.activity.type === "validation" && !this.#hasAdopted)
      this.#log((run) => {
        run.logParams(flattenParameters(activity.parameters));
        run.setTag("estimator_name", activity.name);
      });
    this.#hasAdopted = true;
    if (this.activity.type === "validation" || this.activity.type === "fit") this.logData(activity);
    this.parent?.logData(activity);
  }

  async #finish(outcome: Outcome): Promise<void> {
    const status = statusOf(outcome);
    this.#log(async (run) => {
      run.setTags(outcomeTags(outcome));
      if (!("result" in outcome)) return;
      run.logMetrics(named(outcomeMetrics(this.activity, outcome.result)));
      run.logParams(outcomeParams(this.activity, outcome.result));
      if (this.#options.logModels) await logResult(run, outcome.result);
    });
    if (this.activity.type === "fit" && "result" in outcome) this.measure(this.activity, outcome.result);
    // Each may add more.
    for (let at = 0; at < this.#pending.length; at++) await this.#pending[at];
    this.#end(status);
    await (await this.run)?.flush();
  }

  /** Measures a fitted model on what it learnt from. */
  measure({ data }: Activity, model: unknown): void {
    this.#log(async (run) => {
      run.logMetrics(
        named({
          ...modelMetrics(model),
          ...(await trainingMetrics(model, data?.["training"], data?.["target"])),
        }),
      );
    });
  }

  #log(work: (run: Run) => void | Promise<void>): void {
    const done = this.run.then(async (run) => {
      if (run) await work(run);
    });
    const logged = done.catch((error: unknown) =>
      warn(`autolog of ${this.activity.name}: ${messageOf(error)}`),
    );
    this.#pending.push(logged);
  }
}

/** An activity within another that has the run. */
class NestedObservation implements Observation {
  readonly recording: Recording;
  readonly #activity: Activity;
  /** Known from its first report on. */
  #prefix: { readonly text: string | undefined } | undefined;

  constructor(recording: Recording, activity: Activity) {
    this.recording = recording;
    this.#activity = activity;
  }

  async within<T>(run: () => Promise<T>): Promise<T> {
    return await run();
  }

  readonly report = (measures: Readonly<Record<string, number>>, step: number): void => {
    this.#prefix ??= { text: this.recording.prefixFor(this.#activity) };
    const { text } = this.#prefix;
    if (text !== undefined) this.recording.logStep(measures, step, text);
  };

  ended(outcome: Outcome): void {
    const isPart = this.#activity.type === "fit" && this.recording.activity.type === "fit";
    if (isPart && "result" in outcome) this.recording.measure(this.#activity, outcome.result);
  }
}

/** The recording that an observation is of. */
export function recordingOf(observation: Observation | undefined): Recording | undefined {
  if (observation instanceof Recording) return observation;
  return observation instanceof NestedObservation ? observation.recording : undefined;
}

/** Whether the store kept somebody waiting in vain, and hasn't answered since: it is then hardly waited for. */
let isStoreLate = false;

/** What comes in time; undefined where it doesn't. */
async function inTime<T>(coming: Promise<T>): Promise<T | undefined> {
  const end = new AbortController();
  const wait = isStoreLate ? shortWait : longestWait;
  const late = delay(wait, undefined, { signal: end.signal, ref: false }).then(
    () => {
      isStoreLate = true;
      return undefined;
    },
    () => undefined,
  );
  const inTime = coming.then((value) => {
    isStoreLate = false;
    return value;
  });
  try {
    return await Promise.race([inTime, late]);
  } finally {
    end.abort();
  }
}

function named(measures: Readonly<Record<string, number>>, prefix = ""): Readonly<Record<string, number>> {
  return Object.fromEntries(
    Object.entries(measures).map(([name, value]) => [paramName(`${prefix}${name}`), value]),
  );
}

function statusOf(outcome: Outcome): EndStatus {
  if ("result" in outcome) return Number.isNaN(outcome.result) ? "FAILED" : "FINISHED";
  const { error } = outcome;
  const name = error instanceof Error || error instanceof DOMException ? error.name : "";
  // A trial that was given up has done what it should.
  if (name === "TrialPruned") return "FINISHED";
  return name === "AbortError" ? "KILLED" : "FAILED";
}

function outcomeTags(outcome: Outcome): Readonly<Record<string, string>> {
  if ("result" in outcome) return {};
  const { error } = outcome;
  if (error instanceof Error && error.name === "TrialPruned") return { "tenon.trial.state": "pruned" };
  return { "tenon.error": redactSecrets(messageOf(error)).text };
}

/** A fitted pipeline as a package; any other model as the JSON that its `load…` function reads. */
async function logResult(run: Run, result: unknown): Promise<void> {
  const { toOnnx, toJSON, features } = Object(result) as {
    readonly toOnnx?: unknown;
    readonly toJSON?: unknown;
    readonly features?: unknown;
  };
  if (typeof toOnnx === "function" && features !== undefined)
    // SAFETY: fitted features that leave as one ONNX model are a fitted pipeline.
    await run.logModel(result as Parameters<Run["logModel"]>[0]);
  else if (typeof toJSON === "function") await run.logText(JSON.stringify(result), "model/model.json");
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
