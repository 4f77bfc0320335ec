/**
 * @file Where studies are kept: in memory, or in a journal that several processes write and that Optuna reads.
 *
 * Both are a log of operations and what it amounts to. What a method has acknowledged is in the log.
 */
import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { InvalidInputError } from "../errors.ts";
import { requirePositive } from "../settings.ts";
import type { Distribution } from "./distributions.ts";
import { distributionJson } from "./journal/distribution-json.ts";
import type { Json } from "./journal/extended-json.ts";
import { JournalFile, type OperationLog } from "./journal/journal-file.ts";
import { JournalState, type Outcome, type StudyRecord } from "./journal/journal-state.ts";
import { JournalFormatError, states, timeText, type Operation } from "./journal/operations.ts";
import { isFinished, type Direction, type TrialRecord, type TrialState } from "./trial-record.ts";

/** Where an existing study's directions or parameters don't go together with what is asked for. */
export class StudyMismatchError extends Error {
  override readonly name = "StudyMismatchError";
}

/** An operation without its worker, which the storage adds. */
type OwnOperation = Operation extends infer Each
  ? Each extends Operation
    ? Omit<Each, "worker_id">
    : never
  : never;

/** What a parameter is set to. */
export interface ParameterValue {
  readonly name: string;
  readonly distribution: Distribution;
  readonly internal: number;
}

/** Settings of a journal. */
export interface JournalStorageOptions {
  /** Seconds after which a lock that a process left behind when it died is removed; 30 where absent. */
  readonly gracePeriod?: number;
}

/** Studies and their trials; see {@link journalStorage} and {@link memoryStorage}. */
export class StudyStorage {
  readonly #log: OperationLog;
  readonly #state = new JournalState();
  /** Names this process, so that others can tell whether it lives. */
  readonly #worker = `tenon:${hostname()}:${process.pid}:${randomUUID()}`;
  #queue: Promise<unknown> = Promise.resolve();
  #broken: JournalFormatError | undefined;

  /** @internal */
  constructor(log: OperationLog) {
    this.#log = log;
  }

  /** The studies, in the order in which they were made. */
  async studies(): Promise<readonly StudyRecord[]> {
    await this.#exclusively(async () => this.#sync());
    return [...this.#state.studies];
  }

  /** A study as it is now; undefined where there is none of this name. */
  async study(name: string): Promise<StudyRecord | undefined> {
    await this.#exclusively(async () => this.#sync());
    return this.#state.study(name);
  }

  /**
   * The study of a name, made where there is none.
   * @throws {@link StudyMismatchError} where it has another direction
   * @internal
   */
  async openStudy(name: string, direction: Direction): Promise<StudyRecord> {
    const known = await this.study(name);
    // Of several processes that make it at once, one does, and the others find it.
    if (!known)
      await this.#write([{ op_code: 0, study_name: name, directions: [direction === "maximize" ? 2 : 1] }]);
    const study = this.#state.study(name);
    if (!study) throw new InvalidInputError(`study "${name}" was deleted while it was opened`);
    if (study.directions.length !== 1 || study.directions[0] !== direction)
      throw new StudyMismatchError(
        `study "${name}" is stored with ${study.directions.join(", ")}, not with ${direction}`,
      );
    return study;
  }

  /** Makes a trial that runs. @internal */
  async createTrial(study: StudyRecord): Promise<TrialRecord> {
    const [outcome] = await this.#write([
      { op_code: 4, study_id: study.id, datetime_start: timeText(), value: null, values: null },
    ]);
    return this.#trialOf(outcome);
  }

  /** Takes a waiting trial; undefined where another process has taken it. @internal */
  async claimTrial(trial: TrialRecord): Promise<TrialRecord | undefined> {
    const [outcome] = await this.#write([
      { op_code: 6, trial_id: trial.id, state: 0, values: null, datetime_start: timeText() },
    ]);
    return outcome && "refused" in outcome ? undefined : this.#trialOf(outcome);
  }

  /** Sets a trial's parameters, and what the sampler notes of it. @internal */
  async setParameters(
    trial: TrialRecord,
    parameters: readonly ParameterValue[],
    attributes: Readonly<Record<string, Json>> = {},
  ): Promise<void> {
    const outcomes = await this.#write([
      ...parameters.map(({ name, distribution, internal }) => ({
        op_code: 5 as const,
        trial_id: trial.id,
        param_name: name,
        param_value_internal: internal,
        distribution: distributionJson(distribution),
      })),
      ...systemAttributes(trial, attributes),
    ]);
    const refused = outcomes.find((outcome) => "refused" in outcome);
    if (refused && "refused" in refused) throw new StudyMismatchError(refused.refused);
  }

  /** Keeps a value that the objective reported. @internal */
  async report(trial: TrialRecord, step: number, value: number): Promise<void> {
    this.#accepted(await this.#write([{ op_code: 7, trial_id: trial.id, step, intermediate_value: value }]));
  }

  /** Keeps what the objective notes of a trial. @internal */
  async setUserAttribute(trial: TrialRecord, key: string, value: Json): Promise<void> {
    this.#accepted(await this.#write([{ op_code: 8, trial_id: trial.id, user_attr: { [key]: value } }]));
  }

  /** Keeps what a pruner notes of a trial. @internal */
  async setSystemAttributes(trial: TrialRecord, attributes: Readonly<Record<string, Json>>): Promise<void> {
    this.#accepted(await this.#write(systemAttributes(trial, attributes)));
  }

  /** Ends a trial. @internal */
  async finishTrial(
    trial: TrialRecord,
    state: Exclude<TrialState, "running" | "waiting">,
    value?: number,
    attributes: Readonly<Record<string, Json>> = {},
  ): Promise<void> {
    this.#accepted(
      await this.#write([
        ...systemAttributes(trial, attributes),
        {
          op_code: 6,
          trial_id: trial.id,
          state: stateNumber(state),
          values: value === undefined ? null : [value],
          datetime_complete: timeText(),
        },
      ]),
    );
  }

  /** Learns of what was added, and tells what came of this process's own operations. */
  async #sync(): Promise<readonly Outcome[]> {
    if (this.#broken) throw this.#broken;
    const own: Outcome[] = [];
    for (const operation of await this.#log.read()) {
      const outcome = this.#applied(operation);
      if ("worker_id" in operation && operation.worker_id === this.#worker) own.push(outcome);
    }
    return own;
  }

  #applied(operation: Operation): Outcome {
    try {
      return this.#state.apply(operation);
    } catch (cause) {
      // What follows would be understood wrongly.
      const reason = cause instanceof Error ? cause.message : String(cause);
      this.#broken = new JournalFormatError(`the journal holds what can't be: ${reason}`, { cause });
      throw this.#broken;
    }
  }

  /** Adds operations, and tells what came of each. */
  async #write(operations: readonly OwnOperation[]): Promise<readonly Outcome[]> {
    if (operations.length === 0) return [];
    return this.#exclusively(async () => {
      await this.#log.append(operations.map((operation) => ({ ...operation, worker_id: this.#worker })));
      return this.#sync();
    });
  }

  /** One at a time, so that what came of an operation can be told from what came of others. */
  async #exclusively<T>(run: () => Promise<T>): Promise<T> {
    const result = this.#queue.then(run);
    this.#queue = result.catch(() => {});
    return result;
  }

  #trialOf(outcome: Outcome | undefined): TrialRecord {
    const id = outcome && "trial" in outcome ? outcome.trial : undefined;
    const trial = id === undefined ? undefined : this.#state.trial(id);
    if (!trial) throw new InvalidInputError("the study was deleted while it was searched");
    return trial;
  }

  #accepted(outcomes: readonly Outcome[]): void {
    for (const outcome of outcomes) if ("refused" in outcome) throw new InvalidInputError(outcome.refused);
  }
}

/** Studies that are gone when the process ends. */
export function memoryStorage(): StudyStorage {
  let unread: Operation[] = [];
  return new StudyStorage({
    append: async (operations) => void unread.push(...operations),
    read: async () => {
      const read = unread;
      unread = [];
      return read;
    },
  });
}

/**
 * Studies in a file that several processes may write at once, in the format of Optuna's `JournalStorage` with a
 * `JournalFileBackend`: its programs and its dashboard read the file and may write it too. What was acknowledged stays there
 * when the process is killed.
 * @throws {@link JournalFormatError} when it is used and the file is damaged or none of Optuna's
 */
export function journalStorage(path: string, { gracePeriod = 30 }: JournalStorageOptions = {}): StudyStorage {
  requirePositive("gracePeriod", gracePeriod);
  return new StudyStorage(new JournalFile(path, gracePeriod));
}

/** Whether the process that runs a trial is one of this machine's that has ended. */
export function isLost({ worker, state }: TrialRecord): boolean {
  const [, host, pid] = /^tenon:(.*):(\d+):[^:]+$/.exec(worker) ?? [];
  if (isFinished(state) || host !== hostname() || pid === undefined) return false;
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "ESRCH";
  }
}

function systemAttributes(
  trial: TrialRecord,
  attributes: Readonly<Record<string, Json>>,
): Extract<OwnOperation, { readonly op_code: 9 }>[] {
  return Object.entries(attributes).map(([key, value]) => ({
    op_code: 9,
    trial_id: trial.id,
    system_attr: { [key]: value },
  }));
}

function stateNumber(state: TrialState): 0 | 1 | 2 | 3 | 4 {
  // SAFETY: there are five states, and this is one of them.
  return states.indexOf(state) as 0 | 1 | 2 | 3 | 4;
}
