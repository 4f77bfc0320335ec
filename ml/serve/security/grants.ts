/** @file What a caller may do: verbs on models. */
import * as v from "valibot";
import { type CallContext, type Caller, type Infer, ServingError } from "../inference.ts";

/** `infer` asks a model, `read` reads its metadata, `admin` changes how it is served. */
export type Verb = "infer" | "read" | "admin";

/** Verbs on models: their names, or beginnings of names that end in `*`. */
export interface Grant {
  readonly models: readonly string[];
  readonly verbs: readonly Verb[];
}

/** A grant as files have it. */
export const grantSchema = v.strictObject({
  models: v.array(v.pipe(v.string(), v.nonEmpty())),
  verbs: v.array(v.picklist(["infer", "read", "admin"])),
});

/** A caller that proved who it is. */
export interface KnownCaller extends Caller {
  readonly name: string;
  readonly grants: readonly Grant[];
}

/** Whether grants allow a verb on a model. */
export function allows(grants: readonly Grant[], verb: Verb, model: string): boolean {
  return grants.some(
    ({ verbs, models }) => verbs.includes(verb) && models.some((pattern) => matches(pattern, model)),
  );
}

function matches(pattern: string, model: string): boolean {
  return pattern.endsWith("*") ? model.startsWith(pattern.slice(0, -1)) : pattern === model;
}

/**
 * Throws a {@link ServingError} of kind `unauthenticated` for a caller that proved nothing, and of kind `forbidden` for one
 * that may not use a verb on a model.
 */
export function requireGrant(caller: Caller, verb: Verb, model: string): void {
  if (!isKnownCaller(caller)) throw new ServingError("unauthenticated", "an API key or a token is needed");
  if (!allows(caller.grants, verb, model))
    throw new ServingError("forbidden", `${caller.name} may not ${verb} ${JSON.stringify(model)}`);
}

/**
 * Throws a {@link ServingError} of kind `forbidden` for a caller with grants that may neither ask a model nor read what it takes.
 * Of a caller without grants nothing is required: who lets it in has not asked what it may do.
 */
export function requireReading(caller: Caller, model: string): void {
  if (!isKnownCaller(caller) || allows(caller.grants, "infer", model)) return;
  requireGrant(caller, "read", model);
}

/**
 * Throws a {@link ServingError} of kind `forbidden` for a caller with grants that may not ask a model. What is wrong with its
 * request would tell it what the model takes, so this comes first.
 */
export function requireAsking(caller: Caller | undefined, model: string): void {
  if (caller && isKnownCaller(caller)) requireGrant(caller, "infer", model);
}

/**
 * Throws a {@link ServingError} of kind `forbidden` for a caller with grants that has none of the verbs on any of the models: whichever it
 * will name, the answer is the same.
 */
export function requireAny(caller: Caller, verbs: readonly Verb[], models: readonly string[]): void {
  if (!isKnownCaller(caller)) return;
  const { name, grants } = caller;
  if (models.some((model) => verbs.some((verb) => allows(grants, verb, model)))) return;
  throw new ServingError("forbidden", `${name} may ${verbs.join(" or ")} no model that is served`);
}

/** Whether a caller proved who it is. */
export function isKnownCaller(caller: Caller): caller is KnownCaller {
  return "grants" in caller;
}

/** An {@link Infer} for callers that may `infer` the model; for a service that asks for keys or tokens. */
export function grantedInfer(next: Infer): Infer {
  return (request, context: CallContext) => {
    requireGrant(context.caller, "infer", request.model);
    return next(request, context);
  };
}

/**
 * The grants of a token's scope (RFC 8693): words `verb:model` separated by spaces, such as `infer:churn read:*`. Words of
 * another form are other services' and are passed over.
 */
export function grantsOfScope(scope: string): Grant[] {
  return scope.split(" ").flatMap((word) => {
    const [, verb, model] = /^(infer|read|admin):(.+)$/.exec(word) ?? [];
    const known = v.safeParse(grantSchema, { models: [model], verbs: [verb] });
    return known.success ? [known.output] : [];
  });
}
