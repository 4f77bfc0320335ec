/** @file `tenon image build` */
import { Command } from "commander";
import { collect, collectCounts } from "../option-values.ts";

export interface ImageBuildOptions {
  readonly out: string;
  readonly path?: string;
  readonly model: readonly string[];
  readonly base?: string;
  readonly tag?: string;
  readonly env: readonly string[];
  readonly label: readonly string[];
  readonly expose: readonly number[];
  readonly user?: string;
  readonly json?: boolean;
}

export function imageBuildCommand(): Command {
  return new Command("build")
    .description("Write a container image of a program and its models into an OCI layout (a folder).")
    .argument("<application>", "the folder of the program, with only what it needs to run")
    .argument("<command...>", "what the container runs, without a shell; behind --")
    .requiredOption("-o, --out <layout>", "the layout's folder; one that exists keeps its other images")
    .option("--path <path>", "where the program is in the image (default: /app)")
    .option(
      "--model <name=folder>",
      "a model, as a layer of its own at /models/NAME; repeatable",
      collect,
      [],
    )
    .option("--base <base>", "the folder of a layout (:TAG), or a tar of a root file system; else this Node")
    .option("--tag <tag>", "the image's name in the layout (default: latest)")
    .option("--env <name=value>", "an environment variable; repeatable", collect, [])
    .option("--label <name=value>", "a label; repeatable", collect, [])
    .option("--expose <port>", "a TCP port that the program listens on; repeatable", collectCounts, [])
    .option("--user <user>", "whom it runs as (default: 65532:65532)")
    .option("--json", "print the image as JSON")
    .addHelpText(
      "after",
      `
The same input gives the same digest. Without --base, the image holds the Node that runs this command and the libraries
that it needs: no shell, no package manager.

Examples:
  tenon image build dist -o image --model flights=model --expose 8080 -- /usr/local/bin/node /app/main.js
  tenon image build dist -o image --base distroless:latest -- /nodejs/bin/node /app/main.js`,
    )
    .action(async (application: string, command: readonly string[], options: ImageBuildOptions) => {
      const { buildImage } = await import("../image/build-image.ts");
      await buildImage(application, command, options);
    });
}
