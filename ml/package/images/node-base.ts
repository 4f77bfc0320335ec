/**
 * @file The layer below an application where none is given: the Node that runs this, what it needs to be loaded, and what
 * programs expect of any machine. No shell, no package manager.
 */
import { realpath, stat } from "node:fs/promises";
import { resolve, sep } from "node:path";
import { folderEntries } from "../../folder-entries.ts";
import { readElf } from "./elf.ts";
import { ImageError } from "./image-error.ts";
import { imagePath, withParents } from "./folder-layer.ts";
import { findByName, neededLibraries } from "./shared-libraries.ts";
import type { TarEntry } from "./tar.ts";

/** Where Node is in such an image. */
export const nodePath = "/usr/local/bin/node";

/** What a layer of this machine's Node holds. */
export interface NodeBase {
  readonly entries: readonly TarEntry[];
  /** Libraries that the application's native add-ons name and this machine lacks, and which add-on does. */
  readonly missing: ReadonlyMap<string, string>;
}

/** What glibc loads by name to look up users and hosts; musl and newer glibcs hold it themselves. */
const loadedByName = ["libnss_files.so.2", "libnss_dns.so.2", "libresolv.so.2"];

/** Where the certificates are: Debian and Alpine, Fedora and its relatives. */
const certificateFiles = ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt"];

const texts: Readonly<Record<string, string>> = {
  "/etc/passwd":
    "root:x:0:0:root:/root:/sbin/nologin\nnonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin\n",
  "/etc/group": "root:x:0:\nnonroot:x:65532:\n",
  "/etc/hosts": "127.0.0.1 localhost\n::1 localhost\n",
  "/etc/nsswitch.conf": "passwd: files\ngroup: files\nhosts: files dns\n",
};

/**
 * The members of the layer, for an application's folder whose native add-ons must load too.
 * @throws {@link ImageError} on anything but Linux, and where Node's own libraries are not all there
 */
export async function nodeBase(application: string): Promise<NodeBase> {
  if (process.platform !== "linux")
    throw new ImageError(
      `the running Node is for ${process.platform}, images are for Linux: give a base (an OCI layout or a tar of Node on Linux)`,
    );
  const node = await realpath(process.execPath);
  const root = `${resolve(application)}${sep}`;
  const own = await neededLibraries([node]);
  const [lacking] = own.missing.keys();
  if (lacking !== undefined) throw new ImageError(`${node} needs ${lacking}, which is not on this machine`);
  const theirs = await neededLibraries(await addOns(application, node), (path) =>
    resolve(path).startsWith(root),
  );
  const files = new Map([[nodePath, node], ...own.found, ...theirs.found]);
  for (const name of loadedByName) {
    const library = await findByName(name, node);
    if (library !== undefined) files.set(library, await realpath(library));
  }
  for (const path of certificateFiles) {
    const file = await realpath(path).catch(() => {});
    if (file !== undefined) files.set("/etc/ssl/certs/ca-certificates.crt", file);
  }
  const entries: TarEntry[] = [
    { kind: "directory", name: "tmp", mode: 0o1777 },
    { kind: "directory", name: "home/nonroot", mode: 0o755 },
    { kind: "directory", name: "root", mode: 0o700 },
    ...Object.entries(texts).map(([path, text]): TarEntry => ({
      kind: "file",
      name: imagePath(path),
      mode: 0o644,
      content: Buffer.from(text),
    })),
  ];
  for (const [place, path] of files) {
    const { size } = await stat(path);
    const mode = place.startsWith("/etc/") ? 0o644 : 0o755;
    entries.push({ kind: "file", name: imagePath(place), mode, content: { path, size } });
  }
  return { entries: withParents(entries), missing: theirs.missing };
}

/** The native add-ons and libraries of a folder that this machine could load; packages carry those of others too. */
async function addOns(folder: string, node: string): Promise<readonly string[]> {
  const machine = (await readElf(node))?.machine;
  const found: string[] = [];
  for (const { kind, name, path } of await folderEntries(folder)) {
    if (kind !== "file" || !/\.(?:node|so(?:\.[\d.]+)?)$/.test(name)) continue;
    const elf = await readElf(path);
    if (elf?.machine === machine) found.push(resolve(path));
  }
  return found;
}
