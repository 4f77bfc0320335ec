/**
 * @file Calls of the S3 API (https://docs.aws.amazon.com/AmazonS3/latest/API), signed by Signature Version 4 with the hash of what
 * is sent. Answers that say to come again are asked for again, with growing pauses.
 */
import { createHash } from "node:crypto";
import { AwsClient } from "aws4fetch";
import { MlflowError } from "../mlflow-error.ts";
import type { S3Settings } from "./s3-settings.ts";

const retries = 5;

/** An answer of S3 that refuses. */
export class S3Error extends Error {
  override readonly name = "S3Error";
  readonly status: number;
  /** S3's own code, such as `NoSuchKey`. */
  readonly code: string;

  constructor(what: string, status: number, body: string) {
    const code = elements(body, "Code")[0] ?? "";
    const message = elements(body, "Message")[0] ?? "";
    super(`${what}: ${[status, code, message].filter(Boolean).join(" ")}`);
    this.status = status;
    this.code = code;
  }
}

export interface S3Call {
  readonly method: "GET" | "PUT" | "POST" | "DELETE" | "HEAD";
  /** Empty for the bucket. */
  readonly key: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
}

export class S3Client {
  readonly #settings: S3Settings;
  readonly #client: AwsClient;

  constructor(settings: S3Settings) {
    this.#settings = settings;
    const { accessKeyId, secretAccessKey, sessionToken, region } = settings;
    this.#client = new AwsClient({
      accessKeyId,
      secretAccessKey,
      ...(sessionToken !== undefined && { sessionToken }),
      region,
      service: "s3",
      retries,
    });
  }

  /** A URL by which whoever has it may make a call once or more within some seconds. */
  async presigned({ method, key, query = {} }: S3Call, seconds: number): Promise<string> {
    const url = this.#url(key, { ...query, "X-Amz-Expires": String(seconds) });
    return (await this.#client.sign(url, { method, aws: { signQuery: true } })).url;
  }

  /** The answer of a call. Rejects with {@link S3Error} where it is a refusal. */
  async ask({ method, key, query = {}, headers = {}, body }: S3Call): Promise<Response> {
    const url = this.#url(key, query);
    const hash = createHash("sha256")
      .update(body ?? "")
      .digest("hex");
    const what = `${method} s3://${this.#settings.bucket}/${key}`;
    let response: Response;
    try {
      response = await this.#client.fetch(url, {
        method,
        headers: { ...headers, "x-amz-content-sha256": hash },
        ...(body && { body }),
      });
    } catch (error) {
      throw new MlflowError("TEMPORARILY_UNAVAILABLE", `${what}: the storage cannot be reached: try again.`, {
        cause: error,
        retryAfter: 2,
      });
    }
    if (!response.ok) throw new S3Error(what, response.status, await response.text());
    return response;
  }

  #url(key: string, query: Readonly<Record<string, string>>): string {
    const path = key.split("/").map(encoded).join("/");
    const search = Object.entries(query).map(([name, value]) => `${encoded(name)}=${encoded(value)}`);
    return `${this.#settings.bucketUrl}${path === "" ? "" : `/${path}`}${search.length > 0 ? `?${search.join("&")}` : ""}`;
  }
}

/** The texts of all elements of a name in S3's XML, which has no attributes and nests none in itself. */
export function elements(xml: string, name: string): string[] {
  const found = xml.matchAll(new RegExp(`<${name}(?:\\s[^>]*)?>([^]*?)</${name}>`, "g"));
  return Array.from(found, ([, text = ""]) => (text.includes("<") ? text : unescapeXml(text)));
}

/** A text as XML holds it. */
export function escapeXml(text: string): string {
  return text.replaceAll(/[&<>"'\r\n\t]/g, (mark) => `&#${mark.charCodeAt(0)};`);
}

const entities: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

function unescapeXml(text: string): string {
  return text.replaceAll(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, (whole, hex, decimal, name: string) => {
    if (hex !== undefined) return String.fromCodePoint(Number.parseInt(String(hex), 16));
    if (decimal !== undefined) return String.fromCodePoint(Number(decimal));
    return entities[name] ?? whole;
  });
}

/** As Signature Version 4 encodes: all but letters, digits and `-._~`. */
function encoded(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
