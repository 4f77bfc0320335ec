import { createHash } from "node:crypto";
import { stat } from "node:fs/promises";
import { InvalidInputError } from "../../errors.ts";
import { fileChunks } from "../../file-chunks.ts";
import { notebookHost } from "../../notebook-host.ts";
import { ImageError } from "./image-error.ts";
import type { Descriptor } from "./oci-schema.ts";
import { blobPath, findImage, readBlob } from "./read-layout.ts";
import { parseReference } from "./reference.ts";
import { RegistryClient, type RegistryCredentials } from "./registry-client.ts";

/** How an image is pushed. */
export interface PushOptions {
  /** The image's tag in the layout; its only image if not given. */
  readonly tag?: string;
  readonly credentials?: RegistryCredentials;
  /** Another repository of the same registry that may have the layers already, from which they are taken. */
  readonly mountFrom?: string;
  /** Bytes of a blob in each request, for registries that limit them; whole blobs if not given. */
  readonly chunkSize?: number;
  /** HTTP instead of HTTPS, for a registry on this machine. */
  readonly plainHttp?: boolean;
  /** Stops the push, which then throws the signal's reason; the running cell's where absent. */
  readonly signal?: AbortSignal;
}

/** What a push did. */
export interface PushedImage {
  /** The digest by which the registry has it. */
  readonly digest: string;
  /** How each blob came there, by its digest. */
  readonly blobs: ReadonlyMap<string, "present" | "mounted" | "uploaded">;
}

/** Hosts of this machine. */
const loopback = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?$/;

/**
 * Pushes an image or artifact of a layout to a registry (OCI distribution specification 1.1): what isn't there of its
 * blobs, streamed, then its manifest under the reference's tag.
 * @param reference `HOST[:PORT]/REPOSITORY[:TAG]`
 * @throws `ImageError` for damaged layouts and with the registry's words where it refuses
 */
export async function pushImage(
  layout: string,
  reference: string,
  options: PushOptions = {},
): Promise<PushedImage> {
  const { registry, repository, tag } = parseReference(reference);
  const { chunkSize } = options;
  if (chunkSize !== undefined && (!Number.isSafeInteger(chunkSize) || chunkSize < 1))
    throw new InvalidInputError(`chunkSize must be a whole number from 1 up, not ${chunkSize}`);
  if (options.plainHttp === true && options.credentials !== undefined && !loopback.test(registry))
    throw new InvalidInputError(`a password is not sent to ${registry} over plain HTTP`);
  const signal = options.signal ?? notebookHost()?.signal;
  const scopes = [
    `repository:${repository}:pull,push`,
    ...(options.mountFrom === undefined ? [] : [`repository:${options.mountFrom}:pull`]),
  ];
  const origin = `${options.plainHttp === true ? "http" : "https"}://${registry}`;
  const client = new RegistryClient({ origin, credentials: options.credentials, signal }, scopes);
  const image = await findImage(layout, options.tag, undefined);
  const blobs = new Map<string, "present" | "mounted" | "uploaded">();
  for (const blob of [...image.manifest.layers, image.manifest.config]) {
    if (blobs.has(blob.digest)) continue;
    blobs.set(blob.digest, await new BlobPush(client, layout, repository, options, signal).push(blob));
  }
  const manifest = await readBlob(layout, image.descriptor);
  const answer = await client.send(
    `/v2/${repository}/manifests/${tag}`,
    { method: "PUT", headers: { "content-type": image.descriptor.mediaType }, body: () => manifest },
    [201],
  );
  const digest = answer.headers.get("docker-content-digest");
  if (digest !== null && digest !== image.descriptor.digest)
    throw new ImageError(
      `${registry} has another digest for the image: ${digest}, not ${image.descriptor.digest}`,
    );
  return { digest: image.descriptor.digest, blobs };
}

/** Brings one blob to a repository. */
class BlobPush {
  readonly #client: RegistryClient;
  readonly #layout: string;
  readonly #repository: string;
  readonly #options: PushOptions;
  readonly #signal: AbortSignal | undefined;

  constructor(
    client: RegistryClient,
    layout: string,
    repository: string,
    options: PushOptions,
    signal: AbortSignal | undefined,
  ) {
    this.#client = client;
    this.#layout = layout;
    this.#repository = repository;
    this.#options = options;
    this.#signal = signal;
  }

  async push({ digest, size }: Descriptor): Promise<"present" | "mounted" | "uploaded"> {
    const blobs = `/v2/${this.#repository}/blobs`;
    const head = await this.#client.send(`${blobs}/${digest}`, { method: "HEAD" }, [200, 404]);
    if (head.status === 200) return "present";
    const path = blobPath(this.#layout, digest);
    const found = await stat(path).catch(() => {});
    if (found?.size !== size)
      throw new ImageError(`${this.#layout} lacks the blob ${digest} of ${size} bytes`);
    const { mountFrom, chunkSize } = this.#options;
    const query =
      mountFrom === undefined
        ? ""
        : `?mount=${encodeURIComponent(digest)}&from=${encodeURIComponent(mountFrom)}`;
    const start = await this.#client.send(
      `${blobs}/uploads/${query}`,
      { method: "POST", headers: { "content-length": "0" } },
      [201, 202],
    );
    if (start.status === 201) return "mounted";
    let place = location(start);
    if (chunkSize !== undefined) place = await this.#sendChunks(place, path, chunkSize);
    const whole = chunkSize === undefined;
    const end = new URL(place);
    end.searchParams.set("digest", digest);
    await this.#client.send(
      end.href,
      {
        method: "PUT",
        headers: { "content-type": "application/octet-stream", "content-length": whole ? String(size) : "0" },
        ...(whole ? { body: () => checkedChunks(path, digest, this.#signal) } : {}),
      },
      [201],
    );
    return "uploaded";
  }

  async #sendChunks(first: string, path: string, chunkSize: number): Promise<string> {
    let place = first;
    let from = 0;
    const send = async (chunk: Uint8Array): Promise<void> => {
      const answer = await this.#client.send(
        place,
        {
          method: "PATCH",
          headers: {
            "content-type": "application/octet-stream",
            "content-length": String(chunk.length),
            "content-range": `${from}-${from + chunk.length - 1}`,
          },
          body: () => chunk,
        },
        [202],
      );
      from += chunk.length;
      place = location(answer);
    };
    for await (const chunk of resized(fileChunks(path, this.#signal), chunkSize)) await send(chunk);
    return place;
  }
}

/** Where an upload goes on: registries may say another place, or another host, each time. */
function location(response: Response): string {
  const place = response.headers.get("location");
  if (place === null || !URL.canParse(place, response.url))
    throw new ImageError(`${new URL(response.url).host} doesn't say where to upload to`);
  return new URL(place, response.url).href;
}

/** A blob's bytes; fails at the end where they are not what the digest says, before the registry is told that it is all. */
async function* checkedChunks(
  path: string,
  digest: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  const hash = createHash("sha256");
  let held: Uint8Array | undefined;
  for await (const chunk of fileChunks(path, signal)) {
    if (held !== undefined) yield held;
    hash.update(chunk);
    held = chunk;
  }
  if (`sha256:${hash.digest("hex")}` !== digest) throw new ImageError(`${path} is damaged`);
  if (held !== undefined) yield held;
}

/** The same bytes in chunks of one size, but for the last. */
async function* resized(chunks: AsyncIterable<Uint8Array>, size: number): AsyncGenerator<Uint8Array> {
  let held: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.length;) {
      const part = chunk.subarray(at, at + size - length);
      held.push(part);
      length += part.length;
      at += part.length;
      if (length < size) continue;
      yield Buffer.concat(held);
      held = [];
      length = 0;
    }
  }
  if (length > 0) yield Buffer.concat(held);
}
