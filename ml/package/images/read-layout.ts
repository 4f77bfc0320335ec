/**
 * @file Reading an OCI image layout: a folder with `oci-layout`, `index.json` and blobs by their digests.
 *
 * A layout may come from anywhere: documents are parsed by schemas, are bounded in size, and have the digest that the
 * descriptor that led to them says. Blobs are found by digests only, so that nothing outside the folder is read.
 */
import { createHash } from "node:crypto";
import { open, readFile } from "node:fs/promises";
import { join } from "node:path";
import * as v from "valibot";
import { ImageError } from "./image-error.ts";
import {
  configSchema,
  type Descriptor,
  type ImageConfig,
  type ImageIndex,
  type ImageManifest,
  indexSchema,
  layoutSchema,
  manifestSchema,
  mediaTypes,
  refName,
} from "./oci-schema.ts";

/** What registries accept as a manifest, and what they must: 4 MiB. */
const largestDocument = 4 << 20;

/** An image or artifact of a layout. */
export interface LayoutImage {
  readonly descriptor: Descriptor;
  readonly manifest: ImageManifest;
}

/** The path of a blob, whether it is there or not. */
export function blobPath(layout: string, digest: string): string {
  return join(layout, "blobs", ...digest.split(":"));
}

/** Reads a layout's `index.json`. */
export async function readIndex(layout: string): Promise<ImageIndex> {
  parse(layoutSchema, await readDocument(join(layout, "oci-layout")), join(layout, "oci-layout"));
  return parse(indexSchema, await readDocument(join(layout, "index.json")), join(layout, "index.json"));
}

/**
 * The image of a tag, or the only one; where an index holds images for several platforms, that of `architecture`.
 * @throws {@link ImageError} for damaged layouts, and where there is no such image or more than one
 */
export async function findImage(
  layout: string,
  tag: string | undefined,
  architecture: string | undefined,
): Promise<LayoutImage> {
  const index = await readIndex(layout);
  const tagged = index.manifests.filter(
    ({ annotations }) => tag === undefined || annotations?.[refName] === tag,
  );
  const images = await flatten(layout, tagged, 0);
  const fitting =
    images.length > 1 && architecture !== undefined
      ? images.filter(({ platform }) => platform?.os === "linux" && platform.architecture === architecture)
      : images;
  const [descriptor] = fitting;
  if (descriptor === undefined || fitting.length > 1) {
    const names = index.manifests.map(({ annotations }) => annotations?.[refName] ?? "(no tag)");
    throw new ImageError(
      `${layout} has ${descriptor === undefined ? "no such image" : "more than one such image"}: ${tag ?? "any tag"}, ${architecture ?? "any machine"}; its tags: ${names.join(", ") || "none"}`,
    );
  }
  const manifest = parse(manifestSchema, await readBlob(layout, descriptor), descriptor.digest);
  return { descriptor, manifest };
}

/** Reads an image's configuration. */
export async function readConfig(layout: string, { manifest }: LayoutImage): Promise<ImageConfig> {
  return parse(configSchema, await readBlob(layout, manifest.config), manifest.config.digest);
}

/** The bytes of a small blob: a manifest, an index, a configuration. */
export async function readBlob(layout: string, { digest, size }: Descriptor): Promise<Buffer> {
  if (size > largestDocument)
    throw new ImageError(`${digest} says it has ${size} bytes: too many for a document`);
  const bytes = await readDocument(blobPath(layout, digest));
  const found = `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
  if (bytes.length !== size || found !== digest)
    throw new ImageError(`${layout}: the blob ${digest} is damaged: it is ${found}`);
  return bytes;
}

async function flatten(
  layout: string,
  descriptors: readonly Descriptor[],
  depth: number,
): Promise<readonly Descriptor[]> {
  if (depth > 3) throw new ImageError(`${layout} has indexes within indexes`);
  const images: Descriptor[] = [];
  for (const descriptor of descriptors) {
    if (descriptor.mediaType !== mediaTypes.index) images.push(descriptor);
    else {
      const index = parse(indexSchema, await readBlob(layout, descriptor), descriptor.digest);
      images.push(...(await flatten(layout, index.manifests, depth + 1)));
    }
  }
  return images;
}

async function readDocument(path: string): Promise<Buffer> {
  const file = await open(path).catch((cause: unknown) => {
    throw new ImageError(`${path} can't be read; an OCI image layout has it`, { cause });
  });
  try {
    const { size } = await file.stat();
    if (size > largestDocument) throw new ImageError(`${path} is too large for a document`);
    return await readFile(file);
  } finally {
    await file.close();
  }
}

function parse<Schema extends v.GenericSchema>(
  schema: Schema,
  bytes: Buffer,
  what: string,
): v.InferOutput<Schema> {
  let json: unknown;
  try {
    json = JSON.parse(bytes.toString());
  } catch (cause) {
    throw new ImageError(`${what} is no JSON`, { cause });
  }
  const read = v.safeParse(schema, json);
  if (read.success) return read.output;
  const [issue] = read.issues;
  throw new ImageError(
    `${what} is not what the OCI image specification says: ${v.getDotPath(issue) ?? "it"}: ${issue.message}`,
  );
}
