/**
 * @file `transformers.json`: the file that makes a folder of a transformers.js model (`config.json`, `tokenizer.json`, `onnx/`) one
 * that is served, by the task that it names.
 */
import { readFile, realpath } from "node:fs/promises";
import { isAbsolute, join, sep } from "node:path";
import * as v from "valibot";
import { ModelPackageError } from "../../../package/errors.ts";
import { pipelineFile } from "./pipeline-file.ts";

const text = v.pipe(v.string(), v.nonEmpty());
const count = v.pipe(v.number(), v.integer(), v.minValue(1));
const common = {
  /** The folder of the model's files in the folder of this one; with `allowRemoteModels`, a name on the Hugging Face Hub. */
  model: v.optional(text, "."),
  /** Which of the weights: `onnx/model.onnx` is fp32, `onnx/model_quantized.onnx` q8. */
  dtype: v.optional(v.picklist(["fp32", "fp16", "q8", "int8", "uint8", "q4", "q4f16", "bnb4"]), "fp32"),
  /** Whether files that aren't here may be downloaded. */
  allowRemoteModels: v.optional(v.boolean(), false),
};

/** What `transformers.json` holds. */
const pipelineSchema = v.variant("task", [
  v.strictObject({
    task: v.literal("text-classification"),
    ...common,
    /** How many labels a text is given, the likeliest first. */
    topK: v.optional(count, 1),
  }),
  v.strictObject({
    task: v.literal("token-classification"),
    ...common,
    /** Whether tokens of one entity are put together. */
    aggregation: v.optional(v.picklist(["none", "simple"]), "none"),
  }),
  v.strictObject({
    task: v.literal("feature-extraction"),
    ...common,
    /** What becomes of the tokens' vectors. */
    pooling: v.optional(v.picklist(["mean", "cls", "last_token"]), "mean"),
    /** Whether vectors have the length 1. */
    normalize: v.optional(v.boolean(), false),
  }),
  v.strictObject({
    task: v.literal("zero-shot-classification"),
    ...common,
    labels: v.pipe(
      v.array(text),
      v.minLength(1),
      v.check((labels) => new Set(labels).size === labels.length, "a label is there twice"),
    ),
    /** The hypothesis of a label, which stands in the place of {}. */
    hypothesisTemplate: v.optional(v.pipe(v.string(), v.includes("{}")), "This example is {}."),
    /** Whether each label is judged for itself; else the scores add up to 1. */
    multiLabel: v.optional(v.boolean(), false),
  }),
  v.strictObject({
    task: v.literal("text-generation"),
    ...common,
    /** The most tokens of an answer; callers may ask for fewer. */
    maxNewTokens: v.optional(count, 256),
  }),
]);

/** How a pipeline is served. */
export type PipelineConfig = v.InferOutput<typeof pipelineSchema>;

/** A pipeline's settings, and where its files are. */
export interface PipelineSource {
  readonly config: PipelineConfig;
  /** The folder of the model's files, or its name on the Hub. */
  readonly model: string;
}

/**
 * Reads `transformers.json` of a model directory.
 * @throws {@link ModelPackageError} that names the file, where it is no JSON, says what it mustn't, or leads out of the directory
 */
export async function readPipelineConfig(directory: string): Promise<PipelineSource> {
  const path = join(directory, pipelineFile);
  const config = parseConfig(path, await readFile(path, "utf8"));
  return { config, model: await placeOf(path, directory, config) };
}

function parseConfig(path: string, json: string): PipelineConfig {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (cause) {
    throw new ModelPackageError(path, "is no JSON", { cause });
  }
  const found = v.safeParse(pipelineSchema, value);
  if (found.success) return found.output;
  const [issue] = found.issues;
  const at = v.getDotPath(issue);
  throw new ModelPackageError(path, `${at === null ? "" : `${at}: `}${issue.message}`);
}

async function placeOf(
  path: string,
  directory: string,
  { model, allowRemoteModels }: PipelineConfig,
): Promise<string> {
  const outside = new ModelPackageError(path, `the model "${model}" is not inside the model's directory`);
  if (isAbsolute(model) || model.split(/[/\\]/).includes("..")) throw outside;
  const root = await realpath(directory);
  try {
    const place = await realpath(join(root, model));
    if (place !== root && !place.startsWith(root + sep)) throw outside;
    return place;
  } catch (cause) {
    if (cause === outside) throw outside;
    if (allowRemoteModels) return model;
    throw new ModelPackageError(path, `there is no folder "${model}" in the model's directory`, { cause });
  }
}
