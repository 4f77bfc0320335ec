/** @file A version of a model that is loaded, and how it answers. */
import { InvalidInputError } from "../../errors.ts";
import type { CallLimits, Engine } from "../engines/engine.ts";
import {
  ServingError,
  type InferenceRequest,
  type InferenceResponse,
  type InferenceTensor,
  type Parameters,
} from "../inference.ts";
import type { ModelPlan } from "../plan/model-plan.ts";
import { PlannedRequest } from "../plan/planned-request.ts";
import { inputsOfTensors, shownNames } from "../plan/read-tensors.ts";

/** Told of errors that are the model's or the service's own; callers are only told that there was one. */
export type OnError = (error: unknown) => void;

/** A loaded version of a model. */
export class ServedModel {
  readonly name: string;
  readonly version: string;
  readonly plan: ModelPlan;
  readonly engine: Engine;
  /** The package's own, another for each that was written; absent where there is no package. */
  readonly packageId: string | undefined;
  readonly #onError: OnError;
  #running = 0;
  #isRetired = false;

  constructor(
    name: string,
    version: string,
    plan: ModelPlan,
    engine: Engine,
    onError: OnError,
    packageId?: string,
  ) {
    this.name = name;
    this.version = version;
    this.plan = plan;
    this.engine = engine;
    this.packageId = packageId;
    this.#onError = onError;
  }

  /**
   * The answer to a request: at once where the engine has it at once.
   * @throws {@link ServingError} (or rejects with it)
   */
  answer(request: InferenceRequest, limits: CallLimits): InferenceResponse | Promise<InferenceResponse> {
    try {
      const values =
        request instanceof PlannedRequest && request.plan === this.plan
          ? request.values
          : inputsOfTensors(this.plan, request.inputs);
      const wanted = request.outputs && this.#wanted(request.outputs);
      if (limits.deadline < performance.now())
        throw new ServingError("deadline", "the deadline has passed", { isBeforeModel: true });
      if (request.isStream && this.engine.stream)
        return this.#answerInParts(
          this.engine.stream(values, new AskedLimits(limits, request)),
          request,
          wanted,
        );
      const asked = new AskedLimits(limits, request);
      const found = values.rows === 0 ? this.#noRows() : this.engine.run(values, asked);
      if (found instanceof Promise) return this.#answerLater(found, request, wanted, asked);
      return this.#respond(found, request, wanted);
    } catch (error) {
      throw this.#told(error);
    }
  }

  #answerInParts(
    found: AsyncIterable<readonly InferenceTensor[]>,
    request: InferenceRequest,
    wanted: readonly number[] | undefined,
  ): InferenceResponse {
    const { name, version } = this;
    return { model: name, version, id: request.id, outputs: [], parts: this.#parts(found, request, wanted) };
  }

  async *#parts(
    found: AsyncIterable<readonly InferenceTensor[]>,
    request: InferenceRequest,
    wanted: readonly number[] | undefined,
  ): AsyncIterable<readonly InferenceTensor[]> {
    this.#running += 1;
    try {
      for await (const outputs of found) yield this.#respond(outputs, request, wanted).outputs;
    } catch (error) {
      throw this.#told(error);
    } finally {
      this.#end();
    }
  }

  #end(): void {
    this.#running -= 1;
    if (this.#isRetired && this.#running === 0) void this.#close();
  }

  async #answerLater(
    found: Promise<readonly InferenceTensor[]>,
    request: InferenceRequest,
    wanted: readonly number[] | undefined,
    asked: AskedLimits,
  ): Promise<InferenceResponse> {
    this.#running += 1;
    try {
      const response = this.#respond(await found, request, wanted);
      const { computeTime } = asked;
      return computeTime === undefined ? response : { ...response, computeTime };
    } catch (error) {
      throw this.#told(error);
    } finally {
      this.#end();
    }
  }

  #respond(
    found: readonly InferenceTensor[],
    request: InferenceRequest,
    wanted: readonly number[] | undefined,
  ): InferenceResponse {
    const outputs = wanted ? wanted.flatMap((at) => found[at] ?? []) : found;
    return { model: this.name, version: this.version, id: request.id, outputs };
  }

  /** The places of outputs that a request names. */
  #wanted(names: readonly string[]): readonly number[] | undefined {
    const { outputs } = this.plan;
    if (names.length === outputs.length && names.every((name, at) => name === outputs[at]?.name))
      return undefined;
    // One that is asked for many times would make an answer of any size.
    if (new Set(names).size < names.length) throw new InvalidInputError("an output is asked for twice");
    return names.map((name) => {
      const at = outputs.findIndex((output) => output.name === name);
      if (at >= 0) return at;
      throw new InvalidInputError(
        `the model has no output ${JSON.stringify(name.slice(0, 100))}; it gives ${shownNames(outputs.map((output) => output.name))}`,
      );
    });
  }

  #noRows(): readonly InferenceTensor[] {
    return this.plan.outputs.map(({ name, datatype, shape }) => ({
      name,
      datatype,
      shape: [0, ...shape.map((size) => Math.max(size, 0))],
      data: [],
    }));
  }

  /** Takes no more requests; closes the engine when those that run have their answers. */
  retire(): void {
    if (this.#isRetired) return;
    this.#isRetired = true;
    if (this.#running === 0) void this.#close();
  }

  async #close(): Promise<void> {
    try {
      await this.engine.close();
    } catch (error) {
      this.#onError(error);
    }
  }

  #told(error: unknown): ServingError {
    if (error instanceof ServingError) return error;
    if (error instanceof InvalidInputError)
      return new ServingError("invalid", error.message, { cause: error });
    this.#onError(error);
    return new ServingError("internal", "the model failed", { cause: error });
  }
}

/** What an engine goes by for a request, and what it said of it. */
class AskedLimits implements CallLimits {
  readonly deadline: number;
  readonly priority: number;
  readonly parameters: Parameters | undefined;
  computeTime: number | undefined;
  readonly #context: CallLimits;

  constructor(context: CallLimits, { parameters }: InferenceRequest) {
    this.deadline = context.deadline;
    this.priority = context.priority;
    this.parameters = parameters;
    this.#context = context;
  }

  /** Made where it is asked for, which costs more than many a model. */
  get signal(): AbortSignal | undefined {
    return this.#context.signal;
  }

  computed(milliseconds: number): void {
    this.computeTime ??= milliseconds;
  }
}
