/** @file Files of runs and of logged models to the store, and texts of it. */
import { lstat } from "node:fs/promises";
import { basename, posix } from "node:path";
import { InvalidInputError } from "../errors.ts";
import { folderEntries } from "../folder-entries.ts";
import { artifactPath } from "./artifact-place.ts";
import { wholly } from "./download.ts";
import { TrackingError } from "./errors.ts";
import { type ArtifactContent, retried, type TrackingApi } from "./tracking-api.ts";

/** Uploads under way at once. */
const parallel = 4;

/** Writes one artifact. A path that names no file is an {@link InvalidInputError}. */
export async function uploadFile(
  api: TrackingApi,
  artifactUri: string,
  path: string,
  content: ArtifactContent,
): Promise<void> {
  const place = artifactPath(path);
  if (place === "") throw new InvalidInputError("an artifact needs a name");
  await retried(() => api.upload(artifactUri, place, content));
}

/** Uploads a file into a folder of artifacts. */
export async function uploadLocalFile(
  api: TrackingApi,
  artifactUri: string,
  localPath: string,
  folder: string,
): Promise<void> {
  const info = await lstat(localPath).catch((cause: unknown) => {
    throw new InvalidInputError(`${localPath} isn't there to be logged`, { cause });
  });
  if (info.isDirectory()) throw new InvalidInputError(`${localPath} is a folder: log it by logArtifacts`);
  await uploadFile(api, artifactUri, posix.join(folder, basename(localPath)), { file: localPath });
}

/** Uploads all files of a folder. Links aren't followed: one is an {@link InvalidInputError}. */
export async function uploadFolder(
  api: TrackingApi,
  artifactUri: string,
  localDir: string,
  folder: string,
): Promise<void> {
  const entries = await folderEntries(localDir).catch((cause: unknown) => {
    if (cause instanceof InvalidInputError) throw cause;
    throw new InvalidInputError(`the folder ${localDir} can't be read`, { cause });
  });
  const link = entries.find(({ kind }) => kind === "link");
  if (link) throw new InvalidInputError(`${link.path} is a link: only files are logged`);
  const files = entries.filter(({ kind }) => kind === "file").values();
  const upload = async (): Promise<void> => {
    for (const { name, path } of files)
      await uploadFile(api, artifactUri, posix.join(folder, name), { file: path });
  };
  await Promise.all(Array.from({ length: parallel }, upload));
}

/** The whole content of an artifact as a text; nothing where it isn't there. */
export async function readText(
  api: TrackingApi,
  artifactUri: string,
  path: string,
): Promise<string | undefined> {
  try {
    const bytes = await retried(async () => {
      const chunks: Uint8Array[] = [];
      for await (const chunk of wholly(path, await api.download(artifactUri, path))) chunks.push(chunk);
      return Buffer.concat(chunks);
    });
    return bytes.toString("utf8");
  } catch (error) {
    if (error instanceof TrackingError && error.code === "RESOURCE_DOES_NOT_EXIST") return undefined;
    throw error;
  }
}

/** Whether there is a file of a path. */
export async function isThere(api: TrackingApi, artifactUri: string, path: string): Promise<boolean> {
  const place = artifactPath(path);
  const folder = posix.dirname(place);
  const found = await retried(() => api.list(artifactUri, folder === "." ? "" : folder));
  return found.some(({ name, isDirectory }) => !isDirectory && name === posix.basename(place));
}
