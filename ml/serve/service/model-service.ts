/** @file The models that are served, by name and version. */
import type { ExecutionCounts } from "../engines/engine.ts";
import {
  ServingError,
  type CallContext,
  type InferenceRequest,
  type InferenceResponse,
  type InferenceService,
  type ModelMetadata,
} from "../inference.ts";
import { tensorMetadata, type ModelPlan } from "../plan/model-plan.ts";
import type { ServedModel } from "./served-model.ts";

/** A version that is served: loaded, or loaded again when it is asked. */
interface Slot {
  readonly version: string;
  readonly plan: ModelPlan;
  readonly platform: string;
  readonly bytes: number;
  model: ServedModel | undefined;
  /** Loads it again; absent where it always stays. */
  readonly load: (() => Promise<ServedModel>) | undefined;
  loading: Promise<void> | undefined;
  /** Counts up with each use of any version. */
  lastUse: number;
}

/** The versions of a model. */
interface Versions {
  readonly slots: Map<string, Slot>;
  /** What is asked where no version is named. */
  current: Slot;
  readonly aliases: Map<string, string>;
}

/** How a version is served. */
export interface PutOptions {
  /** Names under which it can be asked too. */
  readonly aliases?: readonly string[];
  /** Whether it answers where no version is named; where absent, the highest version does. */
  readonly isCurrent?: boolean;
  /** Loads it again, so that it may be let go of while others need its memory. */
  readonly load?: () => Promise<ServedModel>;
}

/** The models of a server. A change of models is whole at once: a request sees the old ones or the new ones. */
export class ModelService implements InferenceService {
  readonly #models = new Map<string, Versions>();
  readonly #memoryLimit: number;
  #isReady = false;
  #isLive = true;
  #generation = 0;
  #uses = 0;

  /** @param memoryLimit how many bytes all loaded models may take, by and large */
  constructor(memoryLimit = Number.POSITIVE_INFINITY) {
    this.#memoryLimit = memoryLimit;
  }

  /** Changes with every change of the models. */
  get generation(): number {
    return this.#generation;
  }

  readonly infer = (
    request: InferenceRequest,
    context: CallContext,
  ): InferenceResponse | Promise<InferenceResponse> => {
    const loading = this.whenLoaded(request.model, request.version);
    return loading
      ? this.#inferLater(loading, request, context)
      : this.find(request.model, request.version).answer(request, context);
  };

  async #inferLater(
    loading: Promise<void>,
    request: InferenceRequest,
    context: CallContext,
  ): Promise<InferenceResponse> {
    await loading;
    return await this.find(request.model, request.version).answer(request, context);
  }

  isLive(): boolean {
    return this.#isLive;
  }

  isReady(): boolean {
    if (!this.#isReady) return false;
    for (const { slots } of this.#models.values())
      for (const slot of slots.values()) if (!isHealthy(slot)) return false;
    return true;
  }

  isModelReady(model: string, version: string | undefined): boolean {
    const slot = this.#lookUp(model, version);
    return this.#isReady && slot !== undefined && isHealthy(slot);
  }

  modelNames(): readonly string[] {
    return [...this.#models.keys()];
  }

  /** A model's versions, ascending. @throws {@link ServingError} of kind `not-found` */
  versionsOf(model: string): readonly string[] {
    const versions = this.#models.get(model);
    if (!versions) throw this.#notFound(model, undefined);
    return [...versions.slots.keys()].sort(compareVersions);
  }

  metadata(model: string, version: string | undefined): ModelMetadata {
    const slot = this.#slot(model, version);
    const { plan } = slot;
    // One whose device was lost may compute by the CPU since.
    const platform = slot.model?.engine.platform ?? slot.platform;
    return {
      name: model,
      versions: version === undefined ? this.versionsOf(model) : [slot.version],
      platform,
      inputs: tensorMetadata(plan.inputs),
      outputs: tensorMetadata(plan.outputs),
    };
  }

  /** What a version takes and gives. @throws {@link ServingError} of kind `not-found` */
  planOf(model: string, version: string | undefined): ModelPlan {
    return this.#slot(model, version).plan;
  }

  /** The version that answers. @throws {@link ServingError} of kind `not-found`, and `unavailable` while it isn't loaded */
  find(model: string, version: string | undefined): ServedModel {
    const slot = this.#slot(model, version);
    slot.lastUse = ++this.#uses;
    if (slot.model) return slot.model;
    throw new ServingError("unavailable", `the model ${shown(model)} is not loaded`, {
      retryAfter: 1,
      isBeforeModel: true,
    });
  }

  /** What a version's engine has done, without counting as a use; undefined where it isn't loaded or doesn't count. */
  executionsOf(model: string, version: string): Readonly<ExecutionCounts> | undefined {
    return this.#lookUp(model, version)?.model?.engine.counts;
  }

  /** Loads a version that was let go of; undefined where there is nothing to wait for. */
  whenLoaded(model: string, version: string | undefined): Promise<void> | undefined {
    const slot = this.#lookUp(model, version);
    if (!slot || slot.model || !slot.load) return undefined;
    return (slot.loading ??= this.#load(slot, slot.load));
  }

  async #load(slot: Slot, load: () => Promise<ServedModel>): Promise<void> {
    try {
      const model = await load();
      if (this.#models.get(model.name)?.slots.get(slot.version) !== slot) {
        // Another was put in its place while it was loaded: nobody will ask this one.
        model.retire();
        return;
      }
      slot.lastUse = ++this.#uses;
      slot.model = model;
      this.#keepWithinLimit(slot);
    } finally {
      slot.loading = undefined;
    }
  }

  /** The model of protocols that name none. @throws {@link ServingError} where there is none, or there are several */
  only(): string {
    const [name, another] = this.#models.keys();
    if (name !== undefined && another === undefined) return name;
    if (name === undefined) throw new ServingError("unavailable", "there is no model");
    throw new ServingError(
      "not-found",
      `this path is for servers of one model, and there are ${this.#models.size}: ask one by its name, at /v2/models/NAME/infer`,
    );
  }

  /** Whether a version is there. */
  has(model: string, version: string | undefined): boolean {
    return this.#lookUp(model, version) !== undefined;
  }

  #lookUp(model: string, version: string | undefined): Slot | undefined {
    const versions = this.#models.get(model);
    if (versions === undefined || version === undefined) return versions?.current;
    return versions.slots.get(version) ?? versions.slots.get(versions.aliases.get(version) ?? "");
  }

  #slot(model: string, version: string | undefined): Slot {
    const slot = this.#lookUp(model, version);
    if (slot) return slot;
    throw this.#notFound(model, version);
  }

  #notFound(model: string, version: string | undefined): ServingError {
    if (version === undefined || !this.#models.has(model))
      return new ServingError("not-found", `there is no model ${shown(model)}`);
    return new ServingError("not-found", `the model ${shown(model)} has no version ${shown(version)}`);
  }

  /** Serves a version; one that was there under its name is retired. */
  put(model: ServedModel, { aliases = [], isCurrent, load }: PutOptions = {}): void {
    this.#generation += 1;
    const slot: Slot = {
      version: model.version,
      plan: model.plan,
      platform: model.engine.platform,
      bytes: model.engine.bytes,
      model,
      load,
      loading: undefined,
      lastUse: ++this.#uses,
    };
    let versions = this.#models.get(model.name);
    if (!versions)
      this.#models.set(model.name, (versions = { slots: new Map(), current: slot, aliases: new Map() }));
    const old = versions.slots.get(model.version);
    versions.slots.set(model.version, slot);
    for (const alias of aliases) versions.aliases.set(alias, model.version);
    const isHighest = compareVersions(model.version, versions.current.version) > 0;
    if (isCurrent ?? (versions.current === old || isHighest)) versions.current = slot;
    old?.model?.retire();
    this.#keepWithinLimit(slot);
  }

  /** Makes a version the one that answers where none is named, and points aliases to it. */
  point(name: string, version: string, aliases: readonly string[], isCurrent: boolean): void {
    const versions = this.#models.get(name);
    const slot = versions?.slots.get(version);
    if (!versions || !slot) return;
    this.#generation += 1;
    for (const alias of aliases) versions.aliases.set(alias, version);
    if (isCurrent) versions.current = slot;
  }

  /** Serves a version no more. */
  remove(name: string, version: string): void {
    const versions = this.#models.get(name);
    const old = versions?.slots.get(version);
    if (!versions || !old) return;
    this.#generation += 1;
    versions.slots.delete(version);
    for (const [alias, of] of versions.aliases) if (of === version) versions.aliases.delete(alias);
    const [highest] = [...versions.slots.values()].sort((a, b) => compareVersions(b.version, a.version));
    if (!highest) this.#models.delete(name);
    else if (versions.current === old) versions.current = highest;
    old.model?.retire();
  }

  /** Lets go of the versions that were used least lately, but for one, until the rest is within the limit. */
  #keepWithinLimit(kept: Slot): void {
    if (this.#memoryLimit === Number.POSITIVE_INFINITY) return;
    const loaded = [...this.#models.values()].flatMap(({ slots }) =>
      [...slots.values()].filter(({ model }) => model !== undefined),
    );
    let bytes = loaded.reduce((sum, slot) => sum + slot.bytes, 0);
    for (const slot of loaded.sort((a, b) => a.lastUse - b.lastUse)) {
      if (bytes <= this.#memoryLimit) return;
      if (slot === kept || !slot.load) continue;
      slot.model?.retire();
      slot.model = undefined;
      bytes -= slot.bytes;
    }
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
    for (const { slots } of this.#models.values()) for (const { model } of slots.values()) model?.retire();
    this.#models.clear();
  }
}

/** One that was let go of is loaded when it is asked. */
function isHealthy({ model }: Slot): boolean {
  return model?.engine.isHealthy ?? true;
}

function shown(name: string): string {
  return JSON.stringify(name.slice(0, 100));
}

/** Orders versions: by number where both are numbers, else by text. */
export function compareVersions(a: string, b: string): number {
  const [x, y] = [Number(a), Number(b)];
  if (Number.isInteger(x) && Number.isInteger(y)) return x - y;
  return a < b ? -1 : Number(a > b);
}
