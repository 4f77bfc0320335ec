/** @file A package directory as a model that can be asked. The graph and its runtime are only loaded where they are needed. */
import { decodeOnnx } from "../../graph/onnx/decode.ts";
import { checkDecodedGraph } from "../../package/check-graph.ts";
import type { checkDirectory, ReadModelOptions } from "../../package/checked-directory.ts";
import { limits, readBytes, readDescription, readPart, type ReadChecks } from "../../package/read-parts.ts";
import { parseRecorded } from "../../package/recorded-rows.ts";
import { parseSignature } from "../../package/signature.ts";
import type { FileDigests } from "../../package/signing/file-digests.ts";
import type { Engine } from "../engines/engine.ts";
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
  /** The aliases that it has in the registry that it comes from, whatever it is asked by. */
  readonly registeredAliases?: readonly string[];
  /** Whether it answers where no version is named; where absent, the highest version does. */
  readonly isCurrent?: boolean;
}

/** How packages are loaded. */
export interface LoadOptions extends EngineOptions {
  /** Who must have signed them, and what decrypts them. */
  readonly read?: ReadModelOptions;
  /** What was verified of the directory before, by a policy: what is read is held against it. */
  readonly verified?: readonly FileDigests[];
}

/**
 * Loads a package.
 * @throws {@link SignatureError} where it isn't signed as it must be, {@link ModelPackageError} that names the file, where one is missing, damaged, or doesn't go with the others
 */
export async function loadPackage(
  { name, version, directory }: ModelSource,
  onError: OnError,
  options: LoadOptions = {},
): Promise<ServedModel> {
  const { description, plain, secret } = await checked(directory, options);
  const { tenon, onnx } = description.flavors;
  const json = async <T>(file: string, parse: (json: unknown) => T, checks: ReadChecks): Promise<T> =>
    await readPart(directory, file, limits.part, (text) => parse(JSON.parse(text)), checks);
  const signature = await json(tenon.signature, parseSignature, plain);
  const plan = planModel(signature);
  const recorded =
    tenon.replay === undefined
      ? undefined
      : await json(tenon.replay, (found) => parseRecorded(found, signature), secret);
  const compiled =
    tenon.pipeline === undefined
      ? undefined
      : await json(tenon.pipeline, (found) => compilePipeline(plan, found, recorded), secret);
  const open = async (bytes: Uint8Array): Promise<Engine> => {
    const { graph } = decodeOnnx(bytes);
    checkDecodedGraph(graph, signature);
    const onHang = (cause: Error): void =>
      options.onHang?.(new Error(`${name}, version ${version}: ${cause.message}`, { cause }));
    const onFallback = (cause: Error): void =>
      onError(new Error(`${name}, version ${version}, runs on the CPU: ${cause.message}`, { cause }));
    const onFailure = (cause: Error): void =>
      onError(new Error(`${name}, version ${version}, can't be asked: ${cause.message}`, { cause }));
    const told = { ...options, onHang, onFallback, onFailure };
    return await engineOfGraph(plan, graph, bytes, recorded, told);
  };
  const engine = compiled ?? (await readBytes(directory, onnx.data, limits.model, open, secret));
  return new ServedModel(name, version, plan, engine, onError, description.model_uuid);
}

/** The description of a directory, and how its files are read. What verifies and decrypts is only loaded where it is asked for. */
async function checked(
  directory: string,
  { read, verified = [] }: LoadOptions,
): Promise<Awaited<ReturnType<typeof checkDirectory>>> {
  if (!read) {
    const plain = { signed: verified };
    const description = await readDescription(directory, plain);
    if (description.flavors.tenon.encryption === undefined) return { description, plain, secret: plain };
  }
  const { checkDirectory: check } = await import("../../package/checked-directory.ts");
  return await check(directory, read ?? {}, verified);
}
