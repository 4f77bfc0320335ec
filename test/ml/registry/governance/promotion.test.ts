import assert from "node:assert/strict";
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { generateSigningKeys, signModel } from "../../../../ml/package/signing/index.ts";
import { parseAuditEntry } from "../../../../ml/registry/governance/index.ts";
import {
  deleteAliasByPolicy,
  renameModel,
  setAliasByPolicy,
} from "../../../../ml/registry/governance/audited-changes.ts";
import { checkPromotion, promote, rollBack } from "../../../../ml/registry/governance/promotion.ts";
import { addReview } from "../../../../ml/registry/governance/version-records.ts";
import { readEntries } from "../../../../ml/registry/governance/audit/audit-log.ts";
import { identityToken, issuer, startSigstore } from "../../package/fake-sigstore.ts";
import { at, TestServer } from "../test-server.ts";
import { clientOf } from "./http-caller.ts";
import { digestOf, Packages, removeFrom, writeInto } from "./packages.ts";

const ann = { name: "ann", verified: true };
const bob = { name: "bob", verified: true };

describe("Promotions", function () {
  this.timeout(60_000);
  const packages = new Packages();
  const keys = generateSigningKeys();
  const server = new TestServer();
  const client = (): ReturnType<typeof clientOf> => clientOf(server);
  const policy = (rules: readonly object[]): void =>
    writeFileSync(join(server.folder, "tenon.policy.json"), JSON.stringify({ version: 1, rules }));
  const reasons = async (name: string, version: string, alias: string): Promise<readonly string[]> => {
    const check = await client().check(name, version, alias);
    assert.equal(check.allowed, check.objections.length === 0);
    return check.objections.map(({ message }) => message);
  };
  const actions = async (): Promise<readonly string[]> =>
    (await readEntries(server.store.database, 0, 1000)).map(({ text }) => {
      const entry = parseAuditEntry(text);
      return [entry?.action, entry?.model, entry?.version, entry?.alias, entry?.actor.name].join(" ");
    });

  before(async () => {
    await packages.write([{ kind: "evaluation", verdict: "passed", figures: { rocAuc: 0.9 } }]);
    await signModel(packages.path("two"), { privateKey: keys.privateKey });
    await server.start();
  });
  after(async () => {
    packages.remove();
    await server.remove();
  });
  beforeEach(() => policy([]));

  it("tell every reason at once, and go through when each demand is met", async () => {
    const run = await server.newRun();
    const version = await packages.register(server, "three", "risk", run);
    writeFileSync(join(server.folder, "release.pem"), keys.publicKey);
    policy([
      {
        alias: "champion",
        models: ["risk"],
        metrics: [{ name: "rocAuc", min: 0.8 }],
        evidence: ["fairness"],
        compatibleSignature: true,
        approvals: 1,
      },
      { alias: "champion", signedBy: ["release.pem"] },
    ]);
    const refused = await client().promote("risk", version, "champion");
    assert.deepEqual([refused.allowed, refused.rules, refused.holder], [false, 2, undefined]);
    assert.deepEqual(
      refused.objections.map(({ message }) => message),
      [
        "rocAuc is in no metric of the run and no evidence",
        'there is no evidence "fairness"',
        "it has 0 of 1 approval",
        "it is not signed",
      ],
    );
    const better = await packages.register(server, "two", "risk", run);
    const point = { key: "rocAuc", value: 0.95, timestamp: 1, step: 1 };
    await server.get("POST", "runs/log-metric", { run_id: run, ...point });
    await client().addEvidence("risk", better, {
      kind: "fairness",
      verdict: "passed",
      figures: { gap: 0.01 },
    });
    const asked = await client().review("risk", better, "approve", "looks fine");
    assert.deepEqual(asked, { name: "eve", verified: false });
    assert.deepEqual(await reasons("risk", better, "champion"), [
      "it has 0 of 1 approval; eve's doesn't count: the name is unverified",
    ]);
    const files = await digestOf(server, "risk", better);
    await addReview(server.store, bob, "risk", better, {
      verdict: "approve",
      comment: "",
      files,
    });
    const done = await promote(server.store, ann, { name: "risk", version: better, alias: "champion" });
    assert.deepEqual([done.allowed, done.objections], [true, []]);
    const found = await client().version("risk", better);
    assert.deepEqual(found.aliases, ["champion"]);
    assert.deepEqual(found.metrics, { rocAuc: 0.95 });
    assert.deepEqual(
      found.evidence.map(({ kind, by }) => [kind, by?.name]),
      [
        ["evaluation", undefined],
        ["fairness", "eve"],
      ],
    );
    assert.deepEqual(
      found.reviews.map(({ by, verdict, comment }) => [by, verdict, comment]),
      [
        [{ name: "eve", verified: false }, "approve", "looks fine"],
        [bob, "approve", ""],
      ],
    );
    assert.deepEqual((await actions()).slice(-6), [
      "promotion.refused risk 1 champion eve",
      "model-version.create risk 2  ",
      "evidence.add risk 2  eve",
      "review.add risk 2  eve",
      "review.add risk 2  bob",
      "promotion.done risk 2 champion ann",
    ]);
  });

  it("of files that changed after the approval or the signature are refused", async () => {
    const version = await packages.register(server, "two", "changed");
    policy([{ alias: "champion", approvals: 1, signedBy: [keys.publicKey] }]);
    const files = await digestOf(server, "changed", version);
    await addReview(server.store, bob, "changed", version, {
      verdict: "approve",
      comment: "",
      files,
    });
    assert.deepEqual(await reasons("changed", version, "champion"), []);
    await writeInto(server, "changed", version, "README.md", "another card");
    assert.deepEqual(await reasons("changed", version, "champion"), [
      "it has 0 of 1 approval; bob's doesn't count: the files have changed since",
      "the folder is not the model that was signed: changed: README.md",
    ]);
    policy([{ alias: "champion", signedBy: [generateSigningKeys().publicKey] }]);
    assert.match((await reasons("changed", version, "champion")).join(), /the signature is by another key/);
  });

  it("take signatures of identities, letter by letter, beside keys", async () => {
    const sigstore = await startSigstore();
    try {
      const identity = "ci@acme.example";
      const { url, trustedRoot } = sigstore;
      const version = await packages.register(server, "three", "keyless");
      const trusted = { issuer, trustedRoot: "trusted_root.json" };
      writeFileSync(join(server.folder, "trusted_root.json"), trustedRoot);
      policy([{ alias: "champion", signedBy: [keys.publicKey, { identity, ...trusted }] }]);
      assert.deepEqual(await reasons("keyless", version, "champion"), ["it is not signed"]);
      const signed = join(packages.folder, "signed");
      cpSync(packages.path("three"), signed, { recursive: true });
      const services = { fulcioUrl: url, rekorUrl: url, timestampUrl: url };
      await signModel(signed, { keyless: { identityToken: identityToken(identity), ...services } });
      await writeInto(
        server,
        "keyless",
        version,
        "model.sig",
        readFileSync(join(signed, "model.sig"), "utf8"),
      );
      assert.deepEqual(await reasons("keyless", version, "champion"), []);
      policy([{ alias: "champion", signedBy: [{ identity: "ci@acme\\.example", ...trusted }] }]);
      assert.deepEqual(await reasons("keyless", version, "champion"), [
        "the signature is by ci@acme.example, not by ci@acme\\.example",
      ]);
      policy([{ alias: "champion", signedBy: [{ identity, ...trusted, issuer: `${issuer}/` }] }]);
      assert.match((await reasons("keyless", version, "champion")).join(), /vouched for, not/);
      policy([{ alias: "champion", signedBy: [{ identity, ...trusted }] }]);
      await writeInto(server, "keyless", version, "README.md", "another card");
      assert.deepEqual(await reasons("keyless", version, "champion"), [
        "the folder is not the model that was signed: changed: README.md",
      ]);
      policy([{ alias: "champion", signedBy: [{ identity, issuer, trustedRoot: "nowhere.json" }] }]);
      await assert.rejects(
        client().check("keyless", version, "champion"),
        /the trusted root nowhere\.json can't be read/,
      );
    } finally {
      await sigstore.close();
    }
  });

  it("hold signatures against the last holder, also when the alias was taken away before", async () => {
    policy([{ alias: "champion", compatibleSignature: true }]);
    const first = await packages.register(server, "two", "loans");
    const narrow = await packages.register(server, "narrow", "loans");
    const wide = await packages.register(server, "three", "loans");
    assert.equal((await client().promote("loans", first, "champion")).allowed, true);
    const removed = ['the input "job" was removed: callers of version 1 would fail'];
    assert.deepEqual(await reasons("loans", narrow, "champion"), removed);
    await client().demote("loans", "champion");
    assert.deepEqual(await reasons("loans", narrow, "champion"), removed);
    // Nor do files that are gone: the signature was kept when it was promoted.
    await removeFrom(server, "loans", first, "tenon");
    assert.deepEqual(await reasons("loans", narrow, "champion"), removed);
    const added = ['the input "income" is new, and needs a value: callers of version 1 would fail'];
    assert.deepEqual(await reasons("loans", wide, "champion"), added);
    assert.deepEqual(await reasons("loans", first, "champion"), []);
  });

  it("are rolled back to the version before, and to none whose files have changed", async () => {
    const versions: string[] = [];
    for (const name of ["two", "three", "two"]) versions.push(await packages.register(server, name, "back"));
    policy([{ alias: "champion" }]);
    for (const version of versions) await client().promote("back", version, "champion");
    assert.deepEqual(await client().rollBack("back", "champion"), { from: "3", to: "2" });
    assert.deepEqual(await client().rollBack("back", "champion"), { from: "2", to: "1" });
    await assert.rejects(
      client().rollBack("back", "champion"),
      /No earlier version of back had the alias champion/,
    );
    await client().promote("back", "3", "champion");
    await client().demote("back", "champion");
    assert.deepEqual(await client().rollBack("back", "champion"), { to: "3" });
    await writeInto(server, "back", "1", "more.txt", "");
    await assert.rejects(
      rollBack(server.store, ann, "back", "champion"),
      /The files of version 1 are not those/,
    );
    await server.get("DELETE", "model-versions/delete", { name: "back", version: "1" });
    await assert.rejects(client().rollBack("back", "champion"), /No earlier version/);
    const champion = await client().version("back", "3");
    assert.deepEqual([champion.aliases, champion.changedSince], [["champion"], []]);
    await writeInto(server, "back", "3", "README.md", "another card");
    assert.deepEqual((await client().version("back", "3")).changedSince, ["champion"]);
  });

  it("can't be gone round by MLflow's own calls", async () => {
    policy([
      { alias: "champion", models: ["cards"], evidence: ["fairness"] },
      { alias: "stable", models: ["*"], metrics: [{ name: "auc", min: 1 }] },
    ]);
    const version = await packages.register(server, "two", "cards");
    const answer = await server.ask("POST", "registered-models/alias", {
      name: "cards",
      alias: "champion",
      version,
    });
    assert.deepEqual(answer, {
      status: 403,
      body: {
        error_code: "PERMISSION_DENIED",
        message:
          "The policy refuses the alias 'champion' for version 1 of 'cards': there is no evidence \"fairness\"",
      },
    });
    assert.match((await actions()).at(-1) ?? "", /^promotion\.refused cards 1 champion/);
    await server.get("POST", "registered-models/alias", { name: "cards", alias: "challenger", version });
    await client().addEvidence("cards", version, { kind: "fairness", verdict: "passed", figures: {} });
    await server.get("POST", "registered-models/alias", { name: "cards", alias: "champion", version });
    // Under another name it may have the alias; with it, it can't take the protected name.
    await packages.register(server, "two", "free");
    await server.get("POST", "registered-models/alias", { name: "free", alias: "champion", version: "1" });
    await server.get("POST", "registered-models/rename", { name: "cards", new_name: "old" });
    const renamed = await server.ask("POST", "registered-models/rename", { name: "free", new_name: "cards" });
    assert.deepEqual([renamed.status, Object(renamed.body).error_code], [403, "PERMISSION_DENIED"]);
    // A policy that can't be read allows nothing.
    writeFileSync(join(server.folder, "tenon.policy.json"), '{ "version": 1, "rule": [] }');
    const broken = await server.ask("POST", "registered-models/alias", {
      name: "old",
      alias: "challenger",
      version: "1",
    });
    assert.equal(broken.status, 500);
    assert.match(JSON.stringify(broken.body), /INVALID_STATE.*The policy can't be applied/);
  });

  it("a protected alias needs an approver, and a copy has the author of what it was copied from", async () => {
    await packages.register(server, "two", "roles");
    policy([{ alias: "champion", models: ["roles"] }]);
    const writer = { name: "wim", role: "writer", verified: true } as const;
    const request = { name: "roles", version: "1", alias: "champion" };
    const needed = { code: "PERMISSION_DENIED", message: /needs the role approver/ };
    await assert.rejects(setAliasByPolicy(server.store, writer, request), needed);
    await setAliasByPolicy(server.store, { ...writer, role: "approver" }, request);
    await assert.rejects(deleteAliasByPolicy(server.store, writer, "roles", "champion"), needed);
    await setAliasByPolicy(server.store, writer, { ...request, alias: "challenger" });
    policy([{ alias: "champion", approvals: 1 }]);
    const copy = { name: "roles", source: "models:/roles/1" };
    await client().api.ask("POST", "mlflow/model-versions/create", copy);
    await server.get("POST", "model-versions/create", { ...copy, source: "models:/roles/2" });
    await addReview(server.store, ann, "roles", "3", { verdict: "approve", comment: "" });
    const facts = await client().version("roles", "3");
    assert.deepEqual(facts.authors, ["eve"]);
    await addReview(server.store, { name: "EVE ", verified: true }, "roles", "3", {
      verdict: "approve",
      comment: "",
      ...("digest" in facts.files && { files: facts.files.digest }),
    });
    const check = await checkPromotion(server.store, { name: "roles", version: "3", alias: "champion" });
    assert.deepEqual(
      check.objections.map(({ message }) => message),
      [
        "it has 0 of 1 approval; ann's doesn't count: the files have changed since; EVE 's doesn't count: the author's own",
      ],
    );
  });

  it("a name with @ hides no author", async () => {
    await packages.register(server, "two", "a@b");
    await client().api.ask("POST", "mlflow/model-versions/create", { name: "a@b", source: "models:/a@b/1" });
    await server.ask("POST", "registered-models/create", { name: "copies" });
    await server.get("POST", "model-versions/create", { name: "copies", source: "models:/a@b/2" });
    assert.deepEqual((await client().version("copies", "1")).authors, ["eve"]);
  });

  it("a model that has a protected alias is renamed by an approver alone", async () => {
    await packages.register(server, "two", "kept");
    policy([{ alias: "champion", models: ["kept"] }]);
    await client().promote("kept", "1", "champion");
    const writer = { name: "wim", role: "writer", verified: true } as const;
    await assert.rejects(renameModel(server.store, writer, "kept", "away"), {
      code: "PERMISSION_DENIED",
      message: /the alias 'champion' is protected, which needs the role approver/,
    });
    assert.deepEqual((await client().version("kept", "1")).aliases, ["champion"]);
    await renameModel(server.store, { ...writer, role: "approver" }, "kept", "away");
  });

  it("a version that had the alias before it was protected is rolled back to under the policy", async () => {
    for (let times = 0; times < 2; times++) await packages.register(server, "two", "late");
    for (const version of ["1", "2"]) await client().promote("late", version, "champion");
    policy([{ alias: "champion", evidence: ["fairness"] }]);
    await assert.rejects(
      client().rollBack("late", "champion"),
      /Version 1 had the alias champion before the policy, which refuses it: there is no evidence/,
    );
    await client().addEvidence("late", "1", { kind: "fairness", verdict: "passed", figures: {} });
    assert.deepEqual(await client().rollBack("late", "champion"), { from: "2", to: "1" });
  });

  it("of models that others wrote say what isn't known, and bad requests what is wrong", async () => {
    const run = await server.newRun();
    await server.ask("POST", "registered-models/create", { name: "foreign" });
    const artifacts = `mlflow-artifacts:/0/${run}/artifacts/model`;
    await server.get("POST", "model-versions/create", { name: "foreign", source: artifacts, run_id: run });
    policy([{ alias: "champion", compatibleSignature: true, evidence: ["evaluation"] }]);
    assert.deepEqual(await reasons("foreign", "1", "champion"), ['there is no evidence "evaluation"']);
    const asked = await client().version("foreign", "1");
    assert.deepEqual(asked.files, { unreadable: "its files are not there" });
    const refused: readonly (readonly [
      method: "GET" | "POST",
      path: string,
      input: object,
      message: RegExp,
    ])[] = [
      ["POST", "promotions/promote", { name: "foreign", alias: "champion" }, /required parameter 'version'/],
      ["POST", "promotions/promote", { name: "foreign", alias: "latest", version: "1" }, /reserved/],
      ["GET", "promotions/check", { name: "foreign", alias: "champion", version: "9" }, /not found/],
      ["POST", "model-versions/review", { name: "foreign", version: "1", verdict: "ok" }, /verdict/],
      ["POST", "model-versions/review", { name: "foreign", version: "9", verdict: "approve" }, /not found/],
      [
        "POST",
        "model-versions/review",
        { name: "foreign", version: "1", verdict: "reject", comment: "x".repeat(5001) },
        /may have 5000 characters, got 5001/,
      ],
      [
        "POST",
        "model-versions/add-evidence",
        { name: "foreign", version: "1", evidence: { kind: "", verdict: "passed", figures: {} } },
        /evidence\.kind/,
      ],
      ["POST", "promotions/roll-back", { name: "foreign", alias: "champion" }, /No earlier version/],
      ["GET", "audit/entries", { after: -1 }, /after must be from 0 up/],
    ];
    for (const [method, path, input, message] of refused)
      await assert.rejects(client().api.ask(method, `tenon/${path}`, input), message, path);
    assert.deepEqual(server.errors, []);
  });

  it("of files on another machine say that they can't be read", async () => {
    const made = await server.get("POST", "experiments/create", {
      name: "elsewhere",
      artifact_location: "file://elsewhere/share",
    });
    const run = await server.get("POST", "runs/create", { experiment_id: at(made, "experiment_id") });
    const source = `${String(at(run, "run", "info", "artifact_uri"))}/model`;
    await server.ask("POST", "registered-models/create", { name: "elsewhere" });
    const run_id = String(at(run, "run", "info", "run_id"));
    await server.get("POST", "model-versions/create", { name: "elsewhere", source, run_id });
    const { files } = await client().version("elsewhere", "1");
    assert.match(JSON.stringify(files), /its files are at file:\/\/elsewhere.*not this server's/);
    assert.deepEqual(server.errors, []);
  });

  it("two at once end in one of them, and each is entered", async () => {
    policy([{ alias: "champion", compatibleSignature: true }]);
    for (let times = 0; times < 4; times++) await packages.register(server, "two", "race");
    const before = (await actions()).length;
    const all = await Promise.allSettled(
      ["1", "2", "3", "4"].map((version) => client().promote("race", version, "champion")),
    );
    const done = all.filter(({ status }) => status === "fulfilled").length;
    assert.ok(done >= 1);
    assert.equal((await actions()).length, before + done);
    assert.equal((await client().verifyAudit()).intact, true);
    const aliases = await Promise.all(
      ["1", "2", "3", "4"].map((version) => client().version("race", version)),
    );
    assert.equal(aliases.filter((found) => found.aliases.includes("champion")).length, 1);
  });
});
