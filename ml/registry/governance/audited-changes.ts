/**
 * @file What MLflow's own calls change, under the policy and with an entry in the audit log: each change and its entry are
 * one transaction.
 */
import { doesNotExist, invalidParameter, MlflowError } from "../mlflow-error.ts";
import { type Identity, mayActAs } from "../access/identity.ts";
import { deleteExperiment } from "../store/experiments.ts";
import { deleteLoggedModel } from "../store/logged-models.ts";
import type { ModelVersion } from "../store/model-version-rows.ts";
import {
  createModelVersion,
  deleteModelVersion,
  getModelVersion,
  moveToStage,
  type NewModelVersion,
} from "../store/model-versions.ts";
import {
  deleteRegisteredModel,
  getRegisteredModel,
  type RegisteredModel,
  renameRegisteredModel,
} from "../store/registered-models.ts";
import { deleteRun } from "../store/runs.ts";
import type { Store } from "../store/store.ts";
import type { Actor } from "./actor.ts";
import type { AuditEvent } from "./audit/audit-entry.ts";
import { appendAudit } from "./audit/audit-log.ts";
import { protectedAliases, rulesOf } from "./policy.ts";
import { demote, lockAliases, promote, type PromotionRequest, storePolicy } from "./promotion.ts";
import { authorsOf, noteAuthor } from "./version-records.ts";

/**
 * Points an alias to a version. Throws PERMISSION_DENIED, with all reasons, where the policy refuses it; a protected alias
 * needs the role of an approver.
 */
export async function setAliasByPolicy(
  store: Store,
  identity: Identity,
  request: PromotionRequest,
): Promise<void> {
  const { name, version, alias } = request;
  await requireApprover(store, identity, name, alias);
  const { allowed, objections } = await promote(store, identity, request);
  if (allowed) return;
  const reasons = objections.map(({ message }) => message).join("; ");
  throw new MlflowError(
    "PERMISSION_DENIED",
    `The policy refuses the alias '${alias}' for version ${version} of '${name}': ${reasons}`,
  );
}

/** Takes an alias away; a protected one needs the role of an approver. */
export async function deleteAliasByPolicy(
  store: Store,
  identity: Identity,
  name: string,
  alias: string,
): Promise<void> {
  await requireApprover(store, identity, name, alias);
  await demote(store, identity, name, alias);
}

/** Throws PERMISSION_DENIED where an alias is protected and who asks is no approver. */
export async function requireApprover(
  store: Store,
  { role }: Identity,
  name: string,
  alias: string,
): Promise<void> {
  if (mayActAs(role, "approver")) return;
  const loaded = await storePolicy(store);
  if (loaded !== undefined && rulesOf(loaded.policy, name, alias).length > 0) throw needsApprover(alias);
}

function needsApprover(alias: string): Error {
  return new MlflowError(
    "PERMISSION_DENIED",
    `Permission denied: the alias '${alias}' is protected, which needs the role approver`,
  );
}

/** Makes a version and notes who made it; of a copy, also who made what it was copied from. */
export async function createVersion(
  store: Store,
  actor: Actor,
  version: NewModelVersion,
): Promise<ModelVersion> {
  const { database } = store;
  return database.write(async () => {
    const made = await createModelVersion(store, version);
    await noteAuthor(database, made.name, made.version, actor);
    const copied = /^models:\/+([^/]+)\/(\d+)$/.exec(version.source);
    if (copied)
      for (const author of await authorsOf(database, copied[1] ?? "", copied[2] ?? ""))
        await noteAuthor(database, made.name, made.version, author);
    await appendAudit(database, actor, {
      action: "model-version.create",
      model: made.name,
      version: made.version,
      details: { source: version.source, ...(version.runId !== "" && { run: version.runId }) },
    });
    return made;
  });
}

/** Deletes a version. */
export async function removeVersion(
  store: Store,
  actor: Actor,
  name: string,
  version: string,
): Promise<void> {
  await store.database.write(async () => {
    await lockAliases(store, name);
    const { aliases = [], version: number } = await getModelVersion(store, name, version);
    await deleteModelVersion(store, name, version);
    await appendAudit(store.database, actor, {
      action: "model-version.delete",
      model: name,
      version: number,
      ...(aliases.length > 0 && { details: { aliases } }),
    });
  });
}

/** Moves a version to a stage. */
export async function changeStage(
  store: Store,
  actor: Actor,
  name: string,
  version: string,
  stage: string,
  archive: boolean,
): Promise<ModelVersion> {
  return store.database.write(async () => {
    const moved = await moveToStage(store, name, version, stage, archive);
    await appendAudit(store.database, actor, {
      action: "model-version.stage",
      model: name,
      version: moved.version,
      details: { stage: moved.current_stage, ...(archive && { archivesOthers: true }) },
    });
    return moved;
  });
}

/** Deletes a registered model and its versions. */
export async function removeModel(store: Store, actor: Actor, name: string): Promise<void> {
  await store.database.write(async () => {
    const { aliases = [] } = await getRegisteredModel(store, name);
    await deleteRegisteredModel(store, name);
    const held = Object.fromEntries(aliases.map(({ alias, version }) => [alias, version]));
    await appendAudit(store.database, actor, {
      action: "registered-model.delete",
      model: name,
      ...(aliases.length > 0 && { details: { aliases: held } }),
    });
  });
}

/**
 * Renames a registered model. Throws PERMISSION_DENIED where it has an alias that is protected under the new name: it was
 * given under the rules of the old one; and, of one that is protected under the old name, unless an approver asks: the model
 * loses it.
 */
export async function renameModel(
  store: Store,
  identity: Identity,
  name: string,
  newName: string,
): Promise<RegisteredModel> {
  const loaded = await storePolicy(store);
  return store.database.write(async () => {
    for (const each of [name, newName].toSorted()) await lockAliases(store, each);
    const { aliases = [] } = await getRegisteredModel(store, name);
    if (loaded && name !== newName) {
      const [before, after] = [name, newName].map((each) => protectedAliases(loaded.policy, each));
      const taken = aliases.find(({ alias }) => after?.has(alias) === true);
      if (taken)
        throw new MlflowError(
          "PERMISSION_DENIED",
          `The policy protects the alias '${taken.alias}' of '${newName}': take it from '${name}' before it is renamed`,
        );
      const lost = aliases.find(({ alias }) => before?.has(alias) === true);
      if (lost && !mayActAs(identity.role, "approver")) throw needsApprover(lost.alias);
    }
    const renamed = await renameRegisteredModel(store, name, newName);
    const event: AuditEvent = { action: "registered-model.rename", model: name, details: { to: newName } };
    await appendAudit(store.database, identity, event);
    return renamed;
  });
}

/** Deletes a run. */
export async function removeRun(store: Store, actor: Actor, runId: string): Promise<void> {
  await store.database.write(async () => {
    await deleteRun(store, runId);
    await appendAudit(store.database, actor, { action: "run.delete", details: { run: runId } });
  });
}

/** Deletes an experiment. */
export async function removeExperiment(store: Store, actor: Actor, id: string): Promise<void> {
  await store.database.write(async () => {
    await deleteExperiment(store, id);
    await appendAudit(store.database, actor, { action: "experiment.delete", details: { experiment: id } });
  });
}

/**
 * Deletes an artifact or a folder of them. That it is begun is entered, and committed, before the first file goes, and after the
 * last what became of it: a process that ends in between leaves the first entry.
 */
export async function removeArtifact(store: Store, actor: Actor, path: string): Promise<void> {
  const { artifacts, database } = store;
  // What is refused is entered by nobody.
  if (path === "") throw invalidParameter("Invalid path");
  const beside = await artifacts.list(path.slice(0, Math.max(0, path.lastIndexOf("/"))));
  if (!beside.some((found) => found.path === path.slice(path.lastIndexOf("/") + 1)))
    throw doesNotExist(`No such artifact: '${path}'`);
  const begun = await appendAudit(database, actor, { action: "artifact.delete-begun", details: { path } });
  try {
    await artifacts.remove(path);
  } catch (error) {
    const details = { path, begun, reason: codeOf(error) };
    await appendAudit(database, actor, { action: "artifact.delete-failed", details });
    throw error;
  }
  await appendAudit(database, actor, { action: "artifact.delete", details: { path, begun } });
}

/** What is told of a failure to everyone who reads the log. */
function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string"
    ? error.code
    : "INTERNAL_ERROR";
}

/** Deletes a logged model. */
export async function removeLoggedModel(store: Store, actor: Actor, id: string): Promise<void> {
  await store.database.write(async () => {
    await deleteLoggedModel(store, id);
    await appendAudit(store.database, actor, { action: "logged-model.delete", details: { model: id } });
  });
}
