/** @file Where the files of a version are, if this machine keeps them. */
import { realpath } from "node:fs/promises";
import { join, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { safePath } from "../server/artifact-files.ts";
import { loggedModelLocation } from "../store/logged-models.ts";
import { modelVersionLocation } from "../store/model-versions.ts";
import { findRun } from "../store/runs.ts";
import type { Store } from "../store/store.ts";
import type { VersionFacts } from "./version-facts.ts";

/** Where files are, or why they can't be read here. */
export type ModelFolder = { readonly folder: string } | { readonly unreadable: string };

/** The folder of a version's files. Throws MLflow's error where there is no such version. */
export async function modelFolder(store: Store, name: string, version: string): Promise<ModelFolder> {
  return folderOf(store, await modelVersionLocation(store, name, version));
}

async function folderOf(store: Store, location: string): Promise<ModelFolder> {
  const run = /^runs:\/+([^/]+)\/?(.*)$/.exec(location);
  if (run) {
    const { artifactUri } = await findRun(store, run[1] ?? "");
    return folderOf(store, `${artifactUri}/${run[2] ?? ""}`);
  }
  const logged = /^models:\/+([^/@]+)$/.exec(location)?.[1];
  if (logged !== undefined) return folderOf(store, await loggedModelLocation(store, logged));
  const kept = /^mlflow-artifacts:(?:\/\/[^/]*)?\/*(.*)$/.exec(location)?.[1];
  if (kept !== undefined) return existing(join(store.artifactFolder, safePath(kept)), store.artifactFolder);
  if (location.startsWith("file:")) return existing(fileURLToPath(location));
  if (location.startsWith("/") || /^[a-zA-Z]:[\\/]/.test(location)) return existing(location);
  return { unreadable: `its files are at ${location}, which is not this server's` };
}

async function existing(folder: string, root?: string): Promise<ModelFolder> {
  const real = await realpath(folder).catch(() => undefined);
  if (real === undefined) return { unreadable: "its files are not there" };
  const inside = root === undefined ? undefined : `${await realpath(root)}${sep}`;
  if (inside !== undefined && !real.startsWith(inside)) return { unreadable: "its files are outside" };
  return { folder: real };
}

/** What the files in a folder say. What reads them is loaded when it is needed: a server's start needs none of it. */
export async function readFiles(found: ModelFolder): Promise<VersionFacts["files"]> {
  if ("unreadable" in found) return found;
  const { readFolder } = await import("./model-files.ts");
  return readFolder(found.folder);
}

/** Why none of some public keys has signed a folder's files; undefined where one has. */
export async function unsignedReason(
  found: ModelFolder,
  keys: readonly string[],
): Promise<string | undefined> {
  if ("unreadable" in found) return `its signature can't be verified: ${found.unreadable}`;
  const { unsignedFolder } = await import("./model-files.ts");
  return unsignedFolder(found.folder, keys);
}
