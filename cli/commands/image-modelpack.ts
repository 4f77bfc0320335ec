/** @file `tenon image modelpack` */
import { Command } from "commander";
import { collect } from "../option-values.ts";

export interface ImageModelPackOptions {
  readonly out: string;
  readonly tag?: string;
  readonly name?: string;
  readonly modelVersion?: string;
  readonly format?: string;
  readonly license: readonly string[];
  readonly json?: boolean;
}

export function imageModelPackCommand(): Command {
  return new Command("modelpack")
    .description("Write a model as a CNCF ModelPack artifact into an OCI layout (a folder).")
    .argument("<model>", "the model's folder; each of its files becomes a layer")
    .requiredOption("-o, --out <layout>", "the layout's folder; one that exists keeps its other images")
    .option("--tag <tag>", "the artifact's name in the layout (default: latest)")
    .option("--name <name>", "the model's name")
    .option("--model-version <version>", "the model's version")
    .option("--format <format>", "the model's format: onnx, safetensors, …")
    .option("--license <spdx>", "a licence as SPDX writes it; repeatable", collect, [])
    .option("--json", "print the artifact as JSON")
    .addHelpText(
      "after",
      `
Examples:
  tenon image modelpack model -o pack --name flights --model-version 1 --format onnx --license Apache-2.0
  tenon image push pack ghcr.io/team/flights-model:1`,
    )
    .action(async (model: string, options: ImageModelPackOptions) => {
      const { packModel } = await import("../image/pack-model.ts");
      await packModel(model, options);
    });
}
