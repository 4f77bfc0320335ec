/** @file The API of evidence, reviews, promotions and the audit log, below `/api/2.0/tenon/`. */
import * as v from "valibot";
import { evidenceSchema } from "../../package/evidence.ts";
import { invalidParameter } from "../mlflow-error.ts";
import { integer, parseRequest, requiredText, text } from "../server/request-schema.ts";
import { get, post, type Route } from "../server/router.ts";
import { getModelVersion } from "../store/model-versions.ts";
import type { Store } from "../store/store.ts";
import { lastEntry, readEntries } from "./audit/audit-log.ts";
import { readFiles, withModelFolder } from "./model-folder.ts";
import { checkPromotion, demote, promote, rollBack, storePolicy } from "./promotion.ts";
import { factsOf } from "./read-facts.ts";
import type { VersionFacts } from "./version-facts.ts";
import { addEvidence, addReview, holdersOf } from "./version-records.ts";

const version = v.object({ name: requiredText, version: requiredText });
const alias = v.object({ name: requiredText, alias: requiredText });
const promotion = v.object({ name: requiredText, version: requiredText, alias: requiredText });

/** The most entries of the audit log that are given at a time. */
const largestPage = 1000;

export const governanceRoutes: readonly Route[] = [
  get("tenon/policy", async ({ store }) => {
    const loaded = await storePolicy(store);
    return loaded === undefined ? {} : { policy: loaded.policy, digest: loaded.digest };
  }),
  get("tenon/model-versions/get", async ({ store, input }) => {
    const asked = parseRequest(version, input);
    const { aliases = [] } = await getModelVersion(store, asked.name, asked.version);
    const files = await filesOf(store, asked.name, asked.version);
    const facts = await factsOf(store, asked.name, asked.version, files);
    return {
      name: facts.model,
      version: facts.version,
      aliases,
      changedSince: await changedSince(store, facts, aliases),
      authors: facts.authors,
      metrics: Object.fromEntries([...facts.metrics].map(([key, value]) => [key, jsonNumber(value)])),
      evidence: facts.evidence,
      reviews: facts.reviews,
      files: "unreadable" in files ? files : { digest: files.digest, signature: files.signature },
    };
  }),
  post("tenon/model-versions/add-evidence", async ({ store, identity, input }) => {
    const schema = v.object({ name: requiredText, version: requiredText, evidence: evidenceSchema });
    const asked = parseRequest(schema, input);
    await addEvidence(store, identity, asked.name, asked.version, asked.evidence);
    return {};
  }),
  post(
    "tenon/model-versions/review",
    async ({ store, identity, input }) => {
      const schema = v.object({
        ...version.entries,
        verdict: v.picklist(["approve", "reject"]),
        comment: text,
      });
      const { name, verdict, comment, version: number } = parseRequest(schema, input);
      const files = await filesOf(store, name, number);
      const digest = "unreadable" in files ? undefined : files.digest;
      const review = { verdict, comment, ...(digest !== undefined && { files: digest }) };
      await addReview(store, identity, name, number, review);
      return { by: { name: identity.name, verified: identity.verified } };
    },
    "approver",
  ),
  get("tenon/promotions/check", async ({ store, input }) =>
    checkPromotion(store, parseRequest(promotion, input)),
  ),
  post(
    "tenon/promotions/promote",
    async ({ store, identity, input }) => promote(store, identity, parseRequest(promotion, input)),
    "approver",
  ),
  post(
    "tenon/promotions/demote",
    async ({ store, identity, input }) => {
      const asked = parseRequest(alias, input);
      await demote(store, identity, asked.name, asked.alias);
      return {};
    },
    "approver",
  ),
  post(
    "tenon/promotions/roll-back",
    async ({ store, identity, input }) => {
      const asked = parseRequest(alias, input);
      return rollBack(store, identity, asked.name, asked.alias);
    },
    "approver",
  ),
  get("tenon/promotions/holders", async ({ store, input }) => {
    const asked = parseRequest(alias, input);
    const holders = await holdersOf(store.database, asked.name, asked.alias);
    return { versions: holders.map((holder) => holder.version) };
  }),
  get("tenon/audit/entries", async ({ store, input }) => {
    const { after = 0, max_results: limit = largestPage } = parseRequest(
      v.object({ after: integer, max_results: integer }),
      input,
    );
    if (after < 0 || limit < 1 || limit > largestPage)
      throw invalidParameter(`max_results must be from 1 to ${largestPage}, and after must be from 0 up.`);
    return { entries: await readEntries(store.database, after, limit) };
  }),
  get("tenon/audit/last", async ({ store }) => lastEntry(store.database)),
];

/** The aliases that a version got when it had other files. */
async function changedSince(
  { database }: Store,
  { model, version: number, files }: VersionFacts,
  aliases: readonly string[],
): Promise<readonly string[]> {
  const now = "unreadable" in files ? undefined : files.digest;
  const changed: string[] = [];
  for (const each of aliases) {
    const [holder] = await holdersOf(database, model, each);
    if (holder?.version === number && holder.files !== undefined && holder.files !== now) changed.push(each);
  }
  return changed;
}

async function filesOf(store: Store, name: string, version: string): Promise<VersionFacts["files"]> {
  return withModelFolder(store, name, version, readFiles);
}

/** JSON has no other numbers. */
function jsonNumber(value: number): number | string {
  return Number.isFinite(value) ? value : String(value);
}
