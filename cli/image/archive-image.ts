/** @file Does what `tenon image archive` is asked. */
import { writeDockerArchive } from "../../ml/package/images/index.ts";
import type { ImageArchiveOptions } from "../commands/image-archive.ts";
import { Terminal } from "../terminal.ts";
import { withRefusals } from "../refusals.ts";

/** Writes an archive. @throws {CommandFailure} */
export async function archiveImage(
  layout: string,
  file: string,
  options: ImageArchiveOptions,
): Promise<void> {
  await withRefusals((signal) => writeDockerArchive(layout, file, { ...options, signal }));
  new Terminal(process.stdout).line(`Wrote ${file}`);
}
