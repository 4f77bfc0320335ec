/** @file A folder of a transformers.js model as a model that can be asked. */
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { ModelPackageError } from "../../package/errors.ts";
import { BatchingEngine } from "../batching/batching-engine.ts";
import { readPipelineConfig } from "../engines/transformers/pipeline-config.ts";
import { PipelineEngine } from "../engines/transformers/pipeline-engine.ts";
import { pipelineFile } from "../engines/transformers/pipeline-file.ts";
import { pipelineSignature } from "../engines/transformers/pipeline-signature.ts";
import { findTransformers } from "../engines/transformers/transformers-library.ts";
import { planModel } from "../plan/model-plan.ts";
import type { LoadOptions, ModelSource } from "./load-package.ts";
import { ServedModel, type OnError } from "./served-model.ts";

/**
 * Loads a folder with a file `transformers.json`.
 * @throws {@link ModelPackageError} that names the file or the folder: for settings that are none, a model outside of it, a package that
 * isn't installed, files that make no pipeline, and where signatures are asked for, which such folders don't have
 */
export async function loadPipeline(
  { name, version, directory }: ModelSource,
  onError: OnError,
  { instances = 1, threads = 1, batching, read, verified = [] }: LoadOptions,
): Promise<ServedModel> {
  // The library reads its files by itself, so they can't be held against what was verified.
  if (read?.verify || verified.length > 0)
    throw new ModelPackageError(
      directory,
      `a model of ${pipelineFile} has no signature, and only signed models are served`,
    );
  const source = await readPipelineConfig(directory);
  const data = {
    ...source,
    library: findTransformers(directory),
    cache: join(directory, ".downloaded"),
    threads,
  };
  const engine = await start(directory, data, instances);
  const plan = planModel(pipelineSignature(source.config, engine.width));
  // A generation goes by its caller's parameters, so it has no others beside it.
  const asked =
    source.config.task === "text-generation" ? engine : new BatchingEngine(engine, batching, instances);
  return new ServedModel(name, version, plan, asked, onError);
}

async function start(
  directory: string,
  data: Parameters<typeof PipelineEngine.start>[0],
  instances: number,
): Promise<PipelineEngine> {
  try {
    return await PipelineEngine.start(data, instances, await bytesOfWeights(data.model));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ModelPackageError(directory, `transformers.js can't load the model: ${reason}`, { cause });
  }
}

/** The size of the largest file of weights: about what a thread holds. */
async function bytesOfWeights(model: string): Promise<number> {
  const folder = join(model, "onnx");
  const names = await readdir(folder).catch(() => []);
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(folder, name))).size));
  return Math.max(0, ...sizes);
}
