/** @file The JSON documents of the OCI image specification 1.1, as far as images and artifacts use them. */
import * as v from "valibot";

/** The media types of the specification that are written here. */
export const mediaTypes = {
  index: "application/vnd.oci.image.index.v1+json",
  manifest: "application/vnd.oci.image.manifest.v1+json",
  config: "application/vnd.oci.image.config.v1+json",
  layer: "application/vnd.oci.image.layer.v1.tar",
  gzipLayer: "application/vnd.oci.image.layer.v1.tar+gzip",
} as const;

/** The annotation of an index by which an image in a layout is named: its tag. */
export const refName = "org.opencontainers.image.ref.name";

const digestSchema = v.pipe(
  v.string(),
  v.regex(/^sha256:[0-9a-f]{64}$/, "must be sha256: and 64 hexadecimal digits"),
);
const sizeSchema = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const textsSchema = v.record(v.string(), v.string());
const platformSchema = v.looseObject({
  architecture: v.string(),
  os: v.string(),
  variant: v.optional(v.string()),
});

export const descriptorSchema = v.looseObject({
  mediaType: v.string(),
  digest: digestSchema,
  size: sizeSchema,
  annotations: v.optional(textsSchema),
  platform: v.optional(platformSchema),
});

export const layoutSchema = v.object({
  imageLayoutVersion: v.pipe(v.string(), v.regex(/^1\./, "must be 1.x")),
});

export const indexSchema = v.looseObject({
  schemaVersion: v.literal(2),
  manifests: v.array(descriptorSchema),
});

export const manifestSchema = v.looseObject({
  schemaVersion: v.literal(2),
  mediaType: v.optional(v.string()),
  artifactType: v.optional(v.string()),
  config: descriptorSchema,
  layers: v.array(descriptorSchema),
});

const historySchema = v.looseObject({ empty_layer: v.optional(v.boolean()) });

export const configSchema = v.looseObject({
  architecture: v.string(),
  os: v.string(),
  config: v.nullish(
    v.looseObject({
      Env: v.nullish(v.array(v.string())),
      Labels: v.nullish(textsSchema),
      ExposedPorts: v.nullish(v.record(v.string(), v.unknown())),
    }),
  ),
  rootfs: v.object({ type: v.literal("layers"), diff_ids: v.array(digestSchema) }),
  history: v.optional(v.array(historySchema)),
});

/** Says where a blob is, how large it is and what it holds. */
export type Descriptor = v.InferOutput<typeof descriptorSchema>;
export type ImageManifest = v.InferOutput<typeof manifestSchema>;
export type ImageConfig = v.InferOutput<typeof configSchema>;
export type ImageIndex = v.InferOutput<typeof indexSchema>;
/** The system that an image is for, in Go's words (`linux`, `amd64`). */
export type Platform = v.InferOutput<typeof platformSchema>;
