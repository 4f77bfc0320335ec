/** @file Files of a model directory, which may come from anywhere: confined to the directory, of a limited size. */
import { readFile } from "node:fs/promises";
import { confinedFile } from "../graph/confined-path.ts";
import { readModel } from "../model-json.ts";
import { ModelPackageError } from "./errors.ts";
import { lineageFileSchema, type Lineage } from "./evidence.ts";
import { parseMlModel, type MlModel } from "./mlmodel.ts";
import { parseSignature, type ModelSignature } from "./signature.ts";

/** The largest file of each kind, in bytes: the description's is generous, the others are what one text and one read can hold. */
export const limits = { description: 2 ** 20, part: 2 ** 29 - 25, model: 2 ** 31 - 1 } as const;

/**
 * What the directory's `MLmodel` file says.
 * @throws {@link ModelPackageError} where there is none, or none that Tenon wrote
 */
export async function readDescription(directory: string): Promise<MlModel> {
  return await readPart(directory, "MLmodel", limits.description, parseMlModel);
}

/**
 * The signature of a model directory alone.
 * @throws {@link ModelPackageError} that names the file, where one is missing, damaged or leads out of the directory
 */
export async function readSignature(directory: string): Promise<ModelSignature> {
  const { flavors } = await readDescription(directory);
  return await readPart(directory, flavors.tenon.signature, limits.part, (text) =>
    parseSignature(JSON.parse(text)),
  );
}

/**
 * Where a model directory's model comes from, alone.
 * @throws {@link ModelPackageError} that names the file, where one is missing, damaged or leads out of the directory
 */
export async function readLineage(directory: string): Promise<Lineage> {
  const { flavors } = await readDescription(directory);
  return await readPart(
    directory,
    flavors.tenon.lineage,
    limits.part,
    (text) => readModel("lineage", lineageFileSchema, JSON.parse(text)).lineage,
  );
}

/**
 * What a text file of the directory holds.
 * @throws {@link ModelPackageError} as {@link readBytes}, and for what is no UTF-8
 */
export async function readPart<T>(
  directory: string,
  name: string,
  limit: number,
  parse: (text: string) => T,
): Promise<T> {
  return await readBytes(directory, name, limit, (bytes) =>
    parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)),
  );
}

/**
 * What a file of the directory holds, by the relative name that another of its files gives it.
 * @throws {@link ModelPackageError} where it is missing, too large, leads out of the directory, or `use` refuses it
 */
export async function readBytes<T>(
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
