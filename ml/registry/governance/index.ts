/** @file `tenon/registry/governance`: policies of promotions, reviews, evidence, and the audit log. */
export type { Actor } from "./actor.ts";
export {
  type AuditAction,
  type AuditEntry,
  type ChainedEntry,
  parseEntry as parseAuditEntry,
} from "./audit/audit-entry.ts";
export {
  type AuditHead,
  signHead as signAuditHead,
  verifyHead as verifyAuditHead,
} from "./audit/audit-head.ts";
export {
  type AuditProblem,
  type AuditVerification,
  type ChainExpectation,
  type LogPosition,
  verifyChain as verifyAuditChain,
} from "./audit/verify-chain.ts";
export {
  type ApiCaller,
  GovernanceClient,
  type PromotionAnswer,
  UnknownAnswerError,
  type VersionReport,
} from "./client.ts";
export type { Objection } from "./judge.ts";
export { openGovernance } from "./open-governance.ts";
export { type MetricDemand, parsePolicy, type Policy, type PolicyRule } from "./policy.ts";
