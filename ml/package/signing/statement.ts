/** @file The statement that is signed: in-toto's, with the predicate of OpenSSF Model Signing 1.0. */
import { createHash } from "node:crypto";
import * as v from "valibot";
import type { FileDigests } from "./file-digests.ts";
import { SignatureError } from "./signature-error.ts";

/** The media type of a statement, as it is signed. */
export const statementMediaType = "application/vnd.in-toto+json";

const statementType = "https://in-toto.io/Statement/v1";
const predicateType = "https://model_signing/signature/v1.0";

const digestSchema = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, "must be a SHA-256 in hexadecimal"));
const statementSchema = v.object({
  _type: v.literal(statementType),
  subject: v.tuple([v.object({ name: v.string(), digest: v.object({ sha256: digestSchema }) })]),
  predicateType: v.literal(predicateType),
  predicate: v.object({
    serialization: v.object({
      method: v.literal("files"),
      hash_type: v.literal("sha256"),
      allow_symlinks: v.optional(v.boolean()),
      ignore_paths: v.optional(v.array(v.string()), []),
    }),
    resources: v.array(v.object({ name: v.string(), algorithm: v.literal("sha256"), digest: digestSchema })),
  }),
});

/** What a signature says. */
export interface SignedModel {
  /** The last part of the folder's name when it was signed; tells, but binds nothing. */
  readonly name: string;
  readonly files: FileDigests;
  /** Names that are not part of the model, with everything below them. */
  readonly ignored: readonly string[];
}

/** The statement as the bytes that are signed. */
export function writeStatement({ name, files, ignored }: SignedModel): Buffer {
  const statement: v.InferInput<typeof statementSchema> = {
    _type: statementType,
    subject: [{ name, digest: { sha256: rootDigest(files.values()) } }],
    predicateType,
    predicate: {
      serialization: {
        method: "files",
        hash_type: "sha256",
        allow_symlinks: false,
        ignore_paths: [...ignored],
      },
      resources: [...files].map(([name, digest]) => ({ name, algorithm: "sha256", digest })),
    },
  };
  return Buffer.from(JSON.stringify(statement));
}

/**
 * Reads a statement whose signature was verified.
 * @throws {@link SignatureError} for statements of other kinds and for those that contradict themselves
 */
export function readStatement(payload: Buffer): SignedModel {
  let json: unknown;
  try {
    json = JSON.parse(payload.toString());
  } catch (cause) {
    throw new SignatureError("the signed statement is no JSON", { cause });
  }
  const read = v.safeParse(statementSchema, json);
  if (!read.success) {
    const [issue] = read.issues;
    throw new SignatureError(
      `the signed statement is not one of model signing 1.0 by files and SHA-256: ${v.getDotPath(issue) ?? "it"}: ${issue.message}`,
    );
  }
  const {
    subject: [subject],
    predicate: { serialization, resources },
  } = read.output;
  const files = new Map<string, string>();
  for (const { name, digest } of resources) {
    if (files.has(name)) throw new SignatureError(`the signed statement names ${name} twice`);
    files.set(name, digest);
  }
  if (rootDigest(files.values()) !== subject.digest.sha256)
    throw new SignatureError("the signed statement's digest is not that of its files");
  return { name: subject.name, files, ignored: serialization.ignore_paths };
}

/** The SHA-256 over the digests of all files, as bytes, one after another. */
function rootDigest(digests: Iterable<string>): string {
  const hash = createHash("sha256");
  for (const digest of digests) hash.update(digest, "hex");
  return hash.digest("hex");
}
