/** @file Does what `tenon image build` is asked. */
import { writeImage } from "../../ml/package/images/index.ts";
import type { ImageBuildOptions } from "../commands/image-build.ts";
import { Terminal } from "../terminal.ts";
import { namedValues } from "../option-values.ts";
import { withRefusals } from "../refusals.ts";

/** Writes an image and prints its layers. @throws {CommandFailure} */
export async function buildImage(
  application: string,
  command: readonly string[],
  options: ImageBuildOptions,
): Promise<void> {
  const { path, base, tag, user } = options;
  const image = await withRefusals((signal) =>
    writeImage(options.out, {
      signal,
      application,
      entrypoint: command,
      models: namedValues("--model", options.model),
      env: namedValues("--env", options.env),
      labels: namedValues("--label", options.label),
      exposedPorts: options.expose,
      ...(path === undefined ? {} : { applicationPath: path }),
      ...(base === undefined ? {} : { base }),
      ...(tag === undefined ? {} : { tag }),
      ...(user === undefined ? {} : { user }),
    }),
  );
  const terminal = new Terminal(process.stdout);
  const missing = [...image.missingLibraries];
  if (options.json === true) {
    terminal.line(JSON.stringify({ ...image, missingLibraries: Object.fromEntries(missing) }, undefined, 2));
    return;
  }
  for (const { content, digest, size } of image.layers)
    terminal.line(`${digest.slice(0, 19)}  ${String(size).padStart(12)} bytes  ${content}`);
  for (const [name, path] of missing)
    terminal.line(terminal.style("yellow", `${path} names ${name}, which is not on this machine`));
  terminal.line(`${options.out}:${image.tag} is ${image.digest}`);
}
