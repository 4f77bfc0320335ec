/**
 * @file API keys. A key is 256 random bits, so one SHA-256 of it is as good as a slow hash, and the file of keys gives nobody
 * a key. The key is shown once, when it is made.
 */
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import * as v from "valibot";
import { InvalidInputError } from "../../errors.ts";
import { type Grant, grantSchema } from "./grants.ts";

/** A key as it is kept. */
export interface ApiKeyRecord {
  readonly id: string;
  /** Who calls with it, in logs and for rate limits. */
  readonly name: string;
  /** SHA-256 of the key, in hexadecimal. */
  readonly hash: string;
  readonly grants: readonly Grant[];
  /** When it ends, as ISO 8601; never where absent. */
  readonly expires?: string | undefined;
}

const recordSchema = v.strictObject({
  id: v.pipe(v.string(), v.regex(/^[0-9a-f]{12}$/, "must be 12 hexadecimal digits")),
  name: v.pipe(v.string(), v.nonEmpty()),
  hash: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, "must be a SHA-256 in hexadecimal")),
  grants: v.array(grantSchema),
  expires: v.optional(v.pipe(v.string(), v.isoTimestamp())),
});

const fileSchema = v.strictObject({ version: v.literal(1), keys: v.array(recordSchema) });

/** Makes a key and its record. The key is not kept anywhere. */
export function makeApiKey(options: {
  readonly name: string;
  readonly grants: readonly Grant[];
  readonly expires?: Date | undefined;
}): { readonly key: string; readonly record: ApiKeyRecord } {
  const id = randomBytes(6).toString("hex");
  const key = `tenon_${id}_${randomBytes(32).toString("base64url")}`;
  const { name, grants, expires } = options;
  return {
    key,
    record: {
      id,
      name,
      hash: hashOf(key).toString("hex"),
      grants,
      ...(expires && { expires: expires.toISOString() }),
    },
  };
}

/**
 * The records of a file of keys.
 * @throws {InvalidInputError} for a text that is no such file, or two keys of one id
 */
export function parseApiKeys(text: string): ApiKeyRecord[] {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (cause) {
    throw new InvalidInputError("the file of API keys is no JSON", { cause });
  }
  const parsed = v.safeParse(fileSchema, content);
  if (!parsed.success) {
    const [issue] = parsed.issues;
    throw new InvalidInputError(`the file of API keys: ${v.getDotPath(issue) ?? "it"}: ${issue.message}`);
  }
  const ids = new Set(parsed.output.keys.map(({ id }) => id));
  if (ids.size < parsed.output.keys.length) throw new InvalidInputError("two API keys have one id");
  return parsed.output.keys;
}

/** The text of a file of keys. */
export function apiKeysText(keys: readonly ApiKeyRecord[]): string {
  return `${JSON.stringify({ version: 1, keys }, undefined, 2)}\n`;
}

/** The keys that are valid. */
export class ApiKeys {
  readonly #records: ReadonlyMap<string, { readonly record: ApiKeyRecord; readonly hash: Buffer }>;

  constructor(records: readonly ApiKeyRecord[]) {
    this.#records = new Map(
      records.map((record) => [record.id, { record, hash: Buffer.from(record.hash, "hex") }]),
    );
  }

  /** The record of a key, undefined for a text that is none or one that has ended. `now` is in milliseconds since 1970. */
  find(key: string, now: number): ApiKeyRecord | undefined {
    const [, id = ""] = /^tenon_([0-9a-f]{12})_[\w-]{43}$/.exec(key) ?? [];
    const found = this.#records.get(id);
    if (!found || !timingSafeEqual(hashOf(key), found.hash)) return undefined;
    const { expires } = found.record;
    return expires !== undefined && Date.parse(expires) <= now ? undefined : found.record;
  }
}

function hashOf(key: string): Buffer {
  return createHash("sha256").update(key).digest();
}
