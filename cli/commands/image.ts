/** @file `tenon image`: container images and model artifacts, without Docker. */
import { Command } from "commander";
import { imageArchiveCommand } from "./image-archive.ts";
import { imageBuildCommand } from "./image-build.ts";
import { imageModelPackCommand } from "./image-modelpack.ts";
import { imagePushCommand } from "./image-push.ts";

export function imageCommand(): Command {
  return new Command("image")
    .description("Write container images and model artifacts without Docker, and push them.")
    .addCommand(imageBuildCommand())
    .addCommand(imageModelPackCommand())
    .addCommand(imageArchiveCommand())
    .addCommand(imagePushCommand());
}
