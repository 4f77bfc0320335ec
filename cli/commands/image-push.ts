/** @file `tenon image push` */
import { Command } from "commander";
import { count } from "../option-values.ts";

export interface ImagePushOptions {
  readonly tag?: string;
  readonly mountFrom?: string;
  readonly chunkSize?: number;
  readonly plainHttp?: boolean;
  readonly json?: boolean;
}

export function imagePushCommand(): Command {
  return new Command("push")
    .description("Push an image or artifact of a layout to a registry.")
    .argument("<layout>", "the layout's folder")
    .argument("<reference>", "HOST[:PORT]/REPOSITORY[:TAG]")
    .option("--tag <tag>", "the image's tag in the layout (default: its only image)")
    .option("--mount-from <repository>", "a repository of the same registry that may have the layers already")
    .option(
      "--chunk-size <bytes>",
      "upload in requests of so many bytes, for registries that limit them",
      count,
    )
    .option("--plain-http", "HTTP instead of HTTPS, for a registry on this machine")
    .option("--json", "print what was pushed as JSON")
    .addHelpText(
      "after",
      `
The user and the password or token are taken from TENON_REGISTRY_USERNAME and TENON_REGISTRY_PASSWORD.

Examples:
  tenon image push image ghcr.io/team/flights:1
  tenon image push image localhost:5000/flights:1 --plain-http`,
    )
    .action(async (layout: string, reference: string, options: ImagePushOptions) => {
      const { pushFromLayout } = await import("../image/push-from-layout.ts");
      await pushFromLayout(layout, reference, options);
    });
}
