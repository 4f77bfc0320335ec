/** @file Does what `tenon image modelpack` is asked. */
import { writeModelPack } from "../../ml/package/images/index.ts";
import type { ImageModelPackOptions } from "../commands/image-modelpack.ts";
import { Terminal } from "../terminal.ts";
import { withRefusals } from "../refusals.ts";

/** Writes an artifact and prints its layers. @throws {CommandFailure} */
export async function packModel(model: string, options: ImageModelPackOptions): Promise<void> {
  const { tag, name, modelVersion, format, license } = options;
  const pack = await withRefusals((signal) =>
    writeModelPack(options.out, {
      signal,
      model,
      descriptor: {
        ...(name === undefined ? {} : { name }),
        ...(modelVersion === undefined ? {} : { version: modelVersion }),
        ...(license.length === 0 ? {} : { licenses: license }),
      },
      config: format === undefined ? {} : { format },
      ...(tag === undefined ? {} : { tag }),
    }),
  );
  const terminal = new Terminal(process.stdout);
  if (options.json === true) {
    terminal.line(JSON.stringify(pack, undefined, 2));
    return;
  }
  for (const { name, mediaType, digest } of pack.files)
    terminal.line(`${digest.slice(0, 19)}  ${mediaType}  ${name}`);
  terminal.line(`${options.out}:${pack.tag} is ${pack.digest}`);
}
