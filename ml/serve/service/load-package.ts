/** @file A package directory as a model that can be asked. */
import { checkGraph } from "../../package/check-graph.ts";
import { limits, readBytes, readDescription, readPart } from "../../package/read-parts.ts";
import { parseSignature } from "../../package/signature.ts";
import { OnnxEngine } from "../engines/onnx-engine.ts";
import { planModel } from "../plan/model-plan.ts";
import { ServedModel, type OnError } from "./served-model.ts";

/** A version of a model to be loaded. */
export interface ModelSource {
  readonly name: string;
  readonly version: string;
  readonly directory: string;
}

/**
 * Loads a package.
 * @throws {@link ModelPackageError} that names the file, where one is missing, damaged, or doesn't go with the others
 */
export async function loadPackage(
  { name, version, directory }: ModelSource,
  onError: OnError,
): Promise<ServedModel> {
  const { flavors } = await readDescription(directory);
  const signature = await readPart(directory, flavors.tenon.signature, limits.part, (text) =>
    parseSignature(JSON.parse(text)),
  );
  const plan = planModel(signature);
  const engine = await readBytes(directory, flavors.onnx.data, limits.model, async (bytes) => {
    checkGraph(bytes, signature);
    return await OnnxEngine.load(plan, bytes);
  });
  return new ServedModel(name, version, plan, engine, onError);
}
