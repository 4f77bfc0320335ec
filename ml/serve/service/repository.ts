/**
 * @file Keeps the served models as their sources have them: loads what is new, serves it when it is warm, and lets the version
 * before go when its last request has its answer. A version that can't be loaded changes nothing; it is tried again when its
 * files change.
 */
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { pipelineFile } from "../engines/transformers/pipeline-file.ts";
import { descriptionOf, findModels } from "./find-models.ts";
import { loadPackage, type LoadOptions, type ModelSource } from "./load-package.ts";
import type { ModelService } from "./model-service.ts";
import { isRegistered, RegisteredModels } from "./registered-models.ts";
import type { OnError, ServedModel } from "./served-model.ts";

/** Where models come from. */
export interface RepositoryOptions extends LoadOptions {
  /** Packages, folders of them, folders of a package for each version, or `models:/NAME@ALIAS`, `models:/NAME/VERSION`, `models:/NAME`. */
  readonly models: string | readonly string[];
  /** The folder of the store that `models:/` names are looked up in; `mlruns.tenon` where absent. */
  readonly registry?: string;
  /** How many milliseconds lie between two looks for new versions; 0 for none. 2000 where absent. */
  readonly reloadInterval?: number;
}

/** What was served of a source. */
interface Kept {
  readonly source: ModelSource;
  /** Changes when the package does. */
  readonly stamp: string;
  readonly isServed: boolean;
}

/** The sources of a service's models. */
export class Repository {
  readonly #options: RepositoryOptions;
  readonly #service: ModelService;
  readonly #onError: OnError;
  readonly #registered: RegisteredModels | undefined;
  #kept = new Map<string, Kept>();
  #timer: NodeJS.Timeout | undefined;
  #refreshing: Promise<void> | undefined;

  constructor(options: RepositoryOptions, service: ModelService, onError: OnError) {
    this.#options = options;
    this.#service = service;
    this.#onError = onError;
    const { models } = options;
    const paths = typeof models === "string" ? [models] : models;
    if (paths.some(isRegistered)) this.#registered = new RegisteredModels(options.registry ?? "mlruns.tenon");
  }

  /**
   * Loads all models, and looks for changes from then on.
   * @throws {@link InvalidInputError} where there is none, {@link ModelPackageError} where one can't be loaded
   */
  async open(): Promise<void> {
    for (const source of await this.#list()) {
      const stamp = await stampOf(source.directory);
      this.#put(source, await this.#load(source));
      this.#kept.set(keyOf(source), { source, stamp, isServed: true });
    }
    const { reloadInterval = 2000 } = this.#options;
    if (reloadInterval > 0) {
      this.#timer = setInterval(() => void this.refresh(), reloadInterval);
      this.#timer.unref();
    }
  }

  /** Looks for changes now; errors are told to `onError`. */
  async refresh(): Promise<void> {
    await (this.#refreshing ??= this.#refresh());
  }

  async #refresh(): Promise<void> {
    try {
      const sources = await this.#list();
      const kept = new Map<string, Kept>();
      for (const source of sources) kept.set(keyOf(source), await this.#renew(source));
      // New ones are there before old ones go: a model is never without a version in between.
      for (const [key, { source }] of this.#kept)
        if (!kept.has(key)) this.#service.remove(source.name, source.version);
      this.#kept = kept;
    } catch (error) {
      this.#onError(error);
    } finally {
      this.#refreshing = undefined;
    }
  }

  async #renew(source: ModelSource): Promise<Kept> {
    const before = this.#kept.get(keyOf(source));
    const stamp = await stampOf(source.directory);
    if (before?.stamp === stamp) {
      const { aliases = [], isCurrent = false } = source;
      if (String(before.source.aliases) !== String(aliases) || before.source.isCurrent !== isCurrent)
        this.#service.point(source.name, source.version, aliases, isCurrent);
      return { source, stamp, isServed: before.isServed };
    }
    try {
      this.#put(source, await this.#load(source));
      return { source, stamp, isServed: true };
    } catch (error) {
      this.#onError(error);
      return { source, stamp, isServed: before?.isServed ?? false };
    }
  }

  #put(source: ModelSource, model: ServedModel): void {
    const { aliases = [], isCurrent } = source;
    this.#service.put(model, {
      aliases,
      ...(isCurrent !== undefined && { isCurrent }),
      load: async () => await this.#load(source),
    });
  }

  async #load(source: ModelSource): Promise<ServedModel> {
    if (descriptionOf(source.directory) !== pipelineFile)
      return await loadPackage(source, this.#onError, this.#options);
    const { loadPipeline } = await import("./load-pipeline.ts");
    return await loadPipeline(source, this.#onError, this.#options);
  }

  async #list(): Promise<readonly ModelSource[]> {
    const { models } = this.#options;
    const found: ModelSource[] = [];
    for (const path of typeof models === "string" ? [models] : models) {
      if (!this.#registered || !isRegistered(path)) {
        found.push(...findModels(path));
        continue;
      }
      const source = await this.#registered.find(path);
      const same = found.find((other) => keyOf(other) === keyOf(source));
      // Of several names of one model the first one answers where no version is named.
      const isCurrent = !found.some(({ name }) => name === source.name);
      if (!same) found.push({ ...source, isCurrent });
      else found[found.indexOf(same)] = { ...same, aliases: [...(same.aliases ?? []), ...source.aliases] };
    }
    return found;
  }

  /** Looks for no more changes. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#refreshing;
    await this.#registered?.close();
  }
}

function keyOf({ name, version }: ModelSource): string {
  return JSON.stringify([name, version]);
}

/** Of a model's description, which is written last: when and as what file it came. */
async function stampOf(directory: string): Promise<string> {
  const { mtimeMs, ino, size } = await stat(join(directory, descriptionOf(directory) ?? "MLmodel"));
  return `${directory} ${mtimeMs} ${ino} ${size}`;
}
