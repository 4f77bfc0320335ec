/**
 * @file What a journal's operations amount to: studies and their trials. The rules are those of Optuna's replay, so that all
 * processes that read the same lines see the same: an operation that comes too late or doesn't fit changes nothing.
 */
import { InvalidInputError } from "../../errors.ts";
import { externalValue, isCompatible, type Distribution } from "../distributions.ts";
import { isFinished, type Direction, type TrialParameter, type TrialRecord } from "../trial-record.ts";
import { parseDistribution } from "./distribution-json.ts";
import type { Json } from "./extended-json.ts";
import { type Operation, states } from "./operations.ts";

/** A study as it is stored. */
export interface StudyRecord {
  readonly id: number;
  readonly name: string;
  /** One for each objective. */
  readonly directions: readonly Direction[];
  readonly userAttributes: ReadonlyMap<string, Json>;
  readonly systemAttributes: ReadonlyMap<string, Json>;
  readonly trials: readonly TrialRecord[];
}

/** What came of an operation: the trial that it made or changed, or why it changed nothing. */
export type Outcome = { readonly trial?: number } | { readonly refused: string };

interface KeptTrial extends TrialRecord {
  readonly study: KeptStudy;
  state: TrialRecord["state"];
  values: readonly number[];
  readonly parameters: Map<string, TrialParameter>;
  readonly intermediateValues: Map<number, number>;
  readonly userAttributes: Map<string, Json>;
  readonly systemAttributes: Map<string, Json>;
  startedAt: Date | undefined;
  completedAt: Date | undefined;
  worker: string;
}

interface KeptStudy extends StudyRecord {
  readonly userAttributes: Map<string, Json>;
  readonly systemAttributes: Map<string, Json>;
  readonly trials: KeptTrial[];
  /** The first distribution of each parameter, with which later ones must go together. */
  readonly distributions: Map<string, Distribution>;
}

type OperationOf<Code extends Operation["op_code"]> = Extract<Operation, { readonly op_code: Code }>;

/** The studies and trials of a journal. */
export class JournalState {
  readonly #studies = new Map<number, KeptStudy>();
  readonly #trials: KeptTrial[] = [];
  #nextStudy = 0;

  get studies(): Iterable<StudyRecord> {
    return this.#studies.values();
  }

  study(name: string): StudyRecord | undefined {
    for (const study of this.#studies.values()) if (study.name === name) return study;
    return undefined;
  }

  trial(id: number): TrialRecord | undefined {
    return this.#trials[id];
  }

  /** @throws {@link InvalidInputError} for what no program that keeps to the format writes */
  apply(operation: Operation): Outcome {
    switch (operation.op_code) {
      case 0:
        return this.#createStudy(operation);
      case 1:
        return this.#studies.delete(operation.study_id) ? {} : noStudy(operation.study_id);
      case 2:
      case 3:
        return this.#setStudyAttributes(operation);
      case 4:
        return this.#createTrial(operation);
      case 10:
        return {};
      default:
        return this.#changeTrial(operation);
    }
  }

  #createStudy({ study_name: name, directions }: OperationOf<0>): Outcome {
    if (this.study(name)) return { refused: `there is a study "${name}" already` };
    const id = this.#nextStudy++;
    this.#studies.set(id, {
      id,
      name,
      directions: directions.map((direction) => (direction === 2 ? "maximize" : "minimize")),
      userAttributes: new Map(),
      systemAttributes: new Map(),
      trials: [],
      distributions: new Map(),
    });
    return {};
  }

  #setStudyAttributes(operation: OperationOf<2 | 3>): Outcome {
    const study = this.#studies.get(operation.study_id);
    if (!study) return noStudy(operation.study_id);
    if (operation.op_code === 2) setAll(study.userAttributes, operation.user_attr);
    else setAll(study.systemAttributes, operation.system_attr);
    return {};
  }

  #createTrial(operation: OperationOf<4>): Outcome {
    const study = this.#studies.get(operation.study_id);
    if (!study) return noStudy(operation.study_id);
    const { datetime_start, datetime_complete, value } = operation;
    const trial: KeptTrial = {
      study,
      id: this.#trials.length,
      number: study.trials.length,
      state: states[operation.state ?? 0],
      values: operation.values ?? (value === null ? [] : [value]),
      parameters: new Map(),
      intermediateValues: new Map(
        Object.entries(operation.intermediate_values ?? {}).map(([step, reported]) => [
          Number(step),
          reported,
        ]),
      ),
      userAttributes: new Map(Object.entries(operation.user_attrs ?? {})),
      systemAttributes: new Map(Object.entries(operation.system_attrs ?? {})),
      startedAt: datetime_start === null ? undefined : new Date(datetime_start),
      completedAt: datetime_complete === undefined ? undefined : new Date(datetime_complete),
      worker: operation.worker_id,
    };
    const distributions = new Map(Object.entries(operation.distributions ?? {}));
    for (const [name, internal] of Object.entries(operation.params ?? {})) {
      const text = distributions.get(name);
      if (text === undefined) throw new InvalidInputError(`a trial has no distribution of "${name}"`);
      const distribution = parseDistribution(text);
      if (!study.distributions.has(name)) study.distributions.set(name, distribution);
      trial.parameters.set(name, parameterOf(name, distribution, internal));
    }
    this.#trials.push(trial);
    study.trials.push(trial);
    return { trial: trial.id };
  }

  #changeTrial(operation: OperationOf<5 | 6 | 7 | 8 | 9>): Outcome {
    const trial = this.#trials[operation.trial_id];
    if (!trial) return { refused: `there is no trial of id ${operation.trial_id}` };
    if (isFinished(trial.state)) return { refused: `trial ${trial.number} has ended already` };
    switch (operation.op_code) {
      case 5:
        return setParameter(trial, operation);
      case 6:
        return setState(trial, operation);
      case 7:
        trial.intermediateValues.set(operation.step, operation.intermediate_value);
        break;
      case 8:
        setAll(trial.userAttributes, operation.user_attr);
        break;
      case 9:
        setAll(trial.systemAttributes, operation.system_attr);
    }
    return { trial: trial.id };
  }
}

function setParameter(trial: KeptTrial, operation: OperationOf<5>): Outcome {
  const { param_name: name, param_value_internal: internal } = operation;
  const distribution = parseDistribution(operation.distribution);
  const first = trial.study.distributions.get(name);
  if (first && !isCompatible(first, distribution))
    return { refused: `"${name}" was another kind of parameter in earlier trials of the study` };
  if (!first) trial.study.distributions.set(name, distribution);
  trial.parameters.set(name, parameterOf(name, distribution, internal));
  return { trial: trial.id };
}

function setState(trial: KeptTrial, operation: OperationOf<6>): Outcome {
  const state = states[operation.state];
  if (state === "running" && trial.state === "running")
    return { refused: `trial ${trial.number} is run by another process` };
  if (state === "running") {
    if (operation.datetime_start !== undefined) trial.startedAt = new Date(operation.datetime_start);
    trial.worker = operation.worker_id;
  }
  if (isFinished(state) && operation.datetime_complete !== undefined)
    trial.completedAt = new Date(operation.datetime_complete);
  trial.state = state;
  if (operation.values !== null) trial.values = operation.values;
  return { trial: trial.id };
}

function parameterOf(name: string, distribution: Distribution, internal: number): TrialParameter {
  try {
    return { distribution, internal, value: externalValue(distribution, internal) };
  } catch (cause) {
    throw new InvalidInputError(`a trial has no choice ${internal} of "${name}"`, { cause });
  }
}

function setAll(attributes: Map<string, Json>, changes: Readonly<Record<string, Json>>): void {
  for (const [key, value] of Object.entries(changes)) attributes.set(key, value);
}

function noStudy(id: number): Outcome {
  return { refused: `there is no study of id ${id}` };
}
