/**
 * @file What a folder holds, in one order on every machine: by the parts of the names, compared as UTF-8 bytes, so that
 * what is made of a folder (a digest, an archive) is the same wherever and whenever it is made.
 */
import { lstat, readdir, readlink } from "node:fs/promises";
import { join } from "node:path";
import { InvalidInputError } from "./errors.ts";

/** Something in a folder. */
export interface FolderEntry {
  /** Relative to the folder, with "/" between the parts. */
  readonly name: string;
  /** Where it is on this machine. */
  readonly path: string;
  readonly kind: "file" | "directory" | "link";
  /** Bytes of a file; 0 for the others. */
  readonly size: number;
  /** Whether the owner may run the file. */
  readonly executable: boolean;
  /** What a link says; undefined for the others. */
  readonly target: string | undefined;
}

/**
 * Lists a folder and all folders in it, without following links; a folder comes before what it holds. `skip` leaves out
 * names, with everything below them.
 * @throws {@link InvalidInputError} for sockets, pipes and devices, and for names that are not UTF-8
 */
export async function folderEntries(
  folder: string,
  skip: (name: string) => boolean = () => false,
): Promise<readonly FolderEntry[]> {
  const entries: FolderEntry[] = [];
  const visit = async (prefix: string): Promise<void> => {
    const names = await readdir(join(folder, prefix));
    for (const part of names.sort(compareBytes)) {
      const name = prefix === "" ? part : `${prefix}/${part}`;
      if (skip(name)) continue;
      if (part.includes("\uFFFD")) throw new InvalidInputError(`${folder}: the name ${name} is not UTF-8`);
      const path = join(folder, name);
      const status = await lstat(path);
      const common = { name, path, size: 0, executable: false, target: undefined };
      if (status.isDirectory()) {
        entries.push({ ...common, kind: "directory" });
        await visit(name);
      } else if (status.isSymbolicLink()) {
        entries.push({ ...common, kind: "link", target: await readlink(path) });
      } else if (status.isFile()) {
        entries.push({ ...common, kind: "file", size: status.size, executable: (status.mode & 0o100) !== 0 });
      } else {
        throw new InvalidInputError(`${path} is neither a file nor a folder nor a link`);
      }
    }
  };
  await visit("");
  return entries;
}

/** The order of two texts by their UTF-8 bytes, which is that of their code points. */
export function compareBytes(left: string, right: string): number {
  return Buffer.compare(Buffer.from(left), Buffer.from(right));
}
