/** @file Does what `tenon package` is asked. */
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { TableSource } from "../../ml/data/table-source.ts";
import { InvalidInputError } from "../../ml/errors.ts";
import { EncryptionError } from "../../ml/package/encryption/index.ts";
import { ModelPackageError, writeModel } from "../../ml/package/index.ts";
import { loadPipeline, type FittedPipeline } from "../../ml/pipeline/index.ts";
import type { PackageOptions } from "../commands/package.ts";
import { openTable, reporting, withDatabase } from "../data/table-file.ts";
import { namedEncryption } from "../encryption/named-keys.ts";
import { CommandFailure, describeFileError } from "../failure.ts";
import { withRefusals } from "../refusals.ts";
import { registerFolder } from "../registry/register-folder.ts";
import { sayWritten } from "../share/shared-file.ts";

/** Writes the pipeline in a file as a model directory. @throws {CommandFailure} */
export async function packageModel(path: string, options: PackageOptions): Promise<void> {
  const { out, rows, name, description, license, register, trackingUri } = options;
  const pipeline = await pipelineIn(path);
  const encryption = await withRefusals(async (signal) => namedEncryption(options, signal));
  const card = {
    ...(name !== undefined && { name }),
    ...(description !== undefined && { description }),
    ...(license !== undefined && { license }),
  };
  const write = async (table?: TableSource): Promise<void> => {
    try {
      await writeModel(out, pipeline, {
        card,
        ...(table && { rows: table }),
        ...(encryption && { encryption }),
      });
    } catch (cause) {
      const isKnown = [InvalidInputError, ModelPackageError, EncryptionError].some(
        (kind) => cause instanceof kind,
      );
      if (!isKnown || !(cause instanceof Error)) throw cause;
      throw new CommandFailure(cause.message, undefined, { cause });
    }
  };
  if (rows === undefined) await write();
  else
    await withDatabase(async (database) => {
      const table = await openTable(database, rows);
      await reporting(rows, async () => await write(table));
    });
  sayWritten(resolve(out));
  if (register !== undefined)
    await registerFolder(out, register, { tag: [], ...(trackingUri !== undefined && { trackingUri }) });
}

async function pipelineIn(path: string): Promise<FittedPipeline> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (cause) {
    throw new CommandFailure(describeFileError(cause, path), undefined, { cause });
  }
  try {
    return loadPipeline(JSON.parse(text));
  } catch (cause) {
    if (!(cause instanceof InvalidInputError || cause instanceof SyntaxError)) throw cause;
    throw new CommandFailure(`${path}: ${cause.message}`, undefined, { cause });
  }
}
