/** @file What people say of versions: who made them, evidence, reviews; and which versions had an alias. */
import * as v from "valibot";
import { evidenceSchema, type Evidence } from "../../package/evidence.ts";
import { parseSignature, type ModelSignature } from "../../package/signature.ts";
import { parseVersion } from "../limits.ts";
import { invalidParameter } from "../mlflow-error.ts";
import type { Database, SqlValue } from "../store/database.ts";
import { getModelVersion } from "../store/model-versions.ts";
import type { Store } from "../store/store.ts";
import type { Actor } from "./actor.ts";
import { appendAudit } from "./audit/audit-log.ts";
import type { Review, VersionEvidence } from "./version-facts.ts";

/** The most characters of a comment. */
const longestComment = 5000;

/** A version that had an alias. */
export interface AliasHolder {
  readonly number: number;
  readonly version: string;
  /** The digest of its files then; undefined where it wasn't looked at. */
  readonly files: string | undefined;
  /** Its signature then; undefined where it wasn't looked at, or not known. */
  readonly signature: ModelSignature | undefined;
}

/** Notes who made a version. */
export async function noteAuthor(
  database: Database,
  model: string,
  version: string,
  { name, verified }: Actor,
): Promise<void> {
  await database.run(
    "INSERT INTO version_authors VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
    model,
    parseVersion(version),
    name,
    verified ? 1 : 0,
  );
}

/** Who made a version. */
export async function authorsOf(
  database: Database,
  model: string,
  version: string,
): Promise<readonly Actor[]> {
  const rows = await database.rows(
    "SELECT author, verified FROM version_authors WHERE name = ? AND version = ? ORDER BY author",
    model,
    parseVersion(version),
  );
  return rows.map(([name, verified]) => actorOf(name, verified));
}

/** Adds a piece of evidence to a version. Throws MLflow's error where there is no such version. */
export async function addEvidence(
  store: Store,
  actor: Actor,
  model: string,
  version: string,
  evidence: Evidence,
): Promise<void> {
  const { database } = store;
  await database.write(async () => {
    await getModelVersion(store, model, version);
    await database.run(
      `INSERT INTO version_evidence (name, version, evidence, author, verified, at) VALUES (?, ?, ?, ?, ?, ?)`,
      model,
      parseVersion(version),
      JSON.stringify(evidence),
      actor.name,
      actor.verified ? 1 : 0,
      Date.now(),
    );
    const { kind, verdict, figures, report } = evidence;
    const details = { kind, verdict, figures, ...(report !== undefined && { report }) };
    await appendAudit(database, actor, { action: "evidence.add", model, version, details });
  });
}

/** The evidence that was added to a version, oldest first. */
export async function evidenceOf(
  database: Database,
  model: string,
  version: string,
): Promise<readonly VersionEvidence[]> {
  const rows = await database.rows(
    `SELECT evidence, author, verified, at FROM version_evidence
      WHERE name = ? AND version = ? ORDER BY evidence_no`,
    model,
    parseVersion(version),
  );
  return rows.map(([evidence, author, verified, at]) =>
    Object.assign(v.parse(evidenceSchema, JSON.parse(String(evidence))), {
      by: actorOf(author, verified),
      at: Number(at),
    }),
  );
}

/** Adds a review of a version, of which `files` is the digest. Throws MLflow's error where there is no such version. */
export async function addReview(
  store: Store,
  actor: Actor,
  model: string,
  version: string,
  review: Pick<Review, "verdict" | "comment" | "files">,
): Promise<void> {
  const { database } = store;
  const { verdict, comment, files } = review;
  if (actor.name.trim() === "") throw invalidParameter("A review needs the name of who gives it.");
  if (comment.length > longestComment)
    throw invalidParameter(
      `A review's comment may have ${longestComment} characters, got ${comment.length}.`,
    );
  await database.write(async () => {
    await getModelVersion(store, model, version);
    await database.run(
      `INSERT INTO version_reviews (name, version, verdict, comment, files, author, verified, at)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
      model,
      parseVersion(version),
      verdict,
      comment,
      files ?? null,
      actor.name,
      actor.verified ? 1 : 0,
      Date.now(),
    );
    const details = { verdict, comment, ...(files !== undefined && { files }) };
    await appendAudit(database, actor, { action: "review.add", model, version, details });
  });
}

/** The reviews of a version, oldest first. */
export async function reviewsOf(
  database: Database,
  model: string,
  version: string,
): Promise<readonly Review[]> {
  const rows = await database.rows(
    `SELECT verdict, comment, files, author, verified, at FROM version_reviews
      WHERE name = ? AND version = ? ORDER BY review_no`,
    model,
    parseVersion(version),
  );
  return rows.map(([verdict, comment, files, author, verified, at]) => {
    const review: Review = {
      verdict: verdict === "approve" ? "approve" : "reject",
      by: actorOf(author, verified),
      at: Number(at),
      comment: String(comment),
    };
    return files === null ? review : Object.assign(review, { files: String(files) });
  });
}

/** Notes that a version has an alias now. */
export async function noteHolder(
  database: Database,
  model: string,
  alias: string,
  { version, files, signature }: Omit<AliasHolder, "number">,
): Promise<void> {
  await database.run(
    "INSERT INTO alias_holders (name, alias, version, files, signature, at) VALUES (?, ?, ?, ?, ?, ?)",
    model,
    alias,
    parseVersion(version),
    files ?? null,
    signature === undefined ? null : JSON.stringify(signature),
    Date.now(),
  );
}

/** The versions that had an alias and were not taken back, the latest first. */
export async function holdersOf(
  database: Database,
  model: string,
  alias: string,
): Promise<readonly AliasHolder[]> {
  const rows = await database.rows(
    `SELECT holder_no, version, files, signature FROM alias_holders
      WHERE name = ? AND alias = ? ORDER BY holder_no DESC`,
    model,
    alias,
  );
  return rows.map(([number, version, files, signature]) => ({
    number: Number(number),
    version: String(version),
    files: files === null ? undefined : String(files),
    signature: signature === null ? undefined : parseSignature(JSON.parse(String(signature))),
  }));
}

/** Takes back that versions had an alias: this one and those after it. */
export async function forgetHolders(
  database: Database,
  model: string,
  alias: string,
  from: number,
): Promise<void> {
  await database.run(
    "DELETE FROM alias_holders WHERE name = ? AND alias = ? AND holder_no >= ?",
    model,
    alias,
    from,
  );
}

function actorOf(name: SqlValue | undefined, verified: SqlValue | undefined): Actor {
  return { name: String(name), verified: Number(verified) === 1 };
}
