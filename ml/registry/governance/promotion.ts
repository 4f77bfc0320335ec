/**
 * @file Aliases moved under a policy. What files say is read before the transaction that moves the alias; what the store
 * says (reviews, evidence, who has the alias) is read in it, so that no review or promotion of others comes in between.
 */
import { InvalidInputError } from "../../errors.ts";
import type { RequiredSigner } from "../../package/signing/index.ts";
import { parseVersion, requireAlias, requireModelName, requireSettableAlias } from "../limits.ts";
import { doesNotExist, invalidParameter, MlflowError } from "../mlflow-error.ts";
import { deleteAlias, getModelVersion, setAlias } from "../store/model-versions.ts";
import { getRegisteredModel } from "../store/registered-models.ts";
import type { Store } from "../store/store.ts";
import type { Actor } from "./actor.ts";
import { appendAudit } from "./audit/audit-log.ts";
import { type Holder, type Objection, objections } from "./judge.ts";
import { readFiles, unsignedReason, withModelFolder } from "./model-folder.ts";
import { type LoadedPolicy, requiredSigners } from "./policy-file.ts";
import { type PolicyRule, type PolicySigner, rulesOf } from "./policy.ts";
import { factsOf } from "./read-facts.ts";
import type { VersionFacts } from "./version-facts.ts";
import { type AliasHolder, forgetHolders, holdersOf, noteHolder } from "./version-records.ts";

/** An alias and the version that it shall point to. */
export interface PromotionRequest {
  readonly name: string;
  readonly version: string;
  readonly alias: string;
}

/** What was found. */
export interface PromotionCheck {
  readonly allowed: boolean;
  /** All that speaks against it; nothing where it is allowed. */
  readonly objections: readonly Objection[];
  /** How many rules the policy has for this alias of this model; 0 where it isn't protected. */
  readonly rules: number;
  /** The SHA-256 of the policy's file, where there is one. */
  readonly policy?: string;
  /** The version that has the alias. */
  readonly holder?: string;
}

/** The version before and after an alias was moved back. */
export interface RolledBack {
  readonly from?: string;
  readonly to: string;
}

/** What is read before the transaction. */
interface Preparation {
  readonly loaded: LoadedPolicy | undefined;
  readonly rules: readonly (readonly [rule: PolicyRule, unsigned: string | undefined])[];
  readonly files: VersionFacts["files"];
  readonly holder: Holder | undefined;
}

/** Tells all that speaks against an alias pointing to a version, and changes nothing. Throws MLflow's error for names that are not there. */
export async function checkPromotion(store: Store, request: PromotionRequest): Promise<PromotionCheck> {
  await requireRequest(store, request);
  return decide(store, request, await prepare(store, request));
}

/**
 * Points an alias to a version and enters it into the audit log, or tells all that speaks against it and enters that. Throws
 * MLflow's error for names that are not there, and where the alias was moved by another at the same time.
 */
export async function promote(
  store: Store,
  actor: Actor,
  request: PromotionRequest,
): Promise<PromotionCheck> {
  await requireRequest(store, request);
  const { database } = store;
  const prepared = await prepare(store, request);
  return database.write(async () => {
    await lockAliases(store, request.name);
    const check = await decide(store, request, prepared);
    if (prepared.rules.length > 0 && check.holder !== prepared.holder?.version && check.holder !== undefined)
      throw new MlflowError("INVALID_STATE", `The alias ${request.alias} was moved meanwhile: ask again.`);
    const { name: model, version, alias } = request;
    const number = String(parseVersion(version));
    const details = {
      ...(check.policy !== undefined && { policy: check.policy }),
      ...(check.holder !== undefined && { before: check.holder }),
      ...("digest" in prepared.files && { files: prepared.files.digest }),
    };
    if (!check.allowed) {
      const reasons = check.objections.map(({ message }) => message);
      const event = { action: "promotion.refused", model, version: number, alias } as const;
      await appendAudit(database, actor, { ...event, details: { ...details, reasons } });
      return check;
    }
    await setAlias(store, model, alias, version);
    const [last] = await holdersOf(database, model, alias);
    if (last?.version === number) await forgetHolders(database, model, alias, last.number);
    await noteHolder(database, model, alias, holderOf(number, prepared.files));
    const action = check.rules > 0 ? "promotion.done" : "alias.set";
    await appendAudit(database, actor, { action, model, version: number, alias, details });
    return check;
  });
}

/** Takes an alias away; it can be given back by {@link rollBack}. Removing one that is not there changes nothing. */
export async function demote(store: Store, actor: Actor, name: string, alias: string): Promise<void> {
  requireModelName(name);
  requireAlias(alias);
  const { database } = store;
  await database.write(async () => {
    await lockAliases(store, name);
    const version = await currentHolder(store, name, alias);
    await deleteAlias(store, name, alias);
    if (version !== undefined)
      await appendAudit(database, actor, { action: "alias.delete", model: name, version, alias });
  });
}

/**
 * Points an alias to the version that had it before; of an alias that was taken away, to the last that had it. Versions that
 * were deleted since are passed over. The policy isn't asked again, but files that have changed are an error; it is asked of a
 * version that had the alias when no policy looked at it. Throws MLflow's error where no version had it.
 */
export async function rollBack(store: Store, actor: Actor, name: string, alias: string): Promise<RolledBack> {
  requireModelName(name);
  requireAlias(alias);
  const { database } = store;
  const planned = await planRollBack(store, name, alias);
  const { to } = planned;
  if (to.files !== undefined) {
    const files = await withModelFolder(store, name, to.version, readFiles);
    if ("unreadable" in files || files.digest !== to.files)
      throw invalidParameter(
        `The files of version ${to.version} are not those that had the alias ${alias}: promote a version instead.`,
      );
  } else {
    const { objections: found } = await checkPromotion(store, { name, version: to.version, alias });
    if (found.length > 0)
      throw new MlflowError(
        "PERMISSION_DENIED",
        `Version ${to.version} had the alias ${alias} before the policy, which refuses it: ${found.map(({ message }) => message).join("; ")}`,
      );
  }
  return database.write(async () => {
    await lockAliases(store, name);
    const found = await planRollBack(store, name, alias);
    if (found.to.number !== to.number || found.from !== planned.from)
      throw new MlflowError("INVALID_STATE", `The alias ${alias} was moved meanwhile: ask again.`);
    await setAlias(store, name, alias, to.version);
    await forgetHolders(database, name, alias, to.number);
    await noteHolder(database, name, alias, to);
    const details = { ...(found.from !== undefined && { before: found.from }) };
    const event = { action: "promotion.rolled-back", model: name, version: to.version, alias } as const;
    await appendAudit(database, actor, { ...event, details });
    return { ...(found.from !== undefined && { from: found.from }), to: to.version };
  });
}

/** The policy of a store. Throws MLflow's error where it is broken: then nothing is allowed. */
export async function storePolicy(store: Store): Promise<LoadedPolicy | undefined> {
  try {
    return await store.policy();
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    throw new MlflowError("INVALID_STATE", `The policy can't be applied: ${error.message}`, { cause: error });
  }
}

/** The version that has an alias. */
export async function currentHolder(store: Store, name: string, alias: string): Promise<string | undefined> {
  const { aliases = [] } = await getRegisteredModel(store, name);
  return aliases.find((each) => each.alias === alias)?.version;
}

/** In a transaction: nobody else moves aliases of a model until it ends. */
export async function lockAliases({ database }: Store, name: string): Promise<void> {
  await database.lock(`aliases of ${name}`);
}

/** As MLflow's own call checks what it is given, in the same order. */
async function requireRequest(store: Store, { name, version, alias }: PromotionRequest): Promise<void> {
  requireModelName(name);
  requireSettableAlias(alias);
  await getModelVersion(store, name, version);
}

async function prepare(store: Store, request: PromotionRequest): Promise<Preparation> {
  const { name, version, alias } = request;
  const loaded = await storePolicy(store);
  const rules = loaded === undefined ? [] : rulesOf(loaded.policy, name, alias);
  if (loaded === undefined || rules.length === 0)
    return { loaded, rules: [], files: { unreadable: "nobody asked" }, holder: undefined };
  return withModelFolder(store, name, version, async (folder) => {
    const withSigners = rules.map(async (rule) => {
      const unsigned =
        rule.signedBy === undefined
          ? undefined
          : await unsignedReason(folder, await signersOf(loaded, rule.signedBy));
      return [rule, unsigned] as const;
    });
    return {
      loaded,
      rules: await Promise.all(withSigners),
      files: await readFiles(folder),
      holder: await lastHolder(store, name, alias),
    };
  });
}

async function signersOf(
  loaded: LoadedPolicy,
  signedBy: readonly PolicySigner[],
): Promise<readonly RequiredSigner[]> {
  try {
    return await requiredSigners(loaded, signedBy);
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    throw new MlflowError("INVALID_STATE", `The policy can't be applied: ${error.message}`, { cause: error });
  }
}

async function decide(
  store: Store,
  request: PromotionRequest,
  prepared: Preparation,
): Promise<PromotionCheck> {
  const { name, version, alias } = request;
  const { loaded, rules, files, holder } = prepared;
  const facts = await factsOf(store, name, version, files);
  const found = new Map<string, Objection>();
  for (const [rule, unsigned] of rules)
    for (const objection of objections(rule, facts, { holder, unsigned }))
      found.set(`${objection.demand} ${objection.message}`, objection);
  const current = await currentHolder(store, name, alias);
  return {
    allowed: found.size === 0,
    objections: [...found.values()],
    rules: rules.length,
    ...(loaded !== undefined && { policy: loaded.digest }),
    ...(current !== undefined && { holder: current }),
  };
}

/**
 * The version that has an alias or, where none has, that had it last: taking the alias away first doesn't make a breaking
 * change a fine one.
 */
async function lastHolder(store: Store, name: string, alias: string): Promise<Holder | undefined> {
  const current = await currentHolder(store, name, alias);
  const [last] = await holdersOf(store.database, name, alias);
  const version = current ?? last?.version;
  if (version === undefined) return undefined;
  if (last?.version === version && last.files !== undefined && last.signature !== undefined)
    return { version, files: { digest: last.files, signature: last.signature, evidence: [] } };
  return { version, files: await filesOrNone(store, name, version) };
}

async function filesOrNone(store: Store, name: string, version: string): Promise<VersionFacts["files"]> {
  try {
    return await withModelFolder(store, name, version, readFiles);
  } catch (error) {
    if (!(error instanceof MlflowError)) throw error;
    return { unreadable: "the version was deleted" };
  }
}

function holderOf(version: string, files: VersionFacts["files"]): Omit<AliasHolder, "number"> {
  if ("unreadable" in files) return { version, files: undefined, signature: undefined };
  const { digest, signature } = files;
  return { version, files: digest, signature: "unknown" in signature ? undefined : signature };
}

interface RollBackPlan {
  readonly from: string | undefined;
  readonly to: AliasHolder;
}

async function planRollBack(store: Store, name: string, alias: string): Promise<RollBackPlan> {
  const from = await currentHolder(store, name, alias);
  for (const holder of await holdersOf(store.database, name, alias)) {
    if (holder.version === from) continue;
    const isThere = await getModelVersion(store, name, holder.version).then(
      () => true,
      (error: unknown) => {
        if (error instanceof MlflowError) return false;
        throw error;
      },
    );
    if (isThere) return { from, to: holder };
  }
  throw doesNotExist(`No earlier version of ${name} had the alias ${alias}.`);
}
