/**
 * @file Writes a model as a directory in MLflow's format, with Tenon's own parts beside it.
 *
 * What the graph says of the recorded rows is held against the pipeline before anything is written: a package that would
 * serve other answers than the pipeline gives never exists.
 */
import { type KeyObject, randomBytes } from "node:crypto";
import { basename, resolve } from "node:path";
import type { TableSource } from "../data/table-source.ts";
import { InvalidInputError } from "../errors.ts";
import { Session } from "../graph/runtime/session.ts";
import { readModel } from "../model-json.ts";
import type { FittedPipeline } from "../pipeline/index.ts";
import { billOfMaterials } from "./bill-of-materials.ts";
import { checkGraph } from "./check-graph.ts";
import { signatureDeclarations } from "./declaration.ts";
import { encryptBytes, encryptionOf, type FileEncryption } from "./encryption/file-cipher.ts";
import { evidenceFileSchema, lineageFileSchema, type Evidence, type Lineage } from "./evidence.ts";
import { inferCheckedSignature, inferSignature, pipelineGraph } from "./infer-signature.ts";
import { environmentFiles } from "./mlflow-environment.ts";
import { mlModelText } from "./mlmodel.ts";
import { modelCard, type CardContent, type CardOptions } from "./model-card.ts";
import { predictedByGraph } from "./graph-outputs.ts";
import { predictedByPipeline } from "./pipeline-outputs.ts";
import { loaderModule, loaderSource } from "./pyfunc-loader.ts";
import { compareRecorded, defaultTolerance, recordedJson, type RecordedRows } from "./recorded-rows.ts";
import { firstRows } from "./row-table.ts";
import { exampleTensors } from "./example-tensors.ts";
import { parseSignature, takesTensors, type ModelSignature } from "./signature.ts";
import { writeDirectory } from "./write-directory.ts";

/** A model as ONNX, with what it takes and gives. */
export interface OnnxModelBytes {
  /** The graph; its inputs are vectors `[rows]`, or tensors `[rows, ...shape]` where the signature gives a shape. */
  readonly onnx: Uint8Array;
  readonly signature: ModelSignature;
}

/** What goes into a package beside the model. */
export interface WriteModelOptions {
  /**
   * A table whose first {@link recordedCount} rows are recorded with the model's answers, to be replayed wherever it is served.
   * Of a model of small tensors of floats some that are made up are recorded, always the same.
   */
  readonly rows?: TableSource;
  /** What the model card says beside what is known. */
  readonly card?: CardOptions;
  /** Evaluations and reports that speak for the model, or against it. */
  readonly evidence?: readonly Evidence[];
  /** Where the model comes from. */
  readonly lineage?: Lineage;
  /**
   * Encrypts what the model has learned and the recorded rows: the graph, the pipeline, the replay. What is said of the model
   * (signature, card, evidence, lineage) stays readable. MLflow can't load such a directory; `readModel` decrypts it in memory.
   */
  readonly encryption?: KeyObject | FileEncryption;
}

/** How many rows are recorded. */
export const recordedCount = 32;

/** What the names of encrypted files end in. */
const encryptedEndings: Readonly<Record<FileEncryption["format"], string>> = {
  "aes-256-gcm": ".enc",
  age: ".age",
};

/** How many of them are MLflow's input example. */
const exampleCount = 5;

/**
 * Writes a fitted pipeline, or an ONNX graph with a signature, as a model directory: whole, or not at all. Its parts:
 * docs/packages.md.
 * @throws {@link InvalidInputError} where the graph hasn't the signature's inputs and outputs, or its answers differ from the
 * pipeline's or aren't finite; {@link ModelPackageError} where the directory is there already or can't be written
 */
export async function writeModel(
  directory: string,
  model: FittedPipeline | OnnxModelBytes,
  { rows, card = {}, evidence = [], lineage = {}, encryption }: WriteModelOptions = {},
): Promise<void> {
  const pipeline = "onnx" in model ? undefined : model;
  const evidenceFile = readModel("evidence", evidenceFileSchema, { version: 1, evidence });
  const lineageFile = readModel("lineage", lineageFileSchema, { version: 1, lineage });
  const inferred = "onnx" in model ? parseSignature(model.signature) : inferSignature(model);
  if (rows && takesTensors(inferred))
    throw new InvalidInputError("a table has no tensors: rows can't be recorded for a model that takes them");
  const asked = rows ? await firstRows(inferred, rows, recordedCount) : exampleTensors(inferred);
  if (rows && asked.length === 0) throw new InvalidInputError("the table of rows to record has none");
  const signature = pipeline && asked[0] ? await inferCheckedSignature(pipeline, asked[0]) : inferred;
  const onnx = "onnx" in model ? model.onnx : pipelineGraph(model);
  checkGraph(onnx, signature);
  const recorded =
    asked.length > 0 ? await record(pipeline, onnx, signature, asked, rows !== undefined) : undefined;

  const id = randomBytes(16).toString("hex");
  const created = new Date();
  const content: CardContent = {
    name: card.name ?? basename(resolve(directory)),
    card,
    task: pipeline?.task,
    model: pipeline && { kind: pipeline.model.kind, target: pipeline.target },
    signature,
    evidence,
    lineage,
  };
  const cipher = encryption && encryptionOf(encryption);
  const ending = cipher ? encryptedEndings[cipher.format] : "";
  const secrets = new Map<string, string | Uint8Array>([["model.onnx", onnx]]);
  if (pipeline) secrets.set("tenon/pipeline.json", JSON.stringify(pipeline));
  if (recorded) secrets.set("tenon/replay.json", jsonText(recordedJson(recorded)));
  const files = new Map<string, string | Uint8Array>([
    ["README.md", modelCard(content)],
    ["tenon/signature.json", jsonText(signature)],
    ["tenon/signature.d.ts", signatureDeclarations(signature)],
    ["tenon/evidence.json", jsonText(evidenceFile)],
    ["tenon/lineage.json", jsonText(lineageFile)],
    ["tenon/bom.cdx.json", jsonText(billOfMaterials(content, { id, created, onnx }))],
  ]);
  for (const [name, content] of secrets) files.set(`${name}${ending}`, await sealed(content, cipher));
  const hasExample = recorded !== undefined && rows !== undefined && !cipher;
  if (!cipher)
    for (const [name, content] of [
      [`code/${loaderModule}.py`, loaderSource] as const,
      ...Object.entries(environmentFiles()),
    ])
      files.set(name, content);
  if (hasExample) {
    const example = exampleOf(signature, recorded);
    files.set("input_example.json", JSON.stringify(example));
    files.set("serving_input_example.json", jsonText({ dataframe_split: example }));
  }
  const description = mlModelText({
    signature,
    files: {
      version: 1,
      signature: "tenon/signature.json",
      evidence: "tenon/evidence.json",
      lineage: "tenon/lineage.json",
      ...(pipeline && { pipeline: `tenon/pipeline.json${ending}` }),
      ...(recorded && { replay: `tenon/replay.json${ending}` }),
      ...(cipher && { encryption: cipher.format }),
    },
    graph: `model.onnx${ending}`,
    hasExample,
    id,
    created,
    bytes: [...files.values()].reduce((sum, each) => sum + Buffer.byteLength(each), 0),
  });
  // Last: the folder is flushed to the disk with it, when all that it holds is there.
  await writeDirectory(directory, files.set("MLmodel", description));
}

async function sealed(
  content: string | Uint8Array,
  cipher: FileEncryption | undefined,
): Promise<string | Uint8Array> {
  if (!cipher) return content;
  return await encryptBytes(typeof content === "string" ? Buffer.from(content) : content, cipher);
}

async function record(
  pipeline: FittedPipeline | undefined,
  onnx: Uint8Array,
  signature: ModelSignature,
  rows: RecordedRows["rows"],
  mustBeFinite: boolean,
): Promise<RecordedRows | undefined> {
  await using session = await Session.create(onnx);
  const byGraph = await predictedByGraph(session, signature, rows);
  const outputs = pipeline ? await predictedByPipeline(pipeline, signature, rows) : byGraph;
  for (const { name } of signature.outputs) {
    const values = outputs.get(name) ?? [];
    const odd = values.findIndex((value) => typeof value === "number" && !Number.isFinite(value));
    // What was made up may be what the model can't answer.
    if (odd >= 0 && !mustBeFinite) return undefined;
    if (odd >= 0)
      throw new InvalidInputError(
        `the model's output "${name}" isn't finite for row ${Math.floor((odd * rows.length) / values.length)}: record rows that it can predict`,
      );
  }
  const recorded = { tolerance: defaultTolerance, rows, outputs };
  const [first] = compareRecorded(signature, recorded, byGraph).differences;
  if (first)
    throw new InvalidInputError(
      `the model's graph says ${first.output} = ${String(first.found)} of row ${first.row}, and the pipeline ${String(first.expected)}`,
    );
  return recorded;
}

function exampleOf({ inputs }: ModelSignature, { rows }: RecordedRows): object {
  const columns = inputs.map(({ name }) => name);
  const data = rows.slice(0, exampleCount).map((row) => columns.map((column) => row[column] ?? null));
  return { columns, data };
}

function jsonText(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
