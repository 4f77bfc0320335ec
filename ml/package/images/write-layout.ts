/**
 * @file Writing an OCI image layout. Blobs are written beside their places and moved there under their digests, the index
 * last: a layout that is interrupted has what it had before, and blobs that the next one can use.
 */
import { createHash } from "node:crypto";
import { mkdir, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { constants, createGzip } from "node:zlib";
import { unfinishedFile, writeFileAtomically } from "../../atomic-file.ts";
import { ImageError } from "./image-error.ts";
import { type Descriptor, type ImageIndex, mediaTypes, refName } from "./oci-schema.ts";
import { blobPath, readIndex } from "./read-layout.ts";

/** A blob that was written. */
export interface WrittenBlob {
  readonly digest: string;
  readonly size: number;
  /** The digest before compression. */
  readonly diffId: string;
}

/** The folder of a layout to which blobs and images are added. */
export class LayoutWriter {
  readonly #path: string;

  private constructor(path: string) {
    this.#path = path;
  }

  /**
   * Opens a layout, or starts one in a folder that is not there or holds nothing but the blobs of an interrupted start.
   * @throws {@link ImageError} where the folder holds something else
   */
  static async open(path: string): Promise<LayoutWriter> {
    await mkdir(path, { recursive: true }).catch((cause: unknown) => {
      throw new ImageError(`${path} can't be written`, { cause });
    });
    const names = await readdir(path);
    if (names.includes("oci-layout")) await readIndex(path);
    else if (names.some((name) => name !== "blobs"))
      throw new ImageError(`${path} is neither empty nor an OCI image layout`);
    await mkdir(join(path, "blobs", "sha256"), { recursive: true });
    return new LayoutWriter(path);
  }

  /** Adds a blob of these bytes, compressed where that is asked for. */
  async add(content: AsyncIterable<Uint8Array>, compress: boolean): Promise<WrittenBlob> {
    const digest = createHash("sha256");
    const plain = createHash("sha256");
    const file = await unfinishedFile(blobPath(this.#path, "sha256:new"));
    const write = async (chunks: AsyncIterable<Uint8Array>): Promise<void> => {
      for await (const chunk of chunks) {
        digest.update(chunk);
        await file.write(chunk);
      }
    };
    const read = async function* (): AsyncGenerator<Uint8Array> {
      for await (const chunk of content) {
        plain.update(chunk);
        yield chunk;
      }
    };
    try {
      await (compress
        ? pipeline(read, createGzip({ level: constants.Z_DEFAULT_COMPRESSION }), anySystem, write)
        : write(content));
      const name = `sha256:${digest.digest("hex")}`;
      const { length: size } = file;
      await file.commit(blobPath(this.#path, name));
      return { digest: name, size, diffId: compress ? `sha256:${plain.digest("hex")}` : name };
    } finally {
      await file.discard();
    }
  }

  /** Adds a blob of a known digest unless it is there. */
  async addKnown({ digest, size }: Descriptor, content: () => AsyncIterable<Uint8Array>): Promise<void> {
    const there = await stat(blobPath(this.#path, digest)).catch(() => {});
    if (there?.size === size) return;
    const written = await this.add(content(), false);
    if (written.digest !== digest)
      throw new ImageError(`the blob ${digest} is damaged: it is ${written.digest}`);
  }

  /** Adds a document as JSON. */
  async addJson(mediaType: string, value: object): Promise<Descriptor> {
    const bytes = Buffer.from(JSON.stringify(value));
    const digest = `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
    await writeFileAtomically(blobPath(this.#path, digest), [bytes]);
    return { mediaType, digest, size: bytes.length };
  }

  /** Names an image by a tag, in place of what had the tag, and writes the index. */
  async finish(image: Descriptor, tag: string): Promise<void> {
    // Read now and not before: another may have added its image in the meantime.
    const before = await this.#currentIndex();
    const others = before.manifests.filter(({ annotations }) => annotations?.[refName] !== tag);
    const index = {
      ...before,
      manifests: [...others, { ...image, annotations: { ...image.annotations, [refName]: tag } }],
    };
    await writeFileAtomically(join(this.#path, "oci-layout"), [
      Buffer.from(JSON.stringify({ imageLayoutVersion: "1.0.0" })),
    ]);
    await writeFileAtomically(join(this.#path, "index.json"), [Buffer.from(JSON.stringify(index))]);
  }

  async #currentIndex(): Promise<ImageIndex> {
    const names = await readdir(this.#path);
    if (names.includes("index.json")) return readIndex(this.#path);
    return { schemaVersion: 2, mediaType: mediaTypes.index, manifests: [] };
  }
}

/** Says "unknown" where gzip's header names the system that compressed: the same bytes on every one. */
async function* anySystem(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let at = 0;
  for await (const chunk of chunks) {
    const place = 9 - at;
    if (place >= 0 && place < chunk.length) chunk[place] = 255;
    at += chunk.length;
    yield chunk;
  }
}
