/**
 * @file Who is told of fits, validations, studies and trials as they run.
 *
 * Observers stand in a list on a global symbol, so that all copies of the library in a process share it. Where the list is empty
 * nothing is done: {@link observed} then only calls the function that it was given. An observer's error is a warning, never an
 * error of what it observes.
 */
import { AsyncLocalStorage } from "node:async_hooks";

/** Something that is worth a record. */
export interface Activity {
  readonly type: "fit" | "validation" | "study" | "trial";
  /** What it is of: an estimator's kind, a study's name. */
  readonly name: string;
  /** What was chosen, by name: plain data. */
  readonly parameters: object;
  /** What is learnt from, by what it is for (`training`, `target`, `validation`): tables, matrices, datasets, arrays. */
  readonly data?: Readonly<Record<string, unknown>>;
}

/** Takes measures of one step: an epoch, a round, a report of a trial. Numbers are counted from where the activity counts. */
export type StepReporter = (measures: Readonly<Record<string, number>>, step: number) => void;

/** One activity, as one observer sees it. */
export interface Observation {
  /** Runs the activity: it must call `run`, and may do so within a context of its own. */
  within<T>(run: () => Promise<T>): Promise<T>;
  /** Called often, and must return at once. */
  readonly report: StepReporter;
  /** The activity is over. Its caller gets what it gave when this has come to an end. */
  ended(outcome: Outcome): void | Promise<void>;
}

/** How an activity ended. */
export type Outcome = { readonly result: unknown } | { readonly error: unknown };

/** Who is told of activities. */
export interface FitObserver {
  /**
   * An activity begins, in the course of another one where `parent` is given: this observer's observation of that one. Undefined
   * where it isn't of interest.
   */
  begin(activity: Activity, parent: Observation | undefined): Observation | undefined;
}

/** What is shared by all copies of the library. */
interface Shared {
  readonly observers: FitObserver[];
  /** The observations of the activity that runs. */
  readonly running: AsyncLocalStorage<ReadonlyMap<FitObserver, Observation>>;
}

const sharedSymbol = Symbol.for("tenon.fit-observers.1");
// SAFETY: only this file writes to the symbol, and its number is raised when the type changes.
const globals = globalThis as { [sharedSymbol]?: Shared };

/** Tells an observer of all activities that begin from now on. Returns what ends that. */
export function observeFits(observer: FitObserver): () => void {
  const { observers } = (globals[sharedSymbol] ??= { observers: [], running: new AsyncLocalStorage() });
  observers.push(observer);
  return () => {
    const at = observers.indexOf(observer);
    if (at >= 0) observers.splice(at, 1);
  };
}

/** Where the activity that runs reports its steps; undefined where nobody listens. */
export function stepReporter(): StepReporter | undefined {
  const observations = globals[sharedSymbol]?.running.getStore();
  if (!observations || observations.size === 0) return undefined;
  return (measures, step) => {
    for (const observation of observations.values()) guarded(() => observation.report(measures, step));
  };
}

/** Runs an activity under the eyes of those who observe. `describe` is only called where there are any. */
export async function observed<T>(describe: () => Activity, run: () => Promise<T>): Promise<T> {
  const shared = globals[sharedSymbol];
  if (!shared || shared.observers.length === 0) return await run();
  const observations = begin(shared, describe);
  let outcome: Outcome | undefined;
  try {
    const result = await nested(
      [...observations.values()],
      async () => await shared.running.run(observations, run),
    );
    outcome = { result };
    return result;
  } catch (error) {
    outcome = { error };
    throw error;
  } finally {
    const ended = outcome;
    if (ended)
      for (const observation of observations.values())
        try {
          await observation.ended(ended);
        } catch (error) {
          warn(error);
        }
  }
}

/** An estimator whose fits are observed. */
export function observedEstimator<
  E extends { readonly kind: string; readonly settings: object; fit(...args: never[]): Promise<unknown> },
>(estimator: E): E {
  const fit = async (...args: never[]): Promise<unknown> =>
    await observed(
      () => ({ type: "fit", name: estimator.kind, parameters: estimator.settings, data: dataOf(args) }),
      async () => await estimator.fit(...args),
    );
  return { ...estimator, fit };
}

/** What the arguments of a fit hold: rows, then the target where there is one, then options. */
function dataOf([rows, ...others]: readonly unknown[]): Readonly<Record<string, unknown>> {
  const target = others.find((value) => Array.isArray(value) || ArrayBuffer.isView(value));
  const { validation } = Object(others.at(-1)) as { readonly validation?: { readonly rows?: unknown } };
  return {
    training: rows,
    ...(target !== undefined && { target }),
    ...(validation && { validation: validation.rows }),
  };
}

function begin(
  { observers, running }: Shared,
  describe: () => Activity,
): ReadonlyMap<FitObserver, Observation> {
  const parents = running.getStore();
  const observations = new Map<FitObserver, Observation>();
  guarded(() => {
    const activity = describe();
    for (const observer of observers)
      guarded(() => {
        const observation = observer.begin(activity, parents?.get(observer));
        if (observation) observations.set(observer, observation);
      });
  });
  return observations;
}

/** Runs within all observations. Whatever they do, the run happens once and its result is its own. */
async function nested<T>([first, ...others]: readonly Observation[], run: () => Promise<T>): Promise<T> {
  if (!first) return await run();
  let running: Promise<T> | undefined;
  const once = async (): Promise<T> => await (running ??= nested(others, run));
  try {
    await first.within(once);
  } catch (error) {
    if (running === undefined) warn(error);
  }
  return await once();
}

function guarded(run: () => void): void {
  try {
    run();
  } catch (error) {
    warn(error);
  }
}

function warn(error: unknown): void {
  const reason = error instanceof Error ? error.message : String(error);
  process.emitWarning(`a fit could not be observed: ${reason}`, "FitObserverWarning");
}
