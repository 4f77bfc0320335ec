/**
 * @file Reads a model directory that Tenon wrote. It may come from anywhere: every part is checked before what it says is
 * believed, and no file outside of the directory is opened.
 */
import { readFile } from "node:fs/promises";
import { confinedFile } from "../graph/confined-path.ts";
import { Session } from "../graph/runtime/session.ts";
import { readModel as parsePart } from "../model-json.ts";
import { loadPipeline, type FittedPipeline } from "../pipeline/index.ts";
import { checkGraph } from "./check-graph.ts";
import { ModelPackageError } from "./errors.ts";
import { evidenceFileSchema, lineageFileSchema } from "./evidence.ts";
import { inferSignature } from "./infer-signature.ts";
import { parseMlModel } from "./mlmodel.ts";
import { PackagedModel } from "./packaged-model.ts";
import { parseRecorded } from "./recorded-rows.ts";
import { parseSignature, type ModelSignature } from "./signature.ts";
import { InvalidInputError } from "../errors.ts";

/** The largest file of each kind, in bytes: the description's is generous, the others are what one text and one read can hold. */
const limits = { description: 2 ** 20, part: 2 ** 29 - 25, model: 2 ** 31 - 1 } as const;

/**
 * A model out of its directory: its graph, and all that the package tells of it.
 * @throws {@link ModelPackageError} that names the file, where one is missing, damaged, leads out of the directory, or doesn't
 * go with the others
 */
export async function readModel(directory: string): Promise<PackagedModel> {
  const { model_uuid: id, flavors } = await part(directory, "MLmodel", limits.description, parseMlModel);
  const { onnx, tenon } = flavors;
  const json = async <T>(name: string, parse: (json: unknown) => T): Promise<T> =>
    await part(directory, name, limits.part, (text) => parse(JSON.parse(text)));
  const signature = await json(tenon.signature, parseSignature);
  const pipeline =
    tenon.pipeline === undefined
      ? undefined
      : await json(tenon.pipeline, (found) => pipelineOf(found, signature));
  const recorded =
    tenon.replay === undefined
      ? undefined
      : await json(tenon.replay, (found) => parseRecorded(found, signature));
  const { evidence } = await json(tenon.evidence, (found) =>
    parsePart("evidence", evidenceFileSchema, found),
  );
  const { lineage } = await json(tenon.lineage, (found) => parsePart("lineage", lineageFileSchema, found));
  const session = await bytesOf(directory, onnx.data, limits.model, async (bytes) => {
    checkGraph(bytes, signature);
    return await Session.create(bytes);
  });
  return new PackagedModel({ directory, id, signature, pipeline, recorded, evidence, lineage }, session);
}

/**
 * The signature of a model directory alone.
 * @throws {@link ModelPackageError} as {@link readModel}
 */
export async function readSignature(directory: string): Promise<ModelSignature> {
  const { flavors } = await part(directory, "MLmodel", limits.description, parseMlModel);
  return await part(directory, flavors.tenon.signature, limits.part, (text) =>
    parseSignature(JSON.parse(text)),
  );
}

function pipelineOf(json: unknown, signature: ModelSignature): FittedPipeline {
  const pipeline = loadPipeline(json);
  const own = inferSignature(pipeline);
  const withoutRequired = ({ inputs, outputs }: ModelSignature): string =>
    JSON.stringify([inputs.map(({ name, type, dtype }) => [name, type, dtype]), outputs]);
  if (withoutRequired(own) !== withoutRequired(signature))
    throw new InvalidInputError("the pipeline takes or gives something else than the signature says");
  return pipeline;
}

async function part<T>(
  directory: string,
  name: string,
  limit: number,
  parse: (text: string) => T,
): Promise<T> {
  return await bytesOf(directory, name, limit, (bytes) =>
    parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)),
  );
}

async function bytesOf<T>(
  directory: string,
  name: string,
  limit: number,
  use: (bytes: Uint8Array) => T | Promise<T>,
): Promise<T> {
  const file = confinedFile(directory, name);
  if ("refusal" in file) throw new ModelPackageError(directory, file.refusal, { cause: file.cause });
  if (file.size > limit)
    throw new ModelPackageError(file.path, `it has ${file.size} bytes, more than ${limit}`);
  try {
    return await use(await readFile(file.path));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ModelPackageError(file.path, reason, { cause });
  }
}
