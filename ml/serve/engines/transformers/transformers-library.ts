/** @file `@huggingface/transformers`, an optional package: what is used of it, and what its pipelines give. */
import { pathToFileURL } from "node:url";
import * as v from "valibot";
import { findPackage } from "../../../find-package.ts";
import { ModelPackageError } from "../../../package/errors.ts";

const packageName = "@huggingface/transformers";

/** What is used of a tokenizer. */
export interface Tokenizer {
  readonly add_bos_token?: boolean;
  readonly add_eos_token?: boolean;
  encode(text: string, options: { readonly add_special_tokens: boolean }): readonly number[];
}

/** A pipeline of the library: a function of texts and options, with its tokenizer. */
export interface TransformersPipeline {
  (...values: readonly unknown[]): Promise<unknown>;
  readonly tokenizer: Tokenizer;
}

/** What is used of the library. */
export interface TransformersLibrary {
  readonly env: {
    allowRemoteModels: boolean;
    allowLocalModels: boolean;
    useFSCache: boolean;
    cacheDir: string;
  };
  readonly pipeline: (task: string, model: string, options: object) => Promise<TransformersPipeline>;
  readonly TextStreamer: new (tokenizer: Tokenizer, options: object) => object;
  readonly InterruptableStoppingCriteria: new () => { interrupt(): void };
}

/**
 * The file where the library begins.
 * @throws {@link ModelPackageError} with the command that installs it, where it isn't installed
 */
export function findTransformers(directory: string): string {
  const path = findPackage(packageName);
  if (path !== undefined) return path;
  throw new ModelPackageError(
    directory,
    `a transformers.js model needs the package ${packageName}: npm install ${packageName}@4`,
  );
}

/** Loads the library of a file. @throws {@link Error} where it is something else */
export async function loadTransformers(path: string): Promise<TransformersLibrary> {
  const module: unknown = await import(pathToFileURL(path).href);
  const loaded: unknown = Reflect.get(Object(module), "default") ?? module;
  if (!isTransformers(loaded)) throw new Error(`${path} is not ${packageName} 4`);
  return loaded;
}

function isTransformers(loaded: unknown): loaded is TransformersLibrary {
  return (
    typeof loaded === "object" &&
    loaded !== null &&
    "env" in loaded &&
    ["pipeline", "TextStreamer", "InterruptableStoppingCriteria"].every(
      (name) => typeof Reflect.get(loaded, name) === "function",
    )
  );
}

const label = v.object({ label: v.string(), score: v.number() });

/** What pipelines give for a list of texts, by task. */
export const pipelineResults = {
  "text-classification": v.array(
    v.union([
      v.array(label),
      v.pipe(
        label,
        v.transform((one) => [one]),
      ),
    ]),
  ),
  "token-classification": v.array(v.array(v.record(v.string(), v.union([v.string(), v.number()])))),
  "feature-extraction": v.object({ dims: v.array(v.number()), data: v.instance(Float32Array) }),
  "zero-shot-classification": v.array(v.object({ labels: v.array(v.string()), scores: v.array(v.number()) })),
  "text-generation": v.array(v.tuple([v.object({ generated_text: v.string() })])),
} as const;
