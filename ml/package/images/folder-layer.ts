/** @file The members of a layer's archive: a folder of this machine put somewhere, and the folders that lead to it. */
import { posix } from "node:path";
import { compareBytes, folderEntries } from "../../folder-entries.ts";
import { ImageError } from "./image-error.ts";
import type { TarEntry } from "./tar.ts";

/** Modes are of two kinds, whatever the machine's umask was. */
const plainMode = 0o644;
const executableMode = 0o755;

/**
 * A folder's files as they stand at `place` (absolute) in an image. Links are kept where they stay in the folder.
 * @throws {@link ImageError} for links that lead out of the folder: in the image they would lead elsewhere
 */
export async function folderLayer(folder: string, place: string): Promise<readonly TarEntry[]> {
  const at = imagePath(place);
  const entries = await folderEntries(folder);
  return withParents(
    entries.map((entry): TarEntry => {
      const name = posix.join(at, entry.name);
      if (entry.kind === "directory") return { kind: "directory", name, mode: executableMode };
      if (entry.kind === "file") {
        const mode = entry.executable ? executableMode : plainMode;
        return { kind: "file", name, mode, content: { path: entry.path, size: entry.size } };
      }
      const target = entry.target ?? "";
      const leadsTo = posix.normalize(posix.join(posix.dirname(entry.name), target));
      if (target.startsWith("/") || leadsTo === ".." || leadsTo.startsWith("../"))
        throw new ImageError(`${entry.path} is a link that leads out of ${folder}`);
      return { kind: "link", name, target };
    }),
    at,
  );
}

/**
 * The members in the order of their names, with the folders above each that are not among them.
 * @throws {@link ImageError} where two members have one name
 */
export function withParents(
  entries: readonly TarEntry[],
  ...folders: readonly string[]
): readonly TarEntry[] {
  const members = new Map<string, TarEntry>();
  for (const entry of entries) {
    if (members.has(entry.name)) throw new ImageError(`/${entry.name} would be in the layer twice`);
    members.set(entry.name, entry);
  }
  for (const name of [...members.keys(), ...folders.map((folder) => `${folder}/x`)]) {
    for (let parent = posix.dirname(name); parent !== "."; parent = posix.dirname(parent)) {
      if (!members.has(parent))
        members.set(parent, { kind: "directory", name: parent, mode: executableMode });
    }
  }
  return [...members.values()].sort((left, right) => compareBytes(left.name, right.name));
}

/** An absolute path of an image as archives write it: without the slash in front. */
export function imagePath(path: string): string {
  const normal = posix.normalize(path);
  if (!normal.startsWith("/") || normal === "/" || normal.includes("\0"))
    throw new ImageError(`${JSON.stringify(path)} is no place in an image: an absolute path is`);
  return normal.replace(/\/$/, "").slice(1);
}
