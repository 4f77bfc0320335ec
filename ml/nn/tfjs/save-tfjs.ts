/** @file Models written as layers models of TensorFlow.js, where they map. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { writeFileAtomically } from "../../atomic-file.ts";
import { bytesOfArray } from "../../graph/dtype.ts";
import { decodeOnnx } from "../../graph/onnx/decode.ts";
import { ModelImportError } from "../../graph/errors.ts";
import { chainOf } from "./chain.ts";
import { layersOf } from "./layers-of-chain.ts";

/**
 * Writes a model as a Sequential layers model of TensorFlow.js: `model.json` and `weights.bin` in a folder. The model is
 * given as ONNX, such as `toOnnx` makes it, and must be a chain of layers that TensorFlow.js has, as
 * `docs/model-files.md` lists them. Images have the channels last in it.
 *
 * @throws {@link OnnxFileError} where the bytes are no ONNX model
 * @throws {@link ModelImportError} where the model doesn't map
 * @example
 * await saveTfjsModel("model", toOnnx(({ x }) => ({ y: model.apply(parameters, x) }), { x: { dtype: "float32", shape: ["batch", 4] } }));
 */
export async function saveTfjsModel(folder: string, onnx: Uint8Array): Promise<void> {
  const chain = chainOf(decodeOnnx(onnx).graph);
  const { dtype, shape } = chain.input;
  if (dtype !== "float32" || !shape || shape.length < 2)
    throw new ModelImportError("the model's input must be float32 with the batch first");
  const [, channels, ...spatial] = shape.map((size) => (typeof size === "number" ? size : null));
  const layers = layersOf(chain);
  const input = {
    class_name: "InputLayer",
    config: { name: "input", dtype, batch_input_shape: [null, ...spatial, channels], sparse: false },
  };
  const weights = layers.flatMap((layer) => layer.weights);
  const file = {
    format: "layers-model",
    generatedBy: "tenon",
    modelTopology: {
      class_name: "Sequential",
      config: {
        name: "model",
        layers: [input, ...layers.map(({ class_name, config }) => ({ class_name, config }))],
      },
      keras_version: "tfjs-layers 4.22.0",
      backend: "tensor_flow.js",
    },
    weightsManifest: [
      {
        paths: ["weights.bin"],
        weights: weights.map(({ name, shape }) => ({ name, shape, dtype: "float32" })),
      },
    ],
  };
  await mkdir(folder, { recursive: true });
  await writeFileAtomically(
    join(folder, "weights.bin"),
    weights.map(({ data }) => bytesOfArray(data)),
  );
  await writeFileAtomically(join(folder, "model.json"), [Buffer.from(JSON.stringify(file))]);
}
