import { notebookHost } from "../../notebook-host.ts";
import { InvalidInputError } from "../../errors.ts";
import { type Base, copyBase } from "./base.ts";
import { folderLayer } from "./folder-layer.ts";
import type { ImageOptions } from "./image-options.ts";
import { runConfig } from "./run-config.ts";
import { nodeBase } from "./node-base.ts";
import { type Descriptor, mediaTypes } from "./oci-schema.ts";
import { type TarEntry, tarArchive } from "./tar.ts";
import { LayoutWriter } from "./write-layout.ts";

/** An image that was written. */
export interface WrittenImage {
  /** The digest of its manifest: what a registry knows it by. */
  readonly digest: string;
  readonly tag: string;
  readonly platform: { readonly os: "linux"; readonly architecture: string };
  /** What each layer is, from the lowest: `base`, `application`, `model NAME`. */
  readonly layers: readonly {
    readonly content: string;
    readonly digest: string;
    readonly size: number;
    readonly diffId: string;
  }[];
  /** Libraries that native add-ons name and this machine lacks, as CUDA's, and which add-on does. */
  readonly missingLibraries: ReadonlyMap<string, string>;
}

/** Go's names of the machines that Node runs on. */
const architectures: ReadonlyMap<string, string> = new Map([
  ["x64", "amd64"],
  ["arm64", "arm64"],
]);

/**
 * Writes an OCI image into a layout (a folder), without Docker. An existing layout keeps its other images, and blobs that
 * are there already are used again.
 *
 * The same input gives the same digests: members are in the order of their names, belong to root and are of 1970; the
 * compression is that of Node's zlib, so that another release of Node may give other bytes.
 * @throws `ImageError` for what can't be in an image, `InvalidInputError` for wrong options
 */
export async function writeImage(path: string, options: ImageOptions): Promise<WrittenImage> {
  const signal = options.signal ?? notebookHost()?.signal;
  const architecture = architectures.get(process.arch);
  if (architecture === undefined) throw new InvalidInputError(`images for ${process.arch} are not known`);
  const config = runConfig(options);
  const models = Object.entries(options.models ?? {});
  for (const [name] of models) {
    if (!/^[\w][\w.-]*$/.test(name))
      throw new InvalidInputError(
        `models: ${JSON.stringify(name)} must be of letters, digits, ".", "_" and "-"`,
      );
  }
  const place = options.applicationPath ?? "/app";
  const application = await folderLayer(options.application, place);
  const layout = await LayoutWriter.open(path);
  const layers: (WrittenImage["layers"][number] & { readonly mediaType: string })[] = [];
  const add = async (content: string, entries: readonly TarEntry[], compress: boolean): Promise<void> => {
    const blob = await layout.add(tarArchive(entries, signal), compress);
    layers.push({ content, ...blob, mediaType: compress ? mediaTypes.gzipLayer : mediaTypes.layer });
  };

  let base: Base | undefined;
  let missingLibraries: ReadonlyMap<string, string> = new Map();
  if (options.base === undefined) {
    const { entries, missing } = await nodeBase(options.application);
    missingLibraries = missing;
    await add("base", entries, true);
  } else {
    base = await copyBase(options.base, architecture, layout, signal);
    for (const [at, { mediaType, digest, size }] of base.layers.entries())
      layers.push({ content: "base", mediaType, digest, size, diffId: base.diffIds[at] ?? digest });
  }
  await add("application", application, true);
  for (const [name, folder] of models)
    await add(`model ${name}`, await folderLayer(folder, `/models/${name}`), false);

  const platform = { os: "linux", architecture } as const;
  const image = await layout.addJson(mediaTypes.manifest, {
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    config: await layout.addJson(mediaTypes.config, config.document(base?.config, platform, layers)),
    layers: layers.map(({ mediaType, digest, size }): Descriptor => ({ mediaType, digest, size })),
  });
  const tag = options.tag ?? "latest";
  await layout.finish({ ...image, platform }, tag);
  return {
    digest: image.digest,
    tag,
    platform,
    layers: layers.map(({ content, digest, size, diffId }) => ({ content, digest, size, diffId })),
    missingLibraries,
  };
}
