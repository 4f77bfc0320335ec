/** @file What an image is built upon: the layers of an image in a layout, or a tar of a root file system. */
import { createHash } from "node:crypto";
import { open, stat } from "node:fs/promises";
import { createGunzip } from "node:zlib";
import { pipeline } from "node:stream/promises";
import { fileChunks } from "../../file-chunks.ts";
import { ImageError } from "./image-error.ts";
import { type Descriptor, type ImageConfig, mediaTypes } from "./oci-schema.ts";
import { blobPath, findImage, readConfig } from "./read-layout.ts";
import type { LayoutWriter } from "./write-layout.ts";

/** Layers below the application's, in the order in which they are laid. */
export interface Base {
  readonly layers: readonly Descriptor[];
  readonly diffIds: readonly string[];
  /** The configuration that came with them; undefined for a tar. */
  readonly config: ImageConfig | undefined;
}

/**
 * Copies a base into a layout. `base` is the folder of a layout, with `:TAG` where it holds several images, or a tar or
 * tar.gz of a root file system.
 * @throws {@link ImageError} for damaged layouts, other compressions and images that are not for `architecture` on Linux
 */
export async function copyBase(
  base: string,
  architecture: string,
  layout: LayoutWriter,
  signal: AbortSignal | undefined,
): Promise<Base> {
  const { path, tag } = await splitTag(base);
  if (!(await stat(path)).isDirectory()) return copyTar(path, layout, signal);
  const image = await findImage(path, tag, architecture);
  const config = await readConfig(path, image);
  if (config.os !== "linux" || config.architecture !== architecture)
    throw new ImageError(`${base} is for ${config.os}/${config.architecture}, not for linux/${architecture}`);
  const { layers } = image.manifest;
  const diffIds = config.rootfs.diff_ids;
  if (layers.length !== diffIds.length)
    throw new ImageError(`${base} has ${layers.length} layers and ${diffIds.length} digests of them`);
  for (const layer of layers) {
    if (!layer.mediaType.startsWith(mediaTypes.layer))
      throw new ImageError(
        `${base} has a layer of the type ${layer.mediaType}; ${mediaTypes.layer} and its compressions are known`,
      );
    await layout.addKnown(layer, () => fileChunks(blobPath(path, layer.digest), signal));
  }
  return { layers, diffIds, config };
}

async function copyTar(path: string, layout: LayoutWriter, signal: AbortSignal | undefined): Promise<Base> {
  const compressed = await isGzip(path);
  if (!compressed) await refuseImageArchive(path);
  const { digest, size } = await layout.add(fileChunks(path, signal), false);
  const diffId = compressed ? await uncompressedDigest(path, signal) : digest;
  const mediaType = compressed ? mediaTypes.gzipLayer : mediaTypes.layer;
  return { layers: [{ mediaType, digest, size }], diffIds: [diffId], config: undefined };
}

async function splitTag(base: string): Promise<{ readonly path: string; readonly tag: string | undefined }> {
  if (await stat(base).catch(() => {})) return { path: base, tag: undefined };
  const [, path, tag] = /^(.+):([\w][\w.-]{0,127})$/.exec(base) ?? [];
  if (path === undefined || !(await stat(path).catch(() => {})))
    throw new ImageError(`${base} does not exist`);
  return { path, tag };
}

/** Tells a gzip from a tar by what they begin and are marked with. */
async function isGzip(path: string): Promise<boolean> {
  const start = Buffer.alloc(262);
  const file = await open(path);
  try {
    await file.read(start, 0, start.length, 0);
  } finally {
    await file.close();
  }
  if (start.readUInt16BE(0) === 0x1f8b) return true;
  if (start.toString("latin1", 257, 262) !== "ustar")
    throw new ImageError(`${path} is neither a tar nor a tar.gz`);
  return false;
}

/** What `docker save` and `skopeo copy … oci-archive:` write is a tar too, but no root file system. */
async function refuseImageArchive(path: string): Promise<void> {
  const header = Buffer.alloc(512);
  const file = await open(path);
  try {
    for (let at = 0, members = 0; members < 10_000; members++) {
      const { bytesRead } = await file.read(header, 0, header.length, at);
      const [name = ""] = header.toString("latin1", 0, 100).split("\0", 1);
      if (bytesRead < header.length || name === "") return;
      if (/^(?:\.\/)?(?:oci-layout|index\.json|manifest\.json)$/.test(name))
        throw new ImageError(
          `${path} is an archive of an image, not of a root file system; make a layout of it: skopeo copy docker-archive:${path} oci:base:latest`,
        );
      const size = Number.parseInt(header.toString("latin1", 124, 136), 8);
      // Sizes beyond octal digits aren't followed: this is a help, not a check.
      if (Number.isNaN(size)) return;
      at += 512 + Math.ceil(size / 512) * 512;
    }
  } finally {
    await file.close();
  }
}

async function uncompressedDigest(path: string, signal: AbortSignal | undefined): Promise<string> {
  const hash = createHash("sha256");
  try {
    await pipeline(fileChunks(path, signal), createGunzip(), async (chunks: AsyncIterable<Uint8Array>) => {
      for await (const chunk of chunks) hash.update(chunk);
    });
  } catch (cause) {
    signal?.throwIfAborted();
    throw new ImageError(`${path} is damaged`, { cause });
  }
  return `sha256:${hash.digest("hex")}`;
}
