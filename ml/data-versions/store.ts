/**
 * @file The folder in which snapshots are kept.
 *
 * ```
 * objects/ab/cdef…            the content of files, by its SHA-256; each content once, never changed
 * snapshots/NAME/DIGEST.json  manifests
 * ```
 *
 * An object is there before a manifest names it, and both appear whole or not at all, so that whenever a process ends, what the
 * manifests name is there. Several processes may write one store.
 */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { lstat, mkdir, mkdtemp, readdir, readFile, rm, unlink, utimes } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { unfinishedFile, writeFileAtomically } from "../atomic-file.ts";
import { DataVersionError } from "./errors.ts";
import { type Manifest, manifestText, parseManifest, snapshotName } from "./manifest.ts";

/** Where snapshots are kept when no folder is named, in the working folder. */
export const defaultStore = ".tenon/data";

/** No manifest of a million files comes near. */
const largestManifest = 512 << 20;

/** Which store, and what stops the work. */
export interface StoreOptions {
  /** The folder of the store; `.tenon/data` in the working folder if not given. */
  readonly store?: string;
  /** Stops the work, which then throws the signal's reason; the running cell's where absent. */
  readonly signal?: AbortSignal;
}

/** Content as it was put into a store. */
export interface StoredContent {
  readonly sha256: string;
  readonly size: number;
}

/** A store of snapshots. */
export class SnapshotStore {
  readonly folder: string;

  constructor(folder: string = defaultStore) {
    this.folder = resolve(folder);
  }

  /** Where the content with a digest is kept. */
  objectPath(sha256: string): string {
    return join(this.folder, "objects", sha256.slice(0, 2), sha256.slice(2));
  }

  /** Calls back with a folder in the store that is gone afterwards. */
  async withScratch<T>(use: (folder: string) => Promise<T>): Promise<T> {
    const parent = join(this.folder, "scratch");
    await mkdir(parent, { recursive: true });
    const folder = await mkdtemp(join(parent, "s-"));
    try {
      return await use(folder);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  /**
   * Puts content into the store. It is hashed first, so that what is there already costs no writing; `content` gives it twice
   * where it isn't.
   */
  async put(content: () => AsyncIterable<Uint8Array>): Promise<StoredContent> {
    const hash = createHash("sha256");
    let size = 0;
    for await (const chunk of content()) {
      hash.update(chunk);
      size += chunk.length;
    }
    const sha256 = hash.digest("hex");
    return (await this.#has(sha256, size)) ? { sha256, size } : await this.#write(content());
  }

  /** Writes content, which may have changed since it was hashed: what it is now is what counts. */
  async #write(content: AsyncIterable<Uint8Array>): Promise<StoredContent> {
    const incoming = join(this.folder, "objects", "incoming");
    await mkdir(dirname(incoming), { recursive: true });
    const file = await unfinishedFile(incoming);
    try {
      const hash = createHash("sha256");
      for await (const chunk of content) {
        hash.update(chunk);
        await file.write(chunk);
      }
      const sha256 = hash.digest("hex");
      const path = this.objectPath(sha256);
      await mkdir(dirname(path), { recursive: true });
      await file.commit(path);
      return { sha256, size: file.length };
    } finally {
      await file.discard();
    }
  }

  /** Whether content is in the store already; it counts as new from now on, so that no one collects it as garbage. */
  async #has(sha256: string, size: number): Promise<boolean> {
    const path = this.objectPath(sha256);
    const found = await lstat(path).catch(() => undefined);
    if (found?.isFile() !== true || found.size !== size) return false;
    // The time of writing stays, by which tables tell whether their files have changed.
    await utimes(path, new Date(), found.mtime);
    return true;
  }

  /**
   * The content with a digest; that it is what the digest says is certain only when the generator has ended without an error.
   * @param subject whose content it is, for the error
   * @throws {@link DataVersionError} where it is missing or was changed
   */
  async *content(sha256: string, subject: string, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
    const hash = createHash("sha256");
    try {
      for await (const chunk of createReadStream(this.objectPath(sha256), { highWaterMark: 1 << 20 })) {
        signal?.throwIfAborted();
        // SAFETY: a stream without an encoding gives buffers.
        const bytes = chunk as Buffer;
        hash.update(bytes);
        yield bytes;
      }
    } catch (cause) {
      if (!isMissing(cause)) throw cause;
      throw new DataVersionError(subject, `its content ${sha256} is not in ${this.folder}`, { cause });
    }
    if (hash.digest("hex") !== sha256)
      throw new DataVersionError(subject, `its content in ${this.folder} was changed: it is not ${sha256}`);
  }

  /** Writes a snapshot's manifest, over one of the same name and digest. */
  async putManifest(manifest: Manifest): Promise<void> {
    const path = this.#manifestPath(manifest.name, manifest.digest);
    await mkdir(dirname(path), { recursive: true });
    await writeFileAtomically(path, [Buffer.from(manifestText(manifest))]);
  }

  /** The names and digests of all snapshots that are there. */
  async names(): Promise<readonly { readonly name: string; readonly digest: string }[]> {
    const found: { readonly name: string; readonly digest: string }[] = [];
    for (const name of (await entries(join(this.folder, "snapshots"))).sort()) {
      if (!snapshotName.test(name)) continue;
      for (const file of (await entries(join(this.folder, "snapshots", name))).sort()) {
        const digest = /^([0-9a-f]{64})\.json$/.exec(file)?.[1];
        if (digest !== undefined) found.push({ name, digest });
      }
    }
    return found;
  }

  /**
   * A snapshot's manifest.
   * @throws {@link DataVersionError} where there is none or it was changed
   */
  async manifest(name: string, digest: string): Promise<Manifest> {
    const path = this.#manifestPath(name, digest);
    const subject = `${name}@${digest.slice(0, 12)}`;
    let text: string;
    try {
      const { size } = await lstat(path);
      if (size > largestManifest)
        throw new DataVersionError(subject, `its manifest has ${size} bytes, too many`);
      text = await readFile(path, "utf8");
    } catch (cause) {
      if (!isMissing(cause)) throw cause;
      throw new DataVersionError(subject, `there is no such snapshot in ${this.folder}`, { cause });
    }
    const manifest = parseManifest(text, subject);
    if (manifest.name !== name || manifest.digest !== digest)
      throw new DataVersionError(subject, "its manifest is that of another snapshot");
    return manifest;
  }

  /** Removes a snapshot's manifest; its content stays until garbage is collected. */
  async removeManifest(name: string, digest: string): Promise<void> {
    await unlink(this.#manifestPath(name, digest));
  }

  #manifestPath(name: string, digest: string): string {
    return join(this.folder, "snapshots", name, `${digest}.json`);
  }
}

/** The names in a folder; none where it is not there. */
export async function entries(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR");
}
