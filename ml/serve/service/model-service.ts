/** @file The models that are served, by name and version. */
import {
  ServingError,
  type CallContext,
  type InferenceRequest,
  type InferenceResponse,
  type InferenceService,
  type ModelMetadata,
} from "../inference.ts";
import { tensorMetadata } from "../plan/model-plan.ts";
import type { ServedModel } from "./served-model.ts";

/** The versions of a model. */
interface Versions {
  readonly loaded: Map<string, ServedModel>;
  /** What is asked where no version is named. */
  current: ServedModel;
  readonly aliases: Map<string, string>;
}

/** The models of a server. A change of models is whole at once: a request sees the old ones or the new ones. */
export class ModelService implements InferenceService {
  readonly #models = new Map<string, Versions>();
  #isReady = false;
  #isLive = true;
  #generation = 0;

  /** Changes with every change of the models. */
  get generation(): number {
    return this.#generation;
  }

  readonly infer = (
    request: InferenceRequest,
    context: CallContext,
  ): InferenceResponse | Promise<InferenceResponse> =>
    this.find(request.model, request.version).answer(request, context);

  isLive(): boolean {
    return this.#isLive;
  }

  isReady(): boolean {
    return this.#isReady;
  }

  isModelReady(model: string, version: string | undefined): boolean {
    return this.#isReady && this.#lookUp(model, version) !== undefined;
  }

  modelNames(): readonly string[] {
    return [...this.#models.keys()];
  }

  /** A model's versions, ascending. @throws {@link ServingError} of kind `not-found` */
  versionsOf(model: string): readonly string[] {
    const versions = this.#models.get(model);
    if (!versions) throw this.#notFound(model, undefined);
    return [...versions.loaded.keys()].sort(compareVersions);
  }

  metadata(model: string, version: string | undefined): ModelMetadata {
    const { name, plan, engine } = this.find(model, version);
    return {
      name,
      versions: version === undefined ? this.versionsOf(model) : [this.find(model, version).version],
      platform: engine.platform,
      inputs: tensorMetadata(plan.inputs),
      outputs: tensorMetadata(plan.outputs),
    };
  }

  /** The version that answers. @throws {@link ServingError} of kind `not-found` */
  find(model: string, version: string | undefined): ServedModel {
    const found = this.#lookUp(model, version);
    if (found) return found;
    throw this.#notFound(model, version);
  }

  /** The model of protocols that name none. @throws {@link ServingError} where there is none, or there are several */
  only(): ServedModel {
    const [model, another] = this.#models.values();
    if (model && !another) return model.current;
    if (!model) throw new ServingError("unavailable", "there is no model");
    throw new ServingError(
      "not-found",
      `this path is for servers of one model, and there are ${this.#models.size}: ask one by its name, at /v2/models/NAME/infer`,
    );
  }

  /** Whether a version is there. */
  has(model: string, version: string | undefined): boolean {
    return this.#lookUp(model, version) !== undefined;
  }

  #lookUp(model: string, version: string | undefined): ServedModel | undefined {
    const versions = this.#models.get(model);
    if (versions === undefined || version === undefined) return versions?.current;
    return versions.loaded.get(version) ?? versions.loaded.get(versions.aliases.get(version) ?? "");
  }

  #notFound(model: string, version: string | undefined): ServingError {
    const name = JSON.stringify(model.slice(0, 100));
    if (version === undefined || !this.#models.has(model))
      return new ServingError("not-found", `there is no model ${name}`);
    return new ServingError(
      "not-found",
      `the model ${name} has no version ${JSON.stringify(version.slice(0, 100))}`,
    );
  }

  /** Serves a version; one that was there under its name is retired. It is current where `isCurrent` says so, else the highest is. */
  put(model: ServedModel, aliases: readonly string[] = [], isCurrent?: boolean): void {
    this.#generation += 1;
    const versions = this.#models.get(model.name);
    if (!versions) {
      this.#models.set(model.name, {
        loaded: new Map([[model.version, model]]),
        current: model,
        aliases: new Map(aliases.map((alias) => [alias, model.version])),
      });
      return;
    }
    const old = versions.loaded.get(model.version);
    versions.loaded.set(model.version, model);
    for (const alias of aliases) versions.aliases.set(alias, model.version);
    if (
      isCurrent ??
      (versions.current === old || compareVersions(model.version, versions.current.version) > 0)
    )
      versions.current = model;
    old?.retire();
  }

  /** Serves a version no more. */
  remove(name: string, version: string): void {
    const versions = this.#models.get(name);
    const old = versions?.loaded.get(version);
    if (!versions || !old) return;
    this.#generation += 1;
    versions.loaded.delete(version);
    for (const [alias, of] of versions.aliases) if (of === version) versions.aliases.delete(alias);
    const [highest] = [...versions.loaded.values()].sort((a, b) => compareVersions(b.version, a.version));
    if (!highest) this.#models.delete(name);
    else if (versions.current === old) versions.current = highest;
    old.retire();
  }

  /** All models that should be loaded are. */
  markReady(): void {
    this.#isReady = true;
  }

  /** No new requests are wanted: readiness says so. */
  beginDrain(): void {
    this.#isReady = false;
  }

  /** Retires all models. */
  close(): void {
    this.#isReady = false;
    this.#isLive = false;
    this.#generation += 1;
    for (const { loaded } of this.#models.values()) for (const model of loaded.values()) model.retire();
    this.#models.clear();
  }
}

/** Orders versions: by number where both are numbers, else by text. */
export function compareVersions(a: string, b: string): number {
  const [x, y] = [Number(a), Number(b)];
  if (Number.isInteger(x) && Number.isInteger(y)) return x - y;
  return a < b ? -1 : Number(a > b);
}
