/** @file What speaks against an alias pointing to a version: the rules of a policy, held against what is known. Pure. */
import { compareSignatures } from "../../package/compare-signatures.ts";
import type { Evidence } from "../../package/evidence.ts";
import { plainName, sameName } from "./actor.ts";
import type { MetricDemand, PolicyRule } from "./policy.ts";
import type { Review, VersionFacts } from "./version-facts.ts";

/** Something that a rule demands and a version lacks. */
export interface Objection {
  /** The part of the rule. */
  readonly demand: "metric" | "evidence" | "signature" | "approvals" | "signed";
  /** In words. */
  readonly message: string;
}

/** The version that has the alias, or was the last to have it. */
export interface Holder {
  readonly version: string;
  readonly files: VersionFacts["files"];
}

/** What else a verdict depends on. */
export interface JudgeContext {
  readonly holder: Holder | undefined;
  /** Why nobody whom the rule names has signed the version's files; undefined where one has, or none is demanded. */
  readonly unsigned: string | undefined;
}

/** All that a rule has against a version; nothing where it is met. */
export function objections(
  rule: PolicyRule,
  facts: VersionFacts,
  context: JudgeContext,
): readonly Objection[] {
  const found = (demand: Objection["demand"], messages: readonly string[]): readonly Objection[] =>
    messages.map((message) => ({ demand, message }));
  const latest = latestByKind(facts.evidence);
  return [
    ...found(
      "metric",
      rule.metrics.flatMap((demand) => metricObjections(demand, facts, latest)),
    ),
    ...found(
      "evidence",
      rule.evidence.flatMap((kind) => evidenceObjections(kind, latest)),
    ),
    ...found("signature", rule.compatibleSignature ? signatureObjections(facts, context.holder) : []),
    ...found("approvals", rule.approvals > 0 ? approvalObjections(rule.approvals, facts) : []),
    ...found("signed", context.unsigned === undefined ? [] : [context.unsigned]),
  ];
}

/** What was said last of each kind: a later report takes the place of an earlier one. */
function latestByKind(evidence: readonly Evidence[]): ReadonlyMap<string, Evidence> {
  return new Map(evidence.map((each) => [each.kind, each]));
}

function metricObjections(
  { name, min, max, evidence: kind }: MetricDemand,
  { metrics }: VersionFacts,
  latest: ReadonlyMap<string, Evidence>,
): readonly string[] {
  const values: (readonly [place: string, value: number])[] = [];
  const logged = metrics.get(name);
  if (kind === undefined && logged !== undefined) values.push(["the run", logged]);
  for (const each of latest.values()) {
    const value = kind === undefined || each.kind === kind ? ownFigure(each, name) : undefined;
    if (value !== undefined) values.push([`the evidence "${each.kind}"`, value]);
  }
  if (values.length === 0)
    return [
      kind === undefined
        ? `${name} is in no metric of the run and no evidence`
        : `${name} is no figure of evidence "${kind}"`,
    ];
  // What NaN is compared with is false: it is never within bounds.
  const found: string[] = [];
  for (const [place, value] of values) {
    if (min !== undefined && !(value >= min)) found.push(`${name} is ${value} in ${place}, below ${min}`);
    if (max !== undefined && !(value <= max)) found.push(`${name} is ${value} in ${place}, above ${max}`);
  }
  return found;
}

function ownFigure({ figures }: Evidence, name: string): number | undefined {
  return Object.hasOwn(figures, name) ? figures[name] : undefined;
}

function evidenceObjections(kind: string, latest: ReadonlyMap<string, Evidence>): readonly string[] {
  const found = latest.get(kind);
  if (found === undefined) return [`there is no evidence "${kind}"`];
  if (found.verdict === "passed") return [];
  return [`the evidence "${kind}" ${found.verdict === "failed" ? "failed" : "has no verdict"}`];
}

function signatureObjections(
  { version, files }: VersionFacts,
  holder: Holder | undefined,
): readonly string[] {
  // The first to have an alias has no callers that could fail.
  if (holder === undefined || holder.version === version) return [];
  if ("unreadable" in files) return [`its signature isn't known: ${files.unreadable}`];
  if ("unknown" in files.signature) return [`its signature isn't known: ${files.signature.unknown}`];
  const of = `the signature of version ${holder.version}, which it is held against, isn't known`;
  if ("unreadable" in holder.files) return [`${of}: ${holder.files.unreadable}`];
  if ("unknown" in holder.files.signature) return [`${of}: ${holder.files.signature.unknown}`];
  return compareSignatures(holder.files.signature, files.signature)
    .filter(({ breaking }) => breaking)
    .map(
      ({ part, name, change }) =>
        `the ${part} ${JSON.stringify(name)} ${change}: callers of version ${holder.version} would fail`,
    );
}

function approvalObjections(wanted: number, facts: VersionFacts): readonly string[] {
  const last = lastReviews(facts.reviews);
  const rejected = last.filter(({ verdict, by }) => verdict === "reject" && by.verified);
  const counted = new Set<string>();
  const passedOver: string[] = [];
  for (const review of last) {
    if (review.verdict !== "approve") continue;
    const reason = discounted(review, facts);
    if (reason === undefined) counted.add(plainName(review.by.name));
    else passedOver.push(`${review.by.name}'s doesn't count: ${reason}`);
  }
  const objections = rejected.map(
    ({ by, comment }) => `${by.name} rejects it${comment ? `: ${comment}` : ""}`,
  );
  if (counted.size < wanted)
    objections.push(
      [`it has ${counted.size} of ${wanted} ${wanted === 1 ? "approval" : "approvals"}`, ...passedOver].join(
        "; ",
      ),
    );
  return objections;
}

/** Why an approval doesn't count. */
function discounted({ by, files }: Review, facts: VersionFacts): string | undefined {
  if (!by.verified) return "the name is unverified";
  if (facts.authors.some((author) => sameName(author, by.name))) return "the author's own";
  const now = "unreadable" in facts.files ? undefined : facts.files.digest;
  return files === now ? undefined : "the files have changed since";
}

/** What each said last. An unverified name never takes the place of a verified one. */
function lastReviews(reviews: readonly Review[]): readonly Review[] {
  const last = new Map<string, Review>();
  for (const review of reviews) last.set(`${review.by.verified} ${review.by.name}`, review);
  return [...last.values()];
}
