/** @file A package directory as a model that can be asked. The graph and its runtime are only loaded where they are needed. */
import { decodeOnnx } from "../../graph/onnx/decode.ts";
import { checkDecodedGraph } from "../../package/check-graph.ts";
import { limits, readBytes, readDescription, readPart } from "../../package/read-parts.ts";
import { parseRecorded } from "../../package/recorded-rows.ts";
import { parseSignature } from "../../package/signature.ts";
import { planModel } from "../plan/model-plan.ts";
import { compilePipeline, engineOfGraph, type EngineOptions } from "./choose-engine.ts";
import { ServedModel, type OnError } from "./served-model.ts";

/** A version of a model to be loaded. */
export interface ModelSource {
  readonly name: string;
  readonly version: string;
  readonly directory: string;
  /** Names under which the version can be asked too. */
  readonly aliases?: readonly string[];
}

/**
 * Loads a package.
 * @throws {@link ModelPackageError} that names the file, where one is missing, damaged, or doesn't go with the others
 */
export async function loadPackage(
  { name, version, directory }: ModelSource,
  onError: OnError,
  options: EngineOptions = {},
): Promise<ServedModel> {
  const { flavors } = await readDescription(directory);
  const { tenon, onnx } = flavors;
  const json = async <T>(file: string, parse: (json: unknown) => T): Promise<T> =>
    await readPart(directory, file, limits.part, (text) => parse(JSON.parse(text)));
  const signature = await json(tenon.signature, parseSignature);
  const plan = planModel(signature);
  const recorded =
    tenon.replay === undefined
      ? undefined
      : await json(tenon.replay, (found) => parseRecorded(found, signature));
  const compiled =
    tenon.pipeline === undefined
      ? undefined
      : await json(tenon.pipeline, (found) => compilePipeline(plan, found, recorded));
  const engine =
    compiled ??
    (await readBytes(directory, onnx.data, limits.model, async (bytes) => {
      const { graph } = decodeOnnx(bytes);
      checkDecodedGraph(graph, signature);
      return await engineOfGraph(plan, graph, bytes, recorded, options);
    }));
  return new ServedModel(name, version, plan, engine, onError);
}
