/**
 * @file A package directory as a model that can be asked: by functions made of its pipeline where these give what was recorded
 * with it, else by its graph. The graph and its runtime are only loaded where they are needed.
 */
import { decodeOnnx } from "../../graph/onnx/decode.ts";
import { checkDecodedGraph } from "../../package/check-graph.ts";
import { limits, readBytes, readDescription, readPart } from "../../package/read-parts.ts";
import { compareRecorded, parseRecorded, type RecordedRows } from "../../package/recorded-rows.ts";
import type { OutputArray } from "../../package/row-feeds.ts";
import { rowTensors } from "../../package/row-tensors.ts";
import { parseSignature } from "../../package/signature.ts";
import { CompiledEngine } from "../engines/compiled/compiled-engine.ts";
import { GraphEngine } from "../engines/compiled/graph-engine.ts";
import type { Engine } from "../engines/engine.ts";
import type { InferenceTensor } from "../inference.ts";
import type { ModelInputs } from "../plan/model-inputs.ts";
import { planModel, type ModelPlan } from "../plan/model-plan.ts";
import { inputsOfRecords } from "../plan/read-rows.ts";
import { inputsOfTensors, type GivenTensor } from "../plan/read-tensors.ts";
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
      : await json(tenon.pipeline, (found) => CompiledEngine.compile(plan, found));
  if (compiled && (!recorded || answersAsRecorded(plan, compiled, recorded)))
    return new ServedModel(name, version, plan, compiled, onError);
  const engine = await readBytes(directory, onnx.data, limits.model, async (bytes): Promise<Engine> => {
    const { graph } = decodeOnnx(bytes);
    checkDecodedGraph(graph, signature);
    const ofGraph = recorded && GraphEngine.compile(plan, graph);
    if (ofGraph && answersAsRecorded(plan, ofGraph, recorded)) return ofGraph;
    const { OnnxEngine } = await import("../engines/onnx-engine.ts");
    return await OnnxEngine.load(plan, bytes);
  });
  return new ServedModel(name, version, plan, engine, onError);
}

/** Whether an engine that answers at once gives what was recorded, within its tolerance. */
function answersAsRecorded(
  plan: ModelPlan,
  engine: CompiledEngine | GraphEngine,
  recorded: RecordedRows,
): boolean {
  const found = engine.run(recordedInputs(plan, recorded));
  const answers = new Map(found.map((tensor) => [tensor.name, recordedForm(tensor)]));
  return compareRecorded(plan.signature, recorded, answers).differences.length === 0;
}

function recordedInputs(plan: ModelPlan, { rows }: RecordedRows): ModelInputs {
  if (plan.tensors === 0) return inputsOfRecords(plan, rows);
  return inputsOfTensors(
    plan,
    plan.signature.inputs.map((input, at): GivenTensor => {
      const { data, shape } = rowTensors(input, input.shape ?? [], rows);
      return { name: input.name, datatype: plan.inputs[at]?.datatype ?? "FP32", shape, data };
    }),
  );
}

function recordedForm({ datatype, data }: InferenceTensor): OutputArray {
  return Array.from<string | number | bigint, string | number | boolean>(data, (value) => {
    if (typeof value === "string") return value;
    return datatype === "BOOL" ? Number(value) === 1 : Number(value);
  });
}
