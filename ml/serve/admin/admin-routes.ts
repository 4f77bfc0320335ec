/**
 * @file The administrative routes, under `/admin/v1/`. They exist only for callers with the verb `admin` on the model they
 * change; every call that changes something is in the audit before its answer is sent.
 */
import type { PredictionCache } from "../cache/cached-infer.ts";
import { type Caller, type InferenceService, ServingError } from "../inference.ts";
import { allows, isKnownCaller, requireGrant } from "../security/grants.ts";
import {
  parseRule,
  rolledBack,
  ruleVersions,
  ruleWeights,
  switched,
  type TrafficRule,
} from "../traffic/rules.ts";
import type { Traffic } from "../traffic/traffic.ts";
import type { AdminAnswer, AdminRequest } from "./admin-request.ts";

/** What can be administered. */
export interface Administered {
  readonly service: InferenceService;
  readonly traffic: Traffic;
  readonly cache: PredictionCache | undefined;
  /** Told when answers were forgotten. */
  readonly onInvalidate?: ((model: string, version: string | undefined) => void) | undefined;
}

/**
 * `GET traffic`, `GET|PUT|DELETE traffic/MODEL`, `POST traffic/MODEL/switch`, `POST traffic/MODEL/rollback`,
 * `DELETE cache/MODEL[?version=]`.
 * Throws a {@link ServingError}, or an {@link InvalidInputError} for what is no rule.
 */
export async function administer(administered: Administered, request: AdminRequest): Promise<AdminAnswer> {
  const { method, path, caller } = request;
  const [subject, model, verb, ...rest] = path;
  if (rest.length > 0 || (subject !== "traffic" && subject !== "cache")) throw nothingHere(request);
  if (model === undefined) {
    if (subject !== "traffic" || method !== "GET") throw nothingHere(request);
    return { status: 200, body: allTraffic(administered, caller) };
  }
  requireGrant(caller, "admin", model);
  if (subject === "cache") {
    if (method !== "DELETE" || verb !== undefined || !administered.cache) throw nothingHere(request);
    const version = request.query.get("version") ?? undefined;
    const removed = await administered.cache.invalidate(model, version);
    administered.onInvalidate?.(model, version);
    return { status: 200, body: { removed } };
  }
  const { traffic } = administered;
  if (verb !== undefined) {
    if (method !== "POST") throw nothingHere(request);
    const rule = traffic.ruleOf(model);
    if (!rule) throw new ServingError("not-found", `${JSON.stringify(model)} has no traffic rule`);
    const next = changed(request, rule, verb);
    // A shadow that has gone must keep nobody from going back.
    return put(administered, model, next, ruleWeights(next));
  }
  if (method === "PUT") return put(administered, model, parseRule(request.body));
  if (method !== "GET" && method !== "DELETE") throw nothingHere(request);
  const rule = traffic.ruleOf(model);
  if (!rule) throw new ServingError("not-found", `${JSON.stringify(model)} has no traffic rule`);
  if (method === "DELETE") traffic.set(model, undefined);
  return { status: 200, body: modelTraffic(traffic, model, rule) };
}

function changed(request: AdminRequest, rule: TrafficRule, verb: string): TrafficRule {
  if (verb === "switch") return switched(rule);
  if (verb !== "rollback") throw nothingHere(request);
  const { to, reason }: { readonly to?: unknown; readonly reason?: unknown } = Object(request.body);
  const target = typeof to === "string" ? to : rule.gates?.baseline;
  if (target === undefined)
    throw new ServingError(
      "invalid",
      `the rule has no gates with a baseline: say where to, {"to": "VERSION"}`,
    );
  const from = ruleWeights(rule).find(({ version }) => version !== target);
  const cause = {
    version: from?.version ?? target,
    reason:
      typeof reason === "string" ? reason.slice(0, 1000) : `by ${request.caller.name ?? "an administrator"}`,
    time: new Date().toISOString(),
  };
  return rolledBack(rule, cause, target);
}

function put(
  { service, traffic }: Administered,
  model: string,
  rule: TrafficRule,
  required: readonly { readonly version: string }[] = ruleVersions(rule).map((version) => ({ version })),
): AdminAnswer {
  for (const { version } of required)
    if (!service.isModelReady(model, version))
      throw new ServingError(
        "invalid",
        `the model ${JSON.stringify(model)} has no version ${JSON.stringify(version)} that is ready`,
      );
  traffic.set(model, rule);
  return { status: 200, body: modelTraffic(traffic, model, rule) };
}

function allTraffic({ traffic }: Administered, caller: Caller): object {
  const grants = isKnownCaller(caller) ? caller.grants : [];
  if (grants.length === 0) requireGrant(caller, "admin", "*");
  const models = Object.entries(traffic.rules.models).filter(([model]) => allows(grants, "admin", model));
  return Object.fromEntries(models.map(([model, rule]) => [model, modelTraffic(traffic, model, rule)]));
}

function modelTraffic(traffic: Traffic, model: string, rule: TrafficRule): object {
  return {
    rule,
    shares: traffic.sharesOf(model),
    missing: traffic.missingOf(model),
    shadows: Object.fromEntries(traffic.shadowsOf(model)),
  };
}

function nothingHere({ method, path }: AdminRequest): ServingError {
  return new ServingError("not-found", `there is no ${method} /admin/v1/${path.join("/").slice(0, 200)}`);
}
