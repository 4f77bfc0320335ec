/** @file `tenon package` and `tenon client`: models as directories, and programs that ask them. */
import type { Command } from "commander";
import { type EncryptionKeyOptions, withEncryptionOptions } from "./encrypt.ts";
import { storeCommand } from "./store-options.ts";

export interface PackageOptions extends EncryptionKeyOptions {
  readonly out: string;
  readonly register?: string;
  readonly trackingUri?: string;
  readonly rows?: string;
  readonly name?: string;
  readonly description?: string;
  readonly license?: string;
}

export interface ClientOptions {
  readonly out?: string;
  readonly trackingUri?: string;
}

/** Writes a model directory. */
export function packageCommand(): Command {
  return withEncryptionOptions(
    storeCommand("package")
      .description("Write a fitted pipeline as a model directory in MLflow's format.")
      .argument("<model>", "the pipeline: what JSON.stringify made of it, in a file")
      .requiredOption("-o, --out <directory>", "the directory, which must not be there yet")
      .option("--rows <file>", "data whose first rows are recorded with the model's answers, for a replay")
      .option("--name <name>", "the model's name on its card (default: the directory's)")
      .option("--description <text>", "what the model is for")
      .option("--register <name>", "register it as the next version of this model")
      .option("--license <identifier>", 'how the model may be used, such as "apache-2.0"'),
  )
    .addHelpText(
      "after",
      `
With --rows, the ONNX graph's answers are held against the pipeline's before anything is written, and the signature says
which columns may be missing. With a key, the graph, the pipeline and the recorded rows are encrypted: only Tenon loads it then.

Examples:
  tenon package risk.json --out models/risk --rows loans.parquet
  tenon package risk.json --out models/risk --rows loans.parquet --register risk
  tenon package risk.json --out models/risk --key-env TENON_MODEL_KEY
  mlflow models serve -m models/risk --env-manager local`,
    )
    .action(async (model: string, options: PackageOptions) => {
      const { packageModel } = await import("../package/package-model.ts");
      await packageModel(model, options);
    });
}

/** Writes a client. */
export function clientCommand(): Command {
  return storeCommand("client")
    .description("Write a TypeScript module that asks a served model, typed by its signature.")
    .argument("<model>", "the model directory, or models:/NAME/VERSION or models:/NAME@ALIAS in a store")
    .option("-o, --out <file>", "the module (default: print it)")
    .addHelpText(
      "after",
      `
The module imports nothing. It speaks MLflow's scoring protocol and the Open Inference Protocol v2. A change of the model
that breaks its callers is an error of the compiler in them, once the module is written again.

Examples:
  tenon client models/risk --out src/risk-client.ts
  tenon client models:/risk@champion --out src/risk-client.ts`,
    )
    .action(async (model: string, options: ClientOptions) => {
      const { writeClient } = await import("../package/write-client.ts");
      await writeClient(model, options);
    });
}
