import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { setImmediate } from "node:timers/promises";
import {
  addToken,
  addUser,
  removeToken,
  removeUser,
  setPassword,
  setRole,
} from "../../../../ml/registry/access/users.ts";
import { generateSigningKeys } from "../../../../ml/package/signing/index.ts";
import {
  appendAudit,
  lastEntry,
  readEntries,
  verifyAudit,
} from "../../../../ml/registry/governance/audit/audit-log.ts";
import { removeArtifact } from "../../../../ml/registry/governance/audited-changes.ts";
import {
  type AuditHead,
  parseAuditEntry,
  signAuditHead,
  verifyAuditHead,
} from "../../../../ml/registry/governance/index.ts";
import { SqliteDatabase } from "../../../../ml/registry/store/sqlite-database.ts";
import { testPostgres } from "../../../support/postgres-database.ts";
import { at, TestServer } from "../test-server.ts";
import { clientOf } from "./http-caller.ts";

/** Changes the database's file while no server has it open. */
async function tamper(folder: string, ...statements: readonly string[]): Promise<void> {
  const database = new SqliteDatabase(join(folder, "tenon.db"));
  for (const statement of statements) await database.script(statement);
  // So that all of it is in one file.
  await database.rows("PRAGMA wal_checkpoint(TRUNCATE)");
  await database.close();
}

/** What is found of the log in a folder. */
async function found(folder: string, head?: AuditHead): Promise<readonly string[]> {
  const database = new SqliteDatabase(join(folder, "tenon.db"));
  try {
    const { problems } = await verifyAudit(database, head);
    return problems.map(({ kind, sequence }) => `${kind} ${sequence}`);
  } finally {
    await database.close();
  }
}

describe("The audit log", function () {
  this.timeout(60_000);
  let server: TestServer;
  beforeEach(async () => {
    server = new TestServer();
    await server.start();
  });
  afterEach(() => server.remove());

  /** A model with two versions, and the log of them. */
  async function someEntries(): Promise<AuditHead> {
    await server.get("POST", "registered-models/create", { name: "risk" });
    const source = "https://example.org/model";
    for (let times = 0; times < 2; times++)
      await server.get("POST", "model-versions/create", { name: "risk", source });
    await server.get("POST", "registered-models/alias", { name: "risk", alias: "champion", version: "1" });
    await server.get("POST", "registered-models/alias", { name: "risk", alias: "champion", version: "2" });
    const last = await lastEntry(server.store.database);
    return { ...last, at: new Date().toISOString() };
  }

  it("has what was done by MLflow's calls and by Tenon's, in its order", async () => {
    await someEntries();
    const run = await server.newRun();
    const file = `${server.url}/api/2.0/mlflow-artifacts/artifacts/0/${run}/artifacts/a.txt`;
    await fetch(file, { method: "PUT", body: "text" });
    assert.equal((await fetch(file, { method: "DELETE" })).status, 200);
    assert.equal((await fetch(file, { method: "DELETE" })).status, 404);
    const experiment = await server.get("POST", "experiments/create", { name: "e" });
    const made = await server.get("POST", "logged-models", { experiment_id: "0", name: "m" });
    await server.get("POST", "model-versions/transition-stage", {
      name: "risk",
      version: "1",
      stage: "staging",
    });
    await server.get("DELETE", "registered-models/alias", { name: "risk", alias: "champion" });
    await server.get("DELETE", "registered-models/alias", { name: "risk", alias: "champion" });
    await clientOf(server).review("risk", "1", "reject", "it leaks");
    await server.get("DELETE", "model-versions/delete", { name: "risk", version: "2" });
    await server.get("POST", "registered-models/rename", { name: "risk", new_name: "loans" });
    await server.get("DELETE", "registered-models/delete", { name: "loans" });
    await server.get("POST", "runs/delete", { run_id: run });
    await server.get("POST", "experiments/delete", { experiment_id: at(experiment, "experiment_id") });
    await server.get("DELETE", `logged-models/${String(at(made, "model", "info", "model_id"))}`);
    // What is refused is entered by nobody.
    assert.equal((await server.ask("POST", "runs/delete", { run_id: "0".repeat(32) })).status, 404);
    const told: string[] = [];
    for await (const { text } of clientOf(server).auditEntries()) {
      const entry = parseAuditEntry(text);
      assert.ok(entry);
      told.push([entry.action, entry.model, entry.version, entry.alias].filter(Boolean).join(" "));
    }
    assert.deepEqual(told, [
      "model-version.create risk 1",
      "model-version.create risk 2",
      "alias.set risk 1 champion",
      "alias.set risk 2 champion",
      "artifact.delete-begun",
      "artifact.delete",
      "model-version.stage risk 1",
      "alias.delete risk 2 champion",
      "review.add risk 1",
      "model-version.delete risk 2",
      "registered-model.rename risk",
      "registered-model.delete loans",
      "run.delete",
      "experiment.delete",
      "logged-model.delete",
    ]);
    const verified = await clientOf(server).verifyAudit();
    assert.deepEqual([verified.intact, verified.entries], [true, 15]);
  });

  it("has that a file is to be deleted before it is, and what became of it", async () => {
    const { store } = server;
    const ann = { name: "ann", verified: true };
    const entries = async (): Promise<readonly unknown[]> =>
      (await readEntries(store.database, 0, 100)).map(({ text }) => {
        const { action, details } = parseAuditEntry(text) ?? {};
        return [action, details];
      });
    await store.artifacts.save("0/a/b.txt", Readable.from([Buffer.from("b")]));
    // A server that ends in the middle of it, and one whose disk refuses.
    const seen: unknown[] = [];
    const remove = (result: Promise<never>) => async (): Promise<void> => {
      seen.push(await entries());
      return result;
    };
    const dying = {
      ...store,
      artifacts: { ...store.artifacts, remove: remove(new Promise<never>(() => {})) },
    };
    void removeArtifact(dying, ann, "0/a");
    while (seen.length === 0) await setImmediate();
    const begun = ["artifact.delete-begun", { path: "0/a" }];
    assert.deepEqual(seen, [[begun]]);
    const failure = Object.assign(new Error("EACCES: /the/server's/own/path"), { code: "EACCES" });
    const failing = Promise.reject(failure);
    failing.catch(() => {});
    const refusing = { ...store, artifacts: { ...store.artifacts, remove: remove(failing) } };
    await assert.rejects(removeArtifact(refusing, ann, "0/a"), /EACCES/);
    await removeArtifact(store, ann, "0/a/b.txt");
    assert.deepEqual(await entries(), [
      begun,
      begun,
      ["artifact.delete-failed", { path: "0/a", begun: 2, reason: "EACCES" }],
      ["artifact.delete-begun", { path: "0/a/b.txt" }],
      ["artifact.delete", { path: "0/a/b.txt", begun: 4 }],
    ]);
    for (const [path, code] of [
      ["0/a/b.txt", "RESOURCE_DOES_NOT_EXIST"],
      ["nowhere/b.txt", "RESOURCE_DOES_NOT_EXIST"],
      ["", "INVALID_PARAMETER_VALUE"],
    ] as const)
      await assert.rejects(removeArtifact(store, ann, path), { code });
    const { intact, entries: count, unfinished } = await verifyAudit(store.database);
    assert.deepEqual([intact, count, unfinished], [true, 5, [{ sequence: 1, path: "0/a" }]]);
  });

  it("has changes of users", async () => {
    const { store } = server;
    await addUser(store, "ann", "writer", undefined);
    await setRole(store, "ann", "approver");
    const token = await addToken(store, "ann", "laptop", undefined, { name: "ada", verified: true });
    await setPassword(store, "ann", "correct horse battery");
    await removeToken(store, token.split("_")[1] ?? "");
    await removeUser(store, "ann");
    await assert.rejects(removeUser(store, "ann"), /There is no user 'ann'/);
    await addUser(store, "eve", "writer", undefined);
    await assert.rejects(addUser(store, "eve", "admin", undefined), /There is a user 'eve' already/);
    const entries = (await readEntries(store.database, 0, 100)).map(({ text }) => {
      const { actor, details = {} } = parseAuditEntry(text) ?? {};
      return { actor, details };
    });
    const changes = entries.map(({ details }) => [details["user"], details["change"]]);
    assert.deepEqual(changes, [
      ["ann", "added"],
      ["ann", "role"],
      ["ann", "token added"],
      ["ann", "password"],
      ["ann", "token removed"],
      ["ann", "removed"],
      ["eve", "added"],
    ]);
    assert.deepEqual(entries[2]?.actor, { name: "ada", verified: true });
    assert.doesNotMatch(JSON.stringify(entries), /battery|scrypt/);
    assert.ok(!JSON.stringify(entries).includes(token.split("_")[2] ?? "?"));
  });

  it("goes on behind what was exported, and pages are read to the end", async () => {
    const head = await someEntries();
    const actor = { name: "ann", verified: true };
    await server.store.database.write(async () => {
      for (let times = 0; times < 2100; times++)
        await appendAudit(server.store.database, actor, { action: "user.change", details: { times } });
    });
    const verified = await clientOf(server).verifyAudit(head);
    assert.deepEqual([verified.intact, verified.entries], [true, 2104]);
  });

  it("is whole while others add to it", async () => {
    await someEntries();
    const { database } = server.store;
    const adding = new AbortController();
    const others = (async () => {
      const bob = { name: "bob", verified: true };
      for (let count = 0; !adding.signal.aborted && count < 2000; count++) {
        await appendAudit(database, bob, { action: "run.delete", details: { count } });
        await setImmediate();
      }
    })();
    const client = clientOf(server);
    try {
      for (let times = 0; times < 5; times++) {
        assert.deepEqual((await client.verifyAudit()).problems, []);
        assert.deepEqual((await verifyAudit(database)).problems, []);
      }
    } finally {
      adding.abort();
      await others;
    }
  });

  it("and its change are one: what is rolled back is not entered", async () => {
    const { database } = server.store;
    const actor = { name: "ann", verified: true };
    const failed = database.write(async () => {
      await appendAudit(database, actor, { action: "user.change" });
      throw new Error("the change failed");
    });
    await assert.rejects(failed, /the change failed/);
    assert.equal((await lastEntry(database)).sequence, 0);
  });

  it("shows what was done to the database", async function () {
    if (testPostgres !== undefined) this.skip();
    const head = await someEntries();
    await server.stop();
    const { folder } = server;
    assert.deepEqual(await found(folder, head), []);
    const path = join(folder, "tenon.db");
    await tamper(folder);
    const whole = readFileSync(path);
    const cases: readonly (readonly [readonly string[], readonly string[], against?: readonly string[]])[] = [
      [
        [`UPDATE audit_entries SET entry = replace(entry, '"2"', '"1"') WHERE sequence = 4`],
        ["changed 4"],
        ["changed 4"],
      ],
      [
        [`UPDATE audit_entries SET hash = '${"0".repeat(64)}' WHERE sequence = 2`],
        ["changed 2", "changed 3"],
      ],
      [["DELETE FROM audit_entries WHERE sequence = 2"], ["gap 2"], ["gap 2"]],
      [
        [
          "DELETE FROM audit_entries WHERE sequence = 2",
          "UPDATE audit_entries SET sequence = 2 WHERE sequence = 3",
        ],
        ["changed 2", "changed 2", "gap 3"],
      ],
      [["DELETE FROM audit_entries WHERE sequence > 2"], ["truncated 2"], ["truncated 2", "truncated 2"]],
      [["DELETE FROM audit_entries", "DELETE FROM audit_last"], [], ["truncated 0"]],
      [
        [
          "DELETE FROM audit_entries WHERE sequence = 4",
          "UPDATE audit_last SET sequence = 3, hash = (SELECT hash FROM audit_entries WHERE sequence = 3)",
        ],
        [],
        ["truncated 3"],
      ],
    ];
    for (const [statements, without, against = without] of cases) {
      await tamper(folder, ...statements);
      assert.deepEqual(await found(folder), without, statements.join());
      assert.deepEqual(await found(folder, head), against, statements.join());
      writeFileSync(path, whole);
    }
    // Bytes of the file, behind SQLite's back.
    const bytes = Buffer.from(whole);
    const place = bytes.indexOf('"action":"alias.set"');
    assert.ok(place > 0);
    bytes.write('"action":"user.change"'.slice(0, 20), place);
    writeFileSync(path, bytes);
    assert.ok((await found(folder)).length > 0);
    writeFileSync(path, whole.subarray(0, whole.length - 4096 * 3));
    await assert.rejects(found(folder), /malformed|not a database|disk image/);
  });

  it("whose end was cut off and written anew is found by a signed head", async function () {
    if (testPostgres !== undefined) this.skip();
    const keys = generateSigningKeys();
    const signed = signAuditHead(await someEntries(), keys.privateKey);
    await server.stop();
    await tamper(
      server.folder,
      "DELETE FROM audit_entries WHERE sequence > 3",
      "UPDATE audit_last SET sequence = 3, hash = (SELECT hash FROM audit_entries WHERE sequence = 3)",
    );
    await server.start();
    await server.get("POST", "registered-models/alias", { name: "risk", alias: "other", version: "1" });
    assert.equal((await clientOf(server).verifyAudit()).intact, true);
    const { problems } = await clientOf(server).verifyAudit(verifyAuditHead(signed, keys.publicKey));
    assert.deepEqual(
      problems.map(({ message }) => message),
      ["entry 4 is not the one that the head was made of"],
    );
  });
});
