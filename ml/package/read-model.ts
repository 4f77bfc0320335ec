/**
 * @file Reads a model directory that Tenon wrote. It may come from anywhere: every part is checked before what it says is
 * believed, and no file outside of the directory is opened.
 */
import { Session } from "../graph/runtime/session.ts";
import { readModel as parsePart } from "../model-json.ts";
import { loadPipeline, type FittedPipeline } from "../pipeline/index.ts";
import { checkGraph } from "./check-graph.ts";
import { checkDirectory, type ReadModelOptions } from "./checked-directory.ts";
import { evidenceFileSchema, lineageFileSchema } from "./evidence.ts";
import { inferSignature } from "./infer-signature.ts";
import { PackagedModel } from "./packaged-model.ts";
import { limits, readBytes, readPart, type ReadChecks } from "./read-parts.ts";
import { parseRecorded } from "./recorded-rows.ts";
import { parseSignature, type ModelSignature } from "./signature.ts";
import { InvalidInputError } from "../errors.ts";

/**
 * A model out of its directory: its graph, and all that the package tells of it.
 * @throws {@link SignatureError} where it isn't signed as `verify` asks; {@link ModelPackageError} that names the file, where one is
 * missing, damaged, leads out of the directory, can't be decrypted, or doesn't go with the others
 */
export async function readModel(directory: string, options: ReadModelOptions = {}): Promise<PackagedModel> {
  const { description, plain, secret } = await checkDirectory(directory, options);
  const { model_uuid: id, flavors } = description;
  const { onnx, tenon } = flavors;
  const json = async <T>(name: string, parse: (json: unknown) => T, checks: ReadChecks = plain): Promise<T> =>
    await readPart(directory, name, limits.part, (text) => parse(JSON.parse(text)), checks);
  const signature = await json(tenon.signature, parseSignature);
  const pipeline =
    tenon.pipeline === undefined
      ? undefined
      : await json(tenon.pipeline, (found) => pipelineOf(found, signature), secret);
  const recorded =
    tenon.replay === undefined
      ? undefined
      : await json(tenon.replay, (found) => parseRecorded(found, signature), secret);
  const { evidence } = await json(tenon.evidence, (found) =>
    parsePart("evidence", evidenceFileSchema, found),
  );
  const { lineage } = await json(tenon.lineage, (found) => parsePart("lineage", lineageFileSchema, found));
  const open = async (bytes: Uint8Array): Promise<Session> => {
    checkGraph(bytes, signature);
    return await Session.create(bytes);
  };
  const session = await readBytes(directory, onnx.data, limits.model, open, secret);
  return new PackagedModel({ directory, id, signature, pipeline, recorded, evidence, lineage }, session);
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
