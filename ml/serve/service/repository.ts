/**
 * @file Keeps the served models as their sources have them: loads what is new, serves it when it is warm, and lets the version
 * before go when its last request has its answer. A version that can't be loaded changes nothing; it is tried again when its
 * files change. What a policy demands to be signed is verified before anything of it is read.
 */
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { type LoadedPolicy, loadPolicy } from "../../registry/governance/policy-file.ts";
import { loadingDemands } from "../../registry/governance/policy.ts";
import { pipelineFile } from "../engines/transformers/pipeline-file.ts";
import { descriptionOf, findModels } from "./find-models.ts";
import { loadPackage, type LoadOptions, type ModelSource } from "./load-package.ts";
import type { ModelService } from "./model-service.ts";
import { isRegistered, RegisteredModels } from "./registered-models.ts";
import type { OnError, ServedModel } from "./served-model.ts";

/** The store's folder where none is given. */
const defaultRegistry = "mlruns.tenon";

/** Where models come from. */
export interface RepositoryOptions extends Omit<LoadOptions, "verified"> {
  /** Packages, folders of them, folders of a package for each version, or `models:/NAME@ALIAS`, `models:/NAME/VERSION`, `models:/NAME`. */
  readonly models: string | readonly string[];
  /** The folder of the store that `models:/` names are looked up in; `mlruns.tenon` where absent. */
  readonly registry?: string;
  /**
   * The file of the policy that says who must have signed which models; `tenon.policy.json` in the registry's folder or beside it,
   * where there is one, if not given.
   */
  readonly policy?: string;
  /** How many milliseconds lie between two looks for new versions; 0 for none. 2000 where absent. */
  readonly reloadInterval?: number;
}

/** What was served of a source. */
interface Kept {
  readonly source: ModelSource;
  /** Changes when the package does, and what the policy demands of it. */
  readonly stamp: string;
  readonly isServed: boolean;
  /** Whether it couldn't be loaded as it is now: then what is served of it is what was there before. */
  readonly hasFailed: boolean;
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
    if (paths.some(isRegistered))
      this.#registered = new RegisteredModels(options.registry ?? defaultRegistry);
  }

  /**
   * Loads all models, and looks for changes from then on.
   * @throws {@link InvalidInputError} where there is none, or the policy can't be read; {@link ModelPackageError} where one can't be
   * loaded, {@link SignatureError} where one isn't signed as it must be
   */
  async open(): Promise<void> {
    const policy = await this.#policy();
    for (const source of await this.#list()) {
      const stamp = await stampOf(source, policy);
      this.#put(source, await this.#load(source));
      this.#kept.set(keyOf(source), { source, stamp, isServed: true, hasFailed: false });
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
      const policy = await this.#policy();
      const sources = await this.#list();
      const kept = new Map<string, Kept>();
      for (const source of sources) kept.set(keyOf(source), await this.#renew(source, policy));
      // New ones are there before old ones go: a model is never without a version in between.
      const renewed = [...kept.values()];
      for (const [key, old] of this.#kept) {
        if (kept.has(key)) continue;
        if (old.isServed && isNeeded(old.source, renewed)) kept.set(key, old);
        else this.#service.remove(old.source.name, old.source.version);
      }
      this.#kept = kept;
    } catch (error) {
      this.#onError(error);
    } finally {
      this.#refreshing = undefined;
    }
  }

  async #renew(source: ModelSource, policy: LoadedPolicy | undefined): Promise<Kept> {
    const before = this.#kept.get(keyOf(source));
    const stamp = await stampOf(source, policy);
    if (before?.stamp === stamp) {
      const { aliases = [], isCurrent = false } = source;
      if (String(before.source.aliases) !== String(aliases) || before.source.isCurrent !== isCurrent)
        this.#service.point(source.name, source.version, aliases, isCurrent);
      return { ...before, source };
    }
    try {
      this.#put(source, await this.#load(source));
      return { source, stamp, isServed: true, hasFailed: false };
    } catch (error) {
      this.#onError(error);
      return { source, stamp, isServed: before?.isServed ?? false, hasFailed: true };
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
    const policy = await this.#policy();
    let verified: LoadOptions["verified"] = [];
    if (policy) {
      const { verifyForLoading } = await import("../../registry/governance/loading.ts");
      const { name, version, directory, registeredAliases } = source;
      const shown = registeredAliases ? `models:/${name}/${version}` : directory;
      const model = { shown, name, ...(registeredAliases && { aliases: registeredAliases }) };
      verified = await verifyForLoading(policy, model, directory);
    }
    const options = { ...this.#options, verified };
    if (descriptionOf(source.directory) !== pipelineFile)
      return await loadPackage(source, this.#onError, options);
    const { loadPipeline } = await import("./load-pipeline.ts");
    return await loadPipeline(source, this.#onError, options);
  }

  async #policy(): Promise<LoadedPolicy | undefined> {
    const { registry = defaultRegistry, policy } = this.#options;
    return await loadPolicy(registry, policy);
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

/**
 * Of a model's description, which is written last, and its signature, which may come later: when and as what files they came;
 * and what the policy demands.
 */
async function stampOf(
  { directory, name, registeredAliases = [] }: ModelSource,
  policy: LoadedPolicy | undefined,
): Promise<string> {
  const { mtimeMs, ino, size } = await stat(join(directory, descriptionOf(directory) ?? "MLmodel"));
  const signature = await stat(join(directory, "model.sig")).catch(() => undefined);
  const signed = signature ? `${signature.mtimeMs} ${signature.ino} ${signature.size}` : "";
  const demands = policy ? loadingDemands(policy.policy, name, registeredAliases) : [];
  return `${directory} ${mtimeMs} ${ino} ${size} ${signed} ${JSON.stringify(demands)}`;
}

/** Whether a version that is gone must go on being served, because what takes its place can't be loaded. */
function isNeeded({ name, aliases = [] }: ModelSource, kept: readonly Kept[]): boolean {
  const others = kept.filter(({ source }) => source.name === name);
  const failed = others.filter(({ hasFailed }) => hasFailed);
  const takes = failed.some(({ source }) => source.aliases?.some((alias) => aliases.includes(alias)));
  return takes || (failed.length > 0 && !others.some(({ isServed }) => isServed));
}
