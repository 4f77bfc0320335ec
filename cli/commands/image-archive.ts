/** @file `tenon image archive` */
import { Command } from "commander";

export interface ImageArchiveOptions {
  readonly name: string;
  readonly tag?: string;
}

export function imageArchiveCommand(): Command {
  return new Command("archive")
    .description("Write an image of a layout as a tar for docker load and podman load.")
    .argument("<layout>", "the layout's folder")
    .argument("<file>", "the tar")
    .requiredOption("--name <name:tag>", "what Docker calls the image")
    .option("--tag <tag>", "the image's tag in the layout (default: its only image)")
    .addHelpText(
      "after",
      `
Examples:
  tenon image archive image image.tar --name flights:1
  docker load -i image.tar`,
    )
    .action(async (layout: string, file: string, options: ImageArchiveOptions) => {
      const { archiveImage } = await import("../image/archive-image.ts");
      await archiveImage(layout, file, options);
    });
}
