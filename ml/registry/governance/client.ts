/** @file Evidence, reviews, promotions and the audit log of a store, asked by its API: of a folder and of a server alike. */
import * as v from "valibot";
import { evidenceSchema, type Evidence } from "../../package/evidence.ts";
import { parseSignature } from "../../package/signature.ts";
import { actorSchema, type Actor } from "./actor.ts";
import type { ChainedEntry } from "./audit/audit-entry.ts";
import { allEntries, verifyLog } from "./audit/audit-log.ts";
import type { AuditVerification, LogPosition } from "./audit/verify-chain.ts";
import { parsePolicy, type Policy } from "./policy.ts";

/** What calls a store's API, of a folder or of a server: `ml/track`'s is one. */
export interface ApiCaller {
  /** Calls an endpoint, and gives the answer's JSON. Rejects where the store refuses. */
  ask(method: "GET" | "POST", endpoint: string, input: object): Promise<unknown>;
}

const objectionSchema = v.object({
  demand: v.picklist(["metric", "evidence", "signature", "approvals", "signed"]),
  message: v.string(),
});

const checkSchema = v.object({
  allowed: v.boolean(),
  objections: v.array(objectionSchema),
  rules: v.number(),
  policy: v.exactOptional(v.string()),
  holder: v.exactOptional(v.string()),
});

/** Whether an alias may point to a version, and all that speaks against it. */
export type PromotionAnswer = v.InferOutput<typeof checkSchema>;

const signature = v.pipe(v.unknown(), v.transform(parseSignature));

const reportSchema = v.object({
  name: v.string(),
  version: v.string(),
  aliases: v.array(v.string()),
  /** The aliases that it got, under a policy, when it had other files. */
  changedSince: v.array(v.string()),
  authors: v.array(v.string()),
  metrics: v.record(v.string(), v.union([v.number(), v.pipe(v.string(), v.transform(Number))])),
  evidence: v.array(
    v.object({
      ...evidenceSchema.entries,
      by: v.exactOptional(actorSchema),
      at: v.exactOptional(v.number()),
    }),
  ),
  reviews: v.array(
    v.object({
      verdict: v.picklist(["approve", "reject"]),
      by: actorSchema,
      at: v.number(),
      comment: v.string(),
      files: v.exactOptional(v.string()),
    }),
  ),
  files: v.union([
    v.object({ unreadable: v.string() }),
    v.object({ digest: v.string(), signature: v.union([v.object({ unknown: v.string() }), signature]) }),
  ]),
});

/** What speaks for and against a version. */
export type VersionReport = v.InferOutput<typeof reportSchema>;

const entriesSchema = v.object({
  entries: v.array(v.object({ sequence: v.number(), text: v.string(), hash: v.string() })),
});
const lastSchema = v.object({ sequence: v.number(), hash: v.string() });

/** A store's answer that isn't of its API. */
export class UnknownAnswerError extends Error {
  override readonly name = "UnknownAnswerError";
}

/** Asks a store about versions, and changes what belongs to them. What the store refuses is its own error. */
export class GovernanceClient {
  readonly #api: ApiCaller;

  constructor(api: ApiCaller) {
    this.#api = api;
  }

  /** The policy that the store applies; undefined where it has none. */
  async policy(): Promise<Policy | undefined> {
    const { policy } = await this.#ask("GET", "policy", {}, v.object({ policy: v.optional(v.unknown()) }));
    return policy === undefined ? undefined : parsePolicy(policy);
  }

  /** The authors, metrics, evidence, reviews and files of a version. */
  async version(name: string, version: string): Promise<VersionReport> {
    return this.#ask("GET", "model-versions/get", { name, version }, reportSchema);
  }

  /** Adds a piece of evidence to a version. */
  async addEvidence(name: string, version: string, evidence: Evidence): Promise<void> {
    await this.#ask("POST", "model-versions/add-evidence", { name, version, evidence }, v.object({}));
  }

  /** Approves or rejects a version; returns the name that it was done in, and whether the store has verified it. */
  async review(name: string, version: string, verdict: "approve" | "reject", comment = ""): Promise<Actor> {
    const input = { name, version, verdict, comment };
    return (await this.#ask("POST", "model-versions/review", input, v.object({ by: actorSchema }))).by;
  }

  /** Tells all that speaks against an alias pointing to a version, and changes nothing. */
  async check(name: string, version: string, alias: string): Promise<PromotionAnswer> {
    return this.#ask("GET", "promotions/check", { name, version, alias }, checkSchema);
  }

  /** Points an alias to a version, or tells all that speaks against it. */
  async promote(name: string, version: string, alias: string): Promise<PromotionAnswer> {
    return this.#ask("POST", "promotions/promote", { name, version, alias }, checkSchema);
  }

  /** Takes an alias away. */
  async demote(name: string, alias: string): Promise<void> {
    await this.#ask("POST", "promotions/demote", { name, alias }, v.object({}));
  }

  /** Points an alias to the version that had it before. */
  async rollBack(name: string, alias: string): Promise<{ readonly from?: string; readonly to: string }> {
    const schema = v.object({ from: v.exactOptional(v.string()), to: v.string() });
    return this.#ask("POST", "promotions/roll-back", { name, alias }, schema);
  }

  /** All entries of the audit log, or those behind a number, read as they are asked for. */
  auditEntries(behind = 0): AsyncGenerator<ChainedEntry> {
    return allEntries(behind, (after, limit) => this.#entries(after, limit));
  }

  /** The number and the hash of the last entry, as the store notes them; 0 and zeros where there is none. */
  async auditLast(): Promise<LogPosition> {
    return this.#ask("GET", "audit/last", {}, lastSchema);
  }

  /** Reads the whole audit log and verifies it here, against a head that was exported before where one is given. */
  async verifyAudit(head?: LogPosition): Promise<AuditVerification> {
    const entries = async (after: number, limit: number): Promise<readonly ChainedEntry[]> =>
      this.#entries(after, limit);
    return verifyLog({ entries, last: () => this.auditLast() }, head);
  }

  async #entries(after: number, limit: number): Promise<readonly ChainedEntry[]> {
    const input = { after, max_results: limit };
    return (await this.#ask("GET", "audit/entries", input, entriesSchema)).entries;
  }

  async #ask<const S extends v.GenericSchema>(
    method: "GET" | "POST",
    endpoint: string,
    input: object,
    schema: S,
  ): Promise<v.InferOutput<S>> {
    const answer = await this.#api.ask(method, `tenon/${endpoint}`, input);
    const parsed = v.safeParse(schema, answer);
    if (parsed.success) return parsed.output;
    const [issue] = parsed.issues;
    throw new UnknownAnswerError(
      `the store's answer to ${endpoint} isn't Tenon's: ${v.getDotPath(issue) ?? "it"}: ${issue.message}`,
    );
  }
}
