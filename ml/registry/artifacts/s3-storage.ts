/**
 * @file Artifacts in S3-compatible storage. A file of any size goes up in parts as it comes in, two parts in memory at most; its
 * key has the old content until all are there.
 */
import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import type { ReadableStream } from "node:stream/web";
import { doesNotExist, invalidParameter, type MlflowError } from "../mlflow-error.ts";
import type { ArtifactStorage, FileInfo, OpenFile, PartUploads, SentPart } from "./artifact-storage.ts";
import { elements, escapeXml, S3Client, S3Error } from "./s3-client.ts";
import { s3Settings } from "./s3-settings.ts";

/** With the 10,000 parts that S3 takes, files of up to 156 GiB. */
const partSize = 16 * 1024 * 1024;
const keysPerDeletion = 1000;
/** How long a client may send a part to S3 itself, in seconds. */
const partTime = 3600;

/**
 * Keeps artifacts in S3-compatible storage, by a URL `s3://bucket/prefix` and the variables of {@link s3Settings}. Rejects with
 * {@link S3Error} where the bucket cannot be read.
 */
export async function s3Storage(url: string): Promise<ArtifactStorage> {
  const settings = s3Settings(url);
  const client = new S3Client(settings);
  const storage = new S3Storage(client, settings.prefix);
  await client.ask({
    method: "GET",
    key: "",
    query: { "list-type": "2", "max-keys": "1", prefix: settings.prefix },
  });
  return storage;
}

interface Listing {
  readonly files: readonly { readonly key: string; readonly size: number }[];
  readonly folders: readonly string[];
}

class S3Storage implements ArtifactStorage {
  readonly partUploads: PartUploads = {
    begin: (path, parts) => this.#beginForClient(path, parts),
    complete: (path, id, parts) => this.#complete(this.#key(path), id, parts).catch(tellUpload),
    abort: (path, id) => this.#abort(this.#key(path), id).catch(tellUpload),
  };
  readonly #client: S3Client;
  readonly #prefix: string;

  constructor(client: S3Client, prefix: string) {
    this.#client = client;
    this.#prefix = prefix;
  }

  async list(path: string, prefix = ""): Promise<readonly FileInfo[]> {
    const folder = path === "" ? this.#prefix : `${this.#key(path)}/`;
    const found: FileInfo[] = [];
    const shown = (key: string): string => `${prefix === "" ? "" : `${prefix}/`}${key.slice(folder.length)}`;
    for await (const { files, folders } of this.#listings(folder, "/")) {
      for (const key of folders) found.push({ path: shown(key).replace(/\/$/, ""), is_dir: true });
      for (const { key, size } of files)
        // Some tools mark a folder by an empty object of its name.
        if (key !== folder) found.push({ path: shown(key), is_dir: false, file_size: size });
    }
    return found.toSorted((a, b) => (a.path < b.path ? -1 : 1));
  }

  async open(path: string): Promise<OpenFile> {
    const response = await this.#client
      .ask({ method: "GET", key: this.#key(path) })
      .catch((error: unknown) => {
        throw isMissing(error) ? doesNotExist(`No such artifact: '${path}'`) : error;
      });
    // SAFETY: Node's fetch gives Node's own stream.
    const body = response.body as ReadableStream<Uint8Array> | null;
    return {
      size: Number(response.headers.get("content-length")),
      stream: body ? Readable.fromWeb(body) : Readable.from([]),
    };
  }

  async save(path: string, chunks: AsyncIterable<Uint8Array>): Promise<void> {
    if (path === "") throw invalidParameter("Invalid path");
    const key = this.#key(path);
    const parts = inParts(chunks);
    const first = await parts.next();
    const second = first.done ? first : await parts.next();
    if (second.done) {
      await this.#client.ask({ method: "PUT", key, body: first.done ? new Uint8Array() : first.value });
      return;
    }
    await this.#saveInParts(key, first.done ? new Uint8Array() : first.value, second.value, parts);
  }

  async remove(path: string): Promise<void> {
    if (path === "") throw invalidParameter("Invalid path");
    const key = this.#key(path);
    const keys: string[] = [];
    // Keys with more after the name are other files' or the folder's.
    for await (const { files } of this.#listings(key))
      keys.push(
        ...files.map((file) => file.key).filter((found) => found === key || found.startsWith(`${key}/`)),
      );
    if (keys.length === 0) throw doesNotExist(`No such artifact: '${path}'`);
    for (let at = 0; at < keys.length; at += keysPerDeletion)
      await this.#deleteKeys(keys.slice(at, at + keysPerDeletion));
  }

  #key(path: string): string {
    return `${this.#prefix}${path}`;
  }

  async *#listings(prefix: string, delimiter?: string): AsyncGenerator<Listing> {
    let token: string | undefined;
    do {
      const query = {
        "list-type": "2",
        "encoding-type": "url",
        prefix,
        ...(delimiter !== undefined && { delimiter }),
        ...(token !== undefined && { "continuation-token": token }),
      };
      const xml = await (await this.#client.ask({ method: "GET", key: "", query })).text();
      yield {
        files: elements(xml, "Contents").map((entry) => ({
          key: decodedKey(elements(entry, "Key")[0] ?? ""),
          size: Number(elements(entry, "Size")[0]),
        })),
        folders: elements(xml, "CommonPrefixes").map((entry) =>
          decodedKey(elements(entry, "Prefix")[0] ?? ""),
        ),
      };
      token = elements(xml, "NextContinuationToken")[0];
    } while (token !== undefined);
  }

  async #saveInParts(
    key: string,
    first: Uint8Array,
    second: Uint8Array,
    rest: AsyncIterable<Uint8Array>,
  ): Promise<void> {
    const id = await this.#begin(key);
    const parts: SentPart[] = [];
    const send = async (body: Uint8Array): Promise<void> => {
      const number = parts.length + 1;
      const response = await this.#client.ask({ method: "PUT", key, query: partQuery(id, number), body });
      parts.push({ number, tag: response.headers.get("etag") ?? "" });
    };
    try {
      await send(first);
      await send(second);
      for await (const part of rest) await send(part);
      await this.#complete(key, id, parts);
    } catch (error) {
      // What cannot be given up now, a rule of the bucket gives up later.
      await this.#abort(key, id).catch(() => {});
      throw error;
    }
  }

  async #beginForClient(
    path: string,
    parts: number,
  ): Promise<{ readonly id: string; readonly urls: readonly string[] }> {
    const key = this.#key(path);
    const id = await this.#begin(key);
    const urls: string[] = [];
    for (let number = 1; number <= parts; number++)
      urls.push(await this.#client.presigned({ method: "PUT", key, query: partQuery(id, number) }, partTime));
    return { id, urls };
  }

  /** Begins an upload in parts; returns its id. */
  async #begin(key: string): Promise<string> {
    const started = await this.#client.ask({ method: "POST", key, query: { uploads: "" } });
    return elements(await started.text(), "UploadId")[0] ?? "";
  }

  async #complete(key: string, uploadId: string, parts: readonly SentPart[]): Promise<void> {
    const list = parts.map(
      ({ number, tag }) => `<Part><PartNumber>${number}</PartNumber><ETag>${escapeXml(tag)}</ETag></Part>`,
    );
    const body = Buffer.from(`<CompleteMultipartUpload>${list.join("")}</CompleteMultipartUpload>`);
    const ended = await this.#client.ask({ method: "POST", key, query: { uploadId }, body });
    // The answer begins before S3 knows how it ends.
    const xml = await ended.text();
    if (xml.includes("<Error>")) throw new S3Error(`the parts of ${key}`, ended.status, xml);
  }

  async #abort(key: string, uploadId: string): Promise<void> {
    await this.#client.ask({ method: "DELETE", key, query: { uploadId } });
  }

  async #deleteKeys(keys: readonly string[]): Promise<void> {
    const objects = keys.map((key) => `<Object><Key>${escapeXml(key)}</Key></Object>`);
    const body = Buffer.from(`<Delete>${objects.join("")}<Quiet>true</Quiet></Delete>`);
    const headers = { "content-md5": createHash("md5").update(body).digest("base64") };
    const response = await this.#client.ask({
      method: "POST",
      key: "",
      query: { delete: "" },
      headers,
      body,
    });
    const [failure] = elements(await response.text(), "Error");
    if (failure !== undefined) throw new S3Error("deleting", response.status, failure);
  }
}

/** The bytes in parts of one size, but for the last. */
async function* inParts(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, undefined> {
  let part = Buffer.allocUnsafe(0);
  let length = 0;
  for await (const chunk of chunks)
    for (let at = 0; at < chunk.length;) {
      if (part.length === 0) part = Buffer.allocUnsafe(partSize);
      const taken = chunk.subarray(at, at + partSize - length);
      part.set(taken, length);
      length += taken.length;
      at += taken.length;
      if (length < partSize) continue;
      yield part;
      part = Buffer.allocUnsafe(0);
      length = 0;
    }
  if (length > 0) yield part.subarray(0, length);
  return undefined;
}

function partQuery(uploadId: string, number: number): Readonly<Record<string, string>> {
  return { partNumber: String(number), uploadId };
}

/** Rejects with MLflow's error where S3 refuses what a client told of its upload. */
async function tellUpload(error: unknown): Promise<never> {
  throw (error instanceof S3Error && refusedUpload(error)) || error;
}

function refusedUpload({ code, message }: S3Error): MlflowError | undefined {
  switch (code) {
    case "NoSuchUpload":
      return doesNotExist("There is no such multipart upload: it may have been completed or aborted.");
    case "InvalidPart":
    case "InvalidPartOrder":
    case "EntityTooSmall":
    case "InvalidRequest":
    case "MalformedXML":
      return invalidParameter(message);
    default:
      return undefined;
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof S3Error && error.status === 404 && error.code !== "NoSuchBucket";
}

/** Keys come as a form's fields do. */
function decodedKey(key: string): string {
  return decodeURIComponent(key.replaceAll("+", " "));
}
