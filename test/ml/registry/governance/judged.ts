/** @file Versions and rules made of a few parts, for tests of what is judged. */
import type { ModelSignature } from "../../../../ml/package/signature.ts";
import { type Holder, objections } from "../../../../ml/registry/governance/judge.ts";
import { parsePolicy } from "../../../../ml/registry/governance/policy.ts";
import type {
  Review,
  VersionEvidence,
  VersionFacts,
} from "../../../../ml/registry/governance/version-facts.ts";

interface Parts {
  readonly metrics?: Readonly<Record<string, number>>;
  readonly evidence?: readonly object[];
  readonly reviews?: readonly object[];
  readonly authors?: readonly string[];
  readonly signature?: ModelSignature;
}

/** A version of these parts; its files' digest is 64 times "f". */
export function version(parts: Parts): Holder & VersionFacts {
  return {
    model: "risk",
    version: "1",
    authors: parts.authors ?? ["ann"],
    metrics: new Map(Object.entries(parts.metrics ?? {})),
    evidence: (parts.evidence ?? []) as readonly VersionEvidence[],
    reviews: (parts.reviews ?? []) as readonly Review[],
    files: {
      digest: "f".repeat(64),
      signature: parts.signature ?? { unknown: "it is no package of Tenon's" },
      evidence: [],
    },
  };
}

/** What a rule with these demands has against version 2 of these parts. */
export function judged(demands: object, parts: Parts, holder?: Holder, unsigned?: string): readonly string[] {
  const [rule] = parsePolicy({ version: 1, rules: [{ alias: "champion", ...demands }] }).rules;
  if (!rule) throw new Error("the policy has no rule");
  const facts = { ...version(parts), version: "2" };
  return objections(rule, facts, { holder, unsigned }).map(({ message }) => message);
}
