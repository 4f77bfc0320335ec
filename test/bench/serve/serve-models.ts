/** @file The models that all servers serve: a hundred trees of depth six, and a network, on 32 columns. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { tensor } from "../../../ml/graph/create.ts";
import { relu, type Tensor, toOnnx } from "../../../ml/graph/index.ts";
import { type ModelSignature, writeModel } from "../../../ml/package/index.ts";
import { Random } from "../../../ml/random.ts";
import { loadXgboost, traceForest } from "../../../ml/trees/index.ts";
import { weights } from "../../ml/serve/matrix-model.ts";
import { runCommand } from "../../support/run-command.ts";

export const columns = 32;

export type ServedModel = "trees" | "mlp";

const signature: ModelSignature = {
  inputs: [{ name: "x", type: "float32", dtype: "float32", required: true, shape: [columns] }],
  outputs: [{ name: "y", type: "float32" }],
};

/** Where the files of the models are. */
export interface ModelFiles {
  /** The folder of each package. */
  readonly packages: string;
  readonly xgboost: string;
  readonly onnx: (model: ServedModel) => string;
}

/** Makes the models: the trees by XGBoost, which serves them too. */
export async function makeModels(folder: string, python: string): Promise<ModelFiles> {
  const xgboost = join(folder, "trees.ubj");
  await runCommand(python, [join(import.meta.dirname, "make_model.py"), xgboost]);
  const { forest } = await loadXgboost(xgboost);
  const packages = join(folder, "packages");
  mkdirSync(packages);
  const layers = [weights(columns, 64, 1), weights(64, 64, 2), weights(64, 1, 3)].map((each) => tensor(each));
  const [first, second, third] = layers;
  if (!first || !second || !third) throw new Error("the network has three layers");
  const programs: Readonly<Record<ServedModel, (x: Tensor) => Tensor>> = {
    trees: (x) => traceForest(forest, x).squeeze(1),
    mlp: (x) =>
      relu(relu(x.matmul(first)).matmul(second))
        .matmul(third)
        .squeeze(1),
  };
  for (const [name, program] of Object.entries(programs)) {
    const x = { dtype: "float32", shape: ["rows", columns] } as const;
    const onnx = toOnnx(({ x }: { readonly x: Tensor }) => ({ y: program(x) }), { x });
    await writeModel(join(packages, name), { onnx, signature });
  }
  return { packages, xgboost, onnx: (model) => join(packages, model, "model.onnx") };
}

/** Rows that differ, of numbers as people's tables have them: a repeated row would teach the processor its way through the trees. */
export function makeRows(count: number): Float32Array {
  const random = new Random(11);
  return Float32Array.from({ length: count * columns }, () => Math.round(random.normal() * 1e4) / 1e4);
}
