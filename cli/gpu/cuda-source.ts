/**
 * @file Where ONNX Runtime's CUDA provider comes from: the package that onnxruntime-node's own install step would fetch, as
 * its metadata names it (NuGet's V3 protocol: service index, package content, registration with the content's hash).
 */
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import * as v from "valibot";
import { CommandFailure } from "../failure.ts";

/** The installed onnxruntime-node, and what its CUDA provider consists of. */
export interface CudaProvider {
  /** The folder in which ONNX Runtime looks for its providers: that of its own library. */
  readonly folder: string;
  readonly version: string;
  /** The feed's service index. */
  readonly index: string;
  readonly packageName: string;
  /** Files by name, each with its path in the package. */
  readonly files: Readonly<Record<string, string>>;
}

/** An archive to fetch, with what its bytes must hash to. */
export interface CudaArchive {
  readonly url: string;
  readonly hash: { readonly algorithm: "sha256" | "sha512"; readonly hex: string };
}

/**
 * The SHA-256 of archives that hold the provider for a version and were run on a GPU (docs/gpu.md): Python's wheel
 * onnxruntime-gpu for CPython 3.12, built for CUDA 13 of the same sources as onnxruntime-node's library.
 */
export const knownArchives: Readonly<Record<string, string>> = {
  "1.30.0": "6acc0f4b3d5ac5f2984432faa59dd8fcce6775f8b43a7140afa0f322c7a703b1",
};

const platform = "linux/x64";
const manifest = "linux/x64:cuda12";
/** TensorRT's provider is a library of its own, and nothing here uses it. */
const wanted = ["libonnxruntime_providers_shared.so", "libonnxruntime_providers_cuda.so"];

const metadataSchema = v.object({
  manifests: v.record(v.string(), v.record(v.string(), v.object({ package: v.string(), path: v.string() }))),
  packages: v.record(
    v.string(),
    v.object({ name: v.string(), versions: v.array(v.object({ feed: v.string(), version: v.string() })) }),
  ),
  feeds: v.record(v.string(), v.object({ index: v.string() })),
});

/** Reads what the installed onnxruntime-node says of its CUDA provider. Throws {@link CommandFailure} where it says nothing. */
export function cudaProvider(root: string): CudaProvider {
  const require = createRequire(join(root, "package.json"));
  try {
    const folder = dirname(require.resolve("onnxruntime-node/package.json"));
    const metadata = v.parse(metadataSchema, require(join(folder, "script/install-metadata.js")));
    const entries = Object.entries(metadata.manifests[manifest] ?? {});
    const files = entries.map(([name, { path }]) => [name.replace(/^\.\//, ""), path] as const);
    const [first] = entries;
    const source = metadata.packages[first?.[1].package ?? ""];
    const release = source?.versions[0];
    const index = metadata.feeds[release?.feed ?? ""]?.index;
    const chosen = files.filter(([name]) => wanted.includes(name));
    if (!source || !release || index === undefined || chosen.length !== wanted.length)
      throw new Error("its metadata names no CUDA provider for Linux x64");
    return {
      folder: join(folder, "bin/napi-v6", platform),
      version: release.version,
      index,
      packageName: source.name.toLowerCase(),
      files: Object.fromEntries(chosen),
    };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new CommandFailure(
      `onnxruntime-node does not say where its CUDA provider is: ${reason}`,
      undefined,
      { cause },
    );
  }
}

const resourcesSchema = v.object({
  resources: v.array(v.object({ "@id": v.string(), "@type": v.string() })),
});
const leafSchema = v.object({ catalogEntry: v.union([v.string(), v.object({ "@id": v.string() })]) });
const catalogSchema = v.object({ packageHash: v.string(), packageHashAlgorithm: v.literal("SHA512") });

/** Asks the feed for the archive's address and hash. Throws {@link CommandFailure} where it can't be reached. */
export async function findArchive(
  { index, packageName, version }: CudaProvider,
  sha256: string | undefined,
  signal: AbortSignal,
): Promise<CudaArchive> {
  const { resources } = await fetchJson(index, resourcesSchema, signal);
  const resource = (type: string): string => {
    const found = resources.find((each) => each["@type"] === type || each["@type"].startsWith(`${type}/`));
    if (!found) throw new CommandFailure(`${index} offers no ${type}`);
    return found["@id"].endsWith("/") ? found["@id"] : `${found["@id"]}/`;
  };
  const url = `${resource("PackageBaseAddress")}${packageName}/${version}/${packageName}.${version}.nupkg`;
  if (sha256 !== undefined) return { url, hash: { algorithm: "sha256", hex: sha256.toLowerCase() } };
  const leaf = await fetchJson(
    `${resource("RegistrationsBaseUrl")}${packageName}/${version}.json`,
    leafSchema,
    signal,
  );
  const entry = typeof leaf.catalogEntry === "string" ? leaf.catalogEntry : leaf.catalogEntry["@id"];
  const { packageHash } = await fetchJson(entry, catalogSchema, signal);
  return { url, hash: { algorithm: "sha512", hex: Buffer.from(packageHash, "base64").toString("hex") } };
}

async function fetchJson<const Schema extends v.GenericSchema>(
  url: string,
  schema: Schema,
  signal: AbortSignal,
): Promise<v.InferOutput<Schema>> {
  try {
    const response = await fetch(url, { signal });
    if (!response.ok) throw new Error(`status ${response.status}`);
    return v.parse(schema, await response.json());
  } catch (cause) {
    signal.throwIfAborted();
    throw new CommandFailure(`${url} cannot be read: ${reasonOf(cause)}`, undefined, { cause });
  }
}

/** The reason behind a failed request, which `fetch` hides in the cause. */
export function reasonOf(error: unknown): string {
  const inner = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return inner instanceof Error ? inner.message : String(inner);
}
