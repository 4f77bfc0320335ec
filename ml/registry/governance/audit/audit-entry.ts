/**
 * @file An entry of the audit log and the chain of hashes: each entry's hash is over the hash before it and the entry's
 * canonical JSON, so that the last hash stands for all that was ever entered.
 */
import { createHash } from "node:crypto";
import * as v from "valibot";
import { actorSchema, type Actor } from "../actor.ts";
import { canonicalJson, type JsonValue } from "../canonical-json.ts";

/** What can be entered. */
export const auditActions = [
  "model-version.create",
  "model-version.delete",
  "model-version.stage",
  "registered-model.delete",
  "registered-model.rename",
  "alias.set",
  "alias.delete",
  "evidence.add",
  "review.add",
  "promotion.done",
  "promotion.refused",
  "promotion.rolled-back",
  "run.delete",
  "experiment.delete",
  "logged-model.delete",
  // Files are in no transaction: a deletion is entered before it is begun, and what became of it with the number of that entry.
  "artifact.delete-begun",
  "artifact.delete",
  "artifact.delete-failed",
  "user.change",
] as const;

/** What happened. */
export type AuditAction = (typeof auditActions)[number];

/** What is entered. */
export interface AuditEvent {
  readonly action: AuditAction;
  /** A registered model's name. */
  readonly model?: string;
  readonly version?: string;
  readonly alias?: string;
  /** What else belongs to it. */
  readonly details?: { readonly [name: string]: JsonValue | undefined };
}

/** What was entered, when and by whom. */
export interface AuditEntry extends AuditEvent {
  /** 1 for the first, without gaps. */
  readonly sequence: number;
  /** As an ISO text in UTC, by the clock of the machine that entered it. */
  readonly at: string;
  readonly actor: Actor;
}

/** An entry as it is kept and exported: the text that was hashed, and the hash. */
export interface ChainedEntry {
  readonly sequence: number;
  /** The entry as canonical JSON. */
  readonly text: string;
  /** SHA-256 in hexadecimal. */
  readonly hash: string;
}

/** What stands before the first entry. */
export const noHash = "0".repeat(64);

const jsonSchema: v.GenericSchema<JsonValue> = v.lazy(() =>
  v.union([
    v.string(),
    v.pipe(v.number(), v.finite()),
    v.boolean(),
    v.null(),
    v.array(jsonSchema),
    v.record(v.string(), jsonSchema),
  ]),
);

const entrySchema = v.object({
  sequence: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
  at: v.pipe(v.string(), v.isoTimestamp()),
  actor: actorSchema,
  action: v.picklist(auditActions),
  model: v.exactOptional(v.string()),
  version: v.exactOptional(v.string()),
  alias: v.exactOptional(v.string()),
  details: v.exactOptional(v.record(v.string(), jsonSchema)),
});

/** The hash of an entry behind another: SHA-256 of the hash before, a line feed, and the text, in hexadecimal. */
export function chainHash(previous: string, text: string): string {
  return createHash("sha256").update(`${previous}\n${text}`).digest("hex");
}

/** The text of an entry. */
export function entryText(entry: AuditEntry): string {
  const { sequence, at, actor, action, model, version, alias, details } = entry;
  return canonicalJson({
    sequence,
    at,
    actor: { name: actor.name, verified: actor.verified },
    action,
    model,
    version,
    alias,
    details,
  });
}

/** The entry in a text, or undefined where it holds none. */
export function parseEntry(text: string): AuditEntry | undefined {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return undefined;
  }
  const parsed = v.safeParse(entrySchema, json);
  return parsed.success ? parsed.output : undefined;
}
