import { InvalidInputError } from "../../errors.ts";
import { fileChunks } from "../../file-chunks.ts";
import { folderEntries } from "../../folder-entries.ts";
import { notebookHost } from "../../notebook-host.ts";
import { ImageError } from "./image-error.ts";
import { type Descriptor, mediaTypes } from "./oci-schema.ts";
import { LayoutWriter } from "./write-layout.ts";

/** General facts of a model: `descriptor` of the specification. */
export interface ModelDescriptor {
  readonly createdAt?: string;
  readonly authors?: readonly string[];
  readonly family?: string;
  readonly name?: string;
  readonly docURL?: string;
  readonly sourceURL?: string;
  readonly datasetsURL?: readonly string[];
  readonly version?: string;
  readonly revision?: string;
  readonly vendor?: string;
  /** SPDX expressions. */
  readonly licenses?: readonly string[];
  readonly title?: string;
  readonly description?: string;
}

/** Technical facts of a model: `config` of the specification. */
export interface ModelTechnology {
  readonly architecture?: string;
  /** `onnx`, `safetensors`, … */
  readonly format?: string;
  /** A number and K, M, B, T or Q: `1.2M`. */
  readonly paramSize?: string;
  /** `float32`, `int8`, …; several with commas between. */
  readonly precision?: string;
  readonly quantization?: string;
}

/** What a ModelPack artifact is made of. */
export interface ModelPackOptions {
  /** The folder of the model's files; each becomes a layer. */
  readonly model: string;
  readonly descriptor?: ModelDescriptor;
  readonly config?: ModelTechnology;
  /** The artifact's name in the layout; `latest` if not given. */
  readonly tag?: string;
  /** Stops the writing, which then throws the signal's reason; the running cell's where absent. */
  readonly signal?: AbortSignal;
}

/** An artifact that was written. */
export interface WrittenModelPack {
  /** The digest of its manifest. */
  readonly digest: string;
  readonly tag: string;
  /** The layers in the order of their names. */
  readonly files: readonly { readonly name: string; readonly mediaType: string; readonly digest: string }[];
}

const vendor = "application/vnd.cncf.model";
/** What a file is by its ending; the first that fits counts. */
const kinds: readonly (readonly [RegExp, string])[] = [
  [/\.(?:onnx|onnx_data|data|safetensors|gguf|bin|pt|pth|pb|h5|npz|weights)$/i, "weight"],
  [/(?:^|\/)(?:readme|licen[cs]e|notice|model_?card)|\.(?:md|rst|html|pdf)$/i, "doc"],
  [/\.(?:ts|mts|cts|js|mjs|cjs|py|sh|wasm|ipynb)$/i, "code"],
  [/\.(?:parquet|csv|tsv|arrow|ndjson|jsonl)$/i, "dataset"],
];

/**
 * Writes a model as an artifact of CNCF's ModelPack specification 1 into an OCI layout: each file a layer of its own, as it
 * is (`….raw`), with its path. Container runtimes mount such an artifact; registries show its facts.
 *
 * What a file is (weights, their configuration, documentation, code, data) is told by its name, and so marked `untested`.
 * The same folder and facts give the same digest.
 * @throws `ImageError` for links and for folders without files
 */
export async function writeModelPack(path: string, options: ModelPackOptions): Promise<WrittenModelPack> {
  const signal = options.signal ?? notebookHost()?.signal;
  const { descriptor = {}, config = {}, tag = "latest" } = options;
  if (!/^[\w][\w.-]{0,127}$/.test(tag)) throw new InvalidInputError(`tag: ${JSON.stringify(tag)} is none`);
  if (config.paramSize !== undefined && !/^\d+(?:\.\d)?[kmbtq]$/i.test(config.paramSize))
    throw new InvalidInputError(
      `config.paramSize: ${config.paramSize} is no number with K, M, B, T or Q, as 1.2M is`,
    );
  if (descriptor.createdAt !== undefined && Number.isNaN(Date.parse(descriptor.createdAt)))
    throw new InvalidInputError(`descriptor.createdAt: ${descriptor.createdAt} is no date`);
  const entries = await folderEntries(options.model);
  const layout = await LayoutWriter.open(path);
  const layers: (Descriptor & { readonly name: string })[] = [];
  for (const { kind, name, path: file, size, executable } of entries) {
    if (kind === "link") throw new ImageError(`${file} is a link, which an artifact can't hold`);
    if (kind === "directory") continue;
    const { digest } = await layout.add(fileChunks(file, signal), false);
    const metadata = {
      name,
      mode: executable ? 0o755 : 0o644,
      uid: 0,
      gid: 0,
      size,
      mtime: "1970-01-01T00:00:00Z",
      typeflag: "0".codePointAt(0),
    };
    layers.push({
      name,
      mediaType: `${vendor}.${kinds.find(([pattern]) => pattern.test(name))?.[1] ?? "weight.config"}.v1.raw`,
      digest,
      size,
      annotations: {
        "org.cncf.model.filepath": name,
        "org.cncf.model.file.metadata+json": JSON.stringify(metadata),
        "org.cncf.model.file.mediatype.untested": "true",
      },
    });
  }
  if (layers.length === 0) throw new ImageError(`${options.model} holds no files`);
  const configuration = await layout.addJson(`${vendor}.config.v1+json`, {
    descriptor,
    config,
    modelfs: { type: "layers", diffIds: layers.map(({ digest }) => digest) },
  });
  const artifactType = `${vendor}.manifest.v1+json`;
  const manifest = await layout.addJson(mediaTypes.manifest, {
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    artifactType,
    config: configuration,
    layers: layers.map(({ name: _name, ...layer }) => layer),
  });
  await layout.finish({ ...manifest, artifactType }, tag);
  return {
    digest: manifest.digest,
    tag,
    files: layers.map(({ name, mediaType, digest }) => ({ name, mediaType, digest })),
  };
}
