/** @file Where an artifact is: with the server that keeps the store, or in a folder of this machine. */
import { createReadStream } from "node:fs";
import { mkdir, readdir, stat } from "node:fs/promises";
import { dirname, join, posix } from "node:path";
import { fileURLToPath } from "node:url";
import { unfinishedFile } from "../atomic-file.ts";
import { InvalidInputError } from "../errors.ts";
import { fileChunks } from "../file-chunks.ts";
import { TrackingError } from "./errors.ts";
import type { ArtifactContent, ArtifactDownload, ArtifactInfo } from "./tracking-api.ts";

export type ArtifactPlace =
  /** A path among the server's artifacts. */
  | { readonly kind: "proxied"; readonly path: string }
  /** A path of this machine. */
  | { readonly kind: "local"; readonly path: string };

/**
 * The place of a path below a URI of artifacts.
 * @throws {@link InvalidInputError} where the path leads out; {@link TrackingError} where the URI is of a kind that only a server reaches
 */
export function artifactPlace(uri: string, path: string): ArtifactPlace {
  const inside = artifactPath(path);
  const proxied = /^mlflow-artifacts:(?:\/\/[^/]*)?\/*(.*)$/.exec(uri)?.[1];
  if (proxied !== undefined) return { kind: "proxied", path: posix.join(proxied, inside).replace(/\/$/, "") };
  if (uri.startsWith("file:")) return { kind: "local", path: join(pathOf(uri), inside) };
  if (!/^[a-zA-Z][a-zA-Z0-9+.-]+:/.test(uri)) return { kind: "local", path: join(uri, inside) };
  throw new TrackingError(
    `artifacts at ${uri} can't be reached from here: start the server so that it serves artifacts (\`--serve-artifacts\`)`,
  );
}

function pathOf(uri: string): string {
  try {
    return fileURLToPath(uri);
  } catch (cause) {
    throw new TrackingError(`artifacts at ${uri} can't be reached from here: it is no file of this machine`, {
      cause,
    });
  }
}

/** A path of artifacts as it is asked for: relative, with "/" between folders. Throws {@link InvalidInputError} where it leads out. */
export function artifactPath(path: string): string {
  const normal = posix.normalize(path.replaceAll("\\", "/"));
  if (normal === "." || normal === "./") return "";
  if (
    normal.startsWith("/") ||
    normal === ".." ||
    normal.startsWith("../") ||
    /^[a-zA-Z]:/.test(normal) ||
    normal.includes("\0")
  )
    throw new InvalidInputError(`"${path}" is no path of an artifact: it must be relative and stay inside`);
  return normal.replace(/\/$/, "");
}

/** Artifacts in a folder of this machine. */
export const localArtifacts = {
  async upload(path: string, content: ArtifactContent): Promise<void> {
    await mkdir(dirname(path), { recursive: true });
    const file = await unfinishedFile(path);
    try {
      for await (const chunk of chunksOf(content)) await file.write(chunk);
      await file.commit(path);
    } finally {
      await file.discard();
    }
  },
  async list(path: string): Promise<readonly ArtifactInfo[]> {
    const isFolder = await stat(path).then(
      (info) => info.isDirectory(),
      () => false,
    );
    if (!isFolder) return [];
    const found = await readdir(path);
    return Promise.all(
      found
        .toSorted((a, b) => (a < b ? -1 : 1))
        .map(async (name) => {
          const info = await stat(join(path, name));
          return { name, isDirectory: info.isDirectory(), size: info.isDirectory() ? undefined : info.size };
        }),
    );
  },
  async download(path: string): Promise<ArtifactDownload> {
    const info = await stat(path).catch(() => undefined);
    if (!info?.isFile())
      throw new TrackingError(`there is no artifact at ${path}`, { code: "RESOURCE_DOES_NOT_EXIST" });
    return { size: info.size, chunks: createReadStream(path) };
  },
};

/** The bytes of what is uploaded. */
export function chunksOf(content: ArtifactContent): AsyncIterable<Uint8Array> | Iterable<Uint8Array> {
  return content instanceof Uint8Array ? [content] : fileChunks(content.file);
}
