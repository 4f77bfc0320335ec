/** @file A study: the trials of one search, and the best of them. */
import { InvalidInputError } from "../errors.ts";
import { html, onOneLine } from "../html.ts";
import type { MimeBundle } from "../notebook-host.ts";
import type { Choice } from "./distributions.ts";
import type { SearchSpace, SettingsOf, SpaceParameters } from "./space.ts";
import type { StudyRecord } from "./journal/journal-state.ts";
import type { StudyStorage } from "./storage.ts";
import { type Direction, numberIn, type TrialRecord, type TrialState } from "./trial-record.ts";

/** Settings by the names under which they are stored. */
export type StoredSettings = Readonly<Record<string, Choice>>;

/** A trial of a study. */
export interface StudyTrial<Settings = StoredSettings> extends TrialRecord {
  /** What the objective gave; undefined unless it was completed. */
  readonly value: number | undefined;
  /** What the objective got; undefined where the trial has other parameters than the space. */
  readonly settings: Settings | undefined;
}

/** A trial that was completed. */
export interface CompletedTrial<Settings = StoredSettings> extends StudyTrial<Settings> {
  readonly value: number;
  readonly settings: Settings;
}

/** The trials of one search, as they were when it was read; shows itself in a notebook. */
export class Study<Settings = StoredSettings> {
  readonly name: string;
  /** Of the first objective. */
  readonly direction: Direction;
  readonly trials: readonly StudyTrial<Settings>[];

  /** @internal */
  constructor(
    { name, directions, trials }: StudyRecord,
    settings: (trial: TrialRecord) => Settings | undefined,
  ) {
    this.name = name;
    this.direction = directions[0] ?? "minimize";
    this.trials = trials.map((trial) => ({
      ...frozen(trial),
      value: trial.state === "complete" ? trial.values[0] : undefined,
      settings: settings(trial),
    }));
  }

  /** The trials that were completed, in order. */
  get completed(): readonly CompletedTrial<Settings>[] {
    return this.trials.flatMap((trial) => {
      const { value, settings } = trial;
      return value === undefined || settings === undefined ? [] : [{ ...trial, value, settings }];
    });
  }

  /**
   * The trial with the best value; the first of equals.
   * @throws {@link InvalidInputError} where none was completed
   */
  get best(): CompletedTrial<Settings> {
    const sign = this.direction === "minimize" ? 1 : -1;
    let best: CompletedTrial<Settings> | undefined;
    for (const trial of this.completed) if (!best || sign * (trial.value - best.value) < 0) best = trial;
    if (!best) throw new InvalidInputError(`no trial of study "${this.name}" was completed`);
    return best;
  }

  /** How many trials there are in each state. */
  get counts(): Readonly<Record<TrialState, number>> {
    const counts = { running: 0, complete: 0, pruned: 0, fail: 0, waiting: 0 };
    for (const { state } of this.trials) counts[state]++;
    return counts;
  }

  [Symbol.for("Jupyter.display")](): MimeBundle {
    const { complete, pruned, fail } = this.counts;
    const facts = [
      `${complete} complete`,
      ...(pruned > 0 ? [`${pruned} pruned`] : []),
      ...(fail > 0 ? [`${fail} failed`] : []),
    ].join(", ");
    const head = `Study "${this.name}" (${this.direction}): ${this.trials.length} trials, ${facts}`;
    if (complete === 0) return { "text/plain": head, "text/html": onOneLine(html`<p>${head}</p>`) };
    const { number, value, parameters } = this.best;
    const rows = [...parameters].map(([name, parameter]) => [name, shown(parameter.value)] as const);
    const best = `best: ${shown(value)} at trial ${number}`;
    return {
      "text/plain": [head, best, ...rows.map(([name, setting]) => `  ${name}: ${setting}`)].join("\n"),
      "text/html": onOneLine(html`
        <p>${head}<br />${best}</p>
        <table>
          <thead>
            <tr>
              <th>parameter</th>
              <th>value</th>
            </tr>
          </thead>
          <tbody>
            ${rows.map(
              ([name, setting]) =>
                html`<tr>
                  <td>${name}</td>
                  <td>${setting}</td>
                </tr>`,
            )}
          </tbody>
        </table>
      `),
    };
  }
}

/** A study of a search space. @internal */
export function studyOf<P extends SpaceParameters>(
  record: StudyRecord,
  space: SearchSpace<P>,
): Study<SettingsOf<P>> {
  return new Study(record, (trial) => settingsOf(space, trial));
}

/**
 * A stored study, of ours or of Optuna's, with settings by the names under which they are stored; of a study with several
 * objectives only the first counts.
 * @example await loadStudy(journalStorage("search.log"), "search")
 * @throws {@link InvalidInputError} where there is none of this name
 */
export async function loadStudy(storage: StudyStorage, name: string): Promise<Study> {
  const record = await storage.study(name);
  if (!record) {
    const names = (await storage.studies()).map((study) => `"${study.name}"`);
    throw new InvalidInputError(
      `there is no study "${name}"${names.length === 0 ? "" : `, only ${names.join(", ")}`}`,
    );
  }
  return new Study(record, ({ parameters }) =>
    Object.fromEntries([...parameters].map(([key, { value }]) => [key, value])),
  );
}

function settingsOf<P extends SpaceParameters>(
  space: SearchSpace<P>,
  trial: TrialRecord,
): SettingsOf<P> | undefined {
  const values = new Map<string, number>();
  for (const { parameters } of space.activeGroups(values))
    for (const { name, distribution } of parameters) {
      const value = numberIn(distribution, trial.parameters.get(name));
      if (value === undefined) return undefined;
      values.set(name, value);
    }
  return space.settings(values);
}

/** A copy that doesn't change when the trial goes on. */
function frozen(trial: TrialRecord): TrialRecord {
  const { id, number, state, values, startedAt, completedAt, worker } = trial;
  return {
    id,
    number,
    state,
    values,
    startedAt,
    completedAt,
    worker,
    parameters: new Map(trial.parameters),
    intermediateValues: new Map(trial.intermediateValues),
    userAttributes: new Map(trial.userAttributes),
    systemAttributes: new Map(trial.systemAttributes),
  };
}

function shown(value: Choice): string {
  return typeof value === "number" ? String(Number(value.toPrecision(6))) : String(value);
}
