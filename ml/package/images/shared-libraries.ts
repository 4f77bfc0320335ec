/**
 * @file The shared libraries that programs of this machine need, found as the dynamic loader finds them: run path, the
 * folders of `ld.so.conf`, the default folders (ld.so(8)). Environment variables count for nothing: an image has others.
 */
import { readdir, readFile, realpath } from "node:fs/promises";
import { basename, dirname, isAbsolute, join } from "node:path";
import { type ElfFile, readElf } from "./elf.ts";

/** What a set of programs needs. */
export interface NeededLibraries {
  /**
   * Where the loader of an image finds each file, and the file here. Both are the same where the loader looks there anyway;
   * what a run path or `ld.so.conf` led to stands beside libc, so that the image needs neither.
   */
  readonly found: ReadonlyMap<string, string>;
  /** Names that are nowhere on this machine, and who needs them. */
  readonly missing: ReadonlyMap<string, string>;
}

const machineFolders: ReadonlyMap<number, string> = new Map([
  [62, "x86_64-linux-gnu"],
  [183, "aarch64-linux-gnu"],
]);

/** Where loaders look without being told to. */
const usualFolder = /^(?:\/usr)?\/lib(?:32|64)?(?:\/[a-z0-9_]+-linux-gnu\w*)?$/;

/**
 * Collects what these programs and libraries need, and what that needs; files that are not ELF need nothing. `own` tells
 * of libraries that are in the image by themselves.
 */
export async function neededLibraries(
  programs: readonly string[],
  own: (path: string) => boolean = () => false,
): Promise<NeededLibraries> {
  const found = new Map<string, string>();
  const missing = new Map<string, string>();
  const configured = await configuredFolders("/etc/ld.so.conf", 0);
  const seen = new Set<string>();
  const queue = [...programs];
  for (let path = queue.shift(); path !== undefined; path = queue.shift()) {
    if (seen.has(path)) continue;
    seen.add(path);
    const elf = await readElf(path);
    if (elf === undefined) continue;
    if (elf.interpreter !== undefined) {
      found.set(elf.interpreter, await realpath(elf.interpreter));
      queue.push(elf.interpreter);
    }
    const folders = searchFolders(elf, path, configured);
    for (const name of elf.needed) {
      const library = await findLibrary(name, folders, elf);
      if (library === undefined) missing.set(name, path);
      else {
        if (!own(library)) found.set(library, await realpath(library));
        queue.push(library);
      }
    }
  }
  return { found: besideLibc(found), missing };
}

function besideLibc(found: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const libc = [...found.keys()].find((path) => /^(libc\.so\.|ld-musl-)/.test(basename(path)));
  const folder = libc === undefined ? "/usr/lib" : dirname(libc);
  return new Map(
    [...found].map(([path, file]) => [
      usualFolder.test(dirname(path)) ? path : join(folder, basename(path)),
      file,
    ]),
  );
}

/** Finds a library that is loaded by name at run time, as libc does for looking up hosts; undefined where there is none. */
export async function findByName(name: string, like: string): Promise<string | undefined> {
  const elf = await readElf(like);
  if (elf === undefined) return undefined;
  return findLibrary(name, searchFolders(elf, like, await configuredFolders("/etc/ld.so.conf", 0)), elf);
}

function searchFolders(elf: ElfFile, path: string, configured: readonly string[]): readonly string[] {
  const machine = machineFolders.get(elf.machine);
  const lib = elf.bits === 64 ? ["/lib64", "/usr/lib64"] : [];
  return [
    ...elf.runPath.map((folder) => folder.replaceAll(/\$ORIGIN\b|\$\{ORIGIN\}/g, dirname(path))),
    ...configured,
    ...(machine === undefined ? [] : [`/lib/${machine}`, `/usr/lib/${machine}`]),
    ...lib,
    "/lib",
    "/usr/lib",
    "/usr/local/lib",
  ];
}

async function findLibrary(
  name: string,
  folders: readonly string[],
  wanted: ElfFile,
): Promise<string | undefined> {
  const candidates = name.includes("/")
    ? [name]
    : folders.filter(isAbsolute).map((folder) => join(folder, name));
  for (const path of candidates) {
    // The loader passes over libraries of other machines, and so does this.
    const elf = await readElf(path).catch(() => {});
    if (elf?.machine === wanted.machine && elf.bits === wanted.bits) return path;
  }
  return undefined;
}

/** The folders that a file of ldconfig names, and the files that it includes. */
async function configuredFolders(path: string, depth: number): Promise<readonly string[]> {
  const lines = (await readFile(path, "utf8").catch(() => ""))
    .split("\n")
    .map((line) => line.replace(/#.*/, "").trim());
  const folders: string[] = [];
  for (const line of lines) {
    const included = /^include\s+(\S+)/.exec(line)?.[1];
    if (included !== undefined && depth < 4) {
      const pattern = isAbsolute(included) ? included : join(dirname(path), included);
      for (const file of await matchingFiles(pattern))
        folders.push(...(await configuredFolders(file, depth + 1)));
    } else if (line.startsWith("/")) folders.push(line);
  }
  return folders;
}

/** The files of a pattern with stars in its last part, which is all that `ld.so.conf` uses. */
async function matchingFiles(pattern: string): Promise<readonly string[]> {
  const folder = dirname(pattern);
  const [before = "", after] = pattern.slice(folder.length + 1).split("*");
  const names = await readdir(folder).catch((): string[] => []);
  return names
    .filter((name) =>
      after === undefined ? name === before : name.startsWith(before) && name.endsWith(after),
    )
    .sort()
    .map((name) => join(folder, name));
}
