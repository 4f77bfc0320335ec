/**
 * @file Writes the models of onnx-files.json as Tenon writes them, for onnx-written.py to check:
 * `node --import tsx test/reference/onnx-written.ts FOLDER && python test/reference/onnx-written.py FOLDER`
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import { decodeOnnx } from "../../ml/graph/onnx/decode.ts";
import { encodeOnnx, writeOnnx } from "../../ml/graph/onnx/encode.ts";
import { externalModel } from "../ml/graph/external-model.ts";

const [folder = "."] = process.argv.slice(2);
const schema = v.object({ models: v.array(v.object({ name: v.string(), bytes: v.string() })) });
const { models } = v.parse(
  schema,
  JSON.parse(readFileSync(new URL("onnx-files.json", import.meta.url), "utf8")),
);
for (const { name, bytes } of models) {
  writeFileSync(join(folder, `${name}.onnx`), encodeOnnx(decodeOnnx(Buffer.from(bytes, "base64"))));
}
await writeOnnx(join(folder, "external data.onnx"), externalModel(), { externalData: true });
