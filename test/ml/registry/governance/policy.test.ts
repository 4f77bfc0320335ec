import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Ajv } from "ajv";
import type { ModelSignature } from "../../../../ml/package/signature.ts";
import { judged, version } from "./judged.ts";
import { loadPolicy, requiredSigners } from "../../../../ml/registry/governance/policy-file.ts";
import {
  loadingDemands,
  parsePolicy,
  protectedAliases,
  rulesOf,
} from "../../../../ml/registry/governance/policy.ts";

const rule = { alias: "champion" };

describe("A policy", () => {
  it("is read, and by the published schema alike", () => {
    const path = join(import.meta.dirname, "../../../../schemas/tenon.policy.schema.json");
    const validate = new Ajv().compile(JSON.parse(readFileSync(path, "utf8")) as object);
    const good: readonly unknown[] = [
      { version: 1, rules: [] },
      { $schema: "x", version: 1, rules: [rule] },
      {
        version: 1,
        rules: [
          {
            alias: "champion",
            models: ["risk", "fraud-*"],
            metrics: [
              { name: "rocAuc", min: 0.8 },
              { name: "loss", min: 0, max: 0.4, evidence: "evaluation" },
            ],
            evidence: ["evaluation"],
            compatibleSignature: true,
            approvals: 2,
            signedBy: ["release.pub.pem"],
          },
        ],
      },
      {
        version: 1,
        rules: [
          {
            ...rule,
            signedBy: [
              "release.pub.pem",
              { identity: "ci@acme.example", issuer: "https://issuer.example" },
              { identity: "ci@acme.example", issuer: "https://issuer.example", trustedRoot: "root.json" },
            ],
          },
        ],
        loading: [{ signedBy: ["release.pub.pem"] }, { models: ["risk"], signedBy: ["a.pem", "b.pem"] }],
      },
    ];
    const bad: readonly unknown[] = [
      undefined,
      [],
      {},
      { version: 2, rules: [] },
      { version: 1 },
      { version: 1, rules: [], approvals: 1 },
      { version: 1, rules: [{}] },
      { version: 1, rules: [{ alias: "cham pion" }] },
      { version: 1, rules: [{ ...rule, approval: 1 }] },
      { version: 1, rules: [{ ...rule, approvals: -1 }] },
      { version: 1, rules: [{ ...rule, approvals: 1.5 }] },
      { version: 1, rules: [{ ...rule, approvals: "2" }] },
      { version: 1, rules: [{ ...rule, approvals: null }] },
      { version: 1, rules: [{ ...rule, models: [] }] },
      { version: 1, rules: [{ ...rule, models: "risk" }] },
      { version: 1, rules: [{ ...rule, metrics: [{ name: "auc" }] }] },
      { version: 1, rules: [{ ...rule, metrics: [{ name: "auc", min: "0.8" }] }] },
      { version: 1, rules: [{ ...rule, metrics: [{ name: "", min: 0 }] }] },
      { version: 1, rules: [{ ...rule, metrics: [{ name: "auc", min: 0, least: 1 }] }] },
      { version: 1, rules: [{ ...rule, evidence: [""] }] },
      { version: 1, rules: [{ ...rule, compatibleSignature: "yes" }] },
      { version: 1, rules: [{ ...rule, signedBy: [] }] },
      { version: 1, rules: [{ ...rule, signedBy: [""] }] },
      { version: 1, rules: [{ ...rule, signedBy: [{ identity: "ci@acme.example" }] }] },
      { version: 1, rules: [{ ...rule, signedBy: [{ issuer: "https://issuer.example" }] }] },
      { version: 1, rules: [{ ...rule, signedBy: [{ identity: "", issuer: "i" }] }] },
      { version: 1, rules: [{ ...rule, signedBy: [{ identity: "a", issuer: "i", pattern: true }] }] },
      { version: 1, rules: [], loading: [{}] },
      { version: 1, rules: [], loading: [{ signedBy: [] }] },
      { version: 1, rules: [], loading: [{ alias: "champion", signedBy: ["k"] }] },
      { version: 1, rules: [], loading: {} },
    ];
    for (const policy of good) {
      assert.equal(validate(policy), true, JSON.stringify(validate.errors));
      parsePolicy(policy);
    }
    for (const policy of bad) {
      assert.equal(validate(policy), false, JSON.stringify(policy));
      assert.throws(() => parsePolicy(policy), {
        name: "InvalidInputError",
        message: /^this is no policy: /,
      });
    }
    assert.throws(
      () => parsePolicy({ version: 1, rules: [rule, { ...rule, metrics: [{ name: "a", min: 2, max: 1 }] }] }),
      { message: "this is no policy: rules.1.metrics.0: min is above max" },
    );
  });

  it("is about aliases of models by their names", () => {
    const policy = parsePolicy({
      version: 1,
      rules: [
        rule,
        { alias: "challenger", models: ["risk", "fraud-*-eu", "*.x"] },
        { alias: "champion", models: ["a*a"], approvals: 1 },
      ],
    });
    const names = (model: string): readonly string[] => [...protectedAliases(policy, model)].toSorted();
    assert.deepEqual(names("other"), ["champion"]);
    for (const model of ["risk", "fraud-cards-eu", "fraud--eu", "m.x"])
      assert.deepEqual(names(model), ["challenger", "champion"], model);
    for (const model of ["risky", "Risk", "fraud-eu", "m.xy"])
      assert.deepEqual(names(model), ["champion"], model);
    const rules = (model: string): number => rulesOf(policy, model, "champion").length;
    assert.deepEqual(["a", "aa", "aba", "abab"].map(rules), [1, 2, 2, 1]);
    assert.deepEqual(rulesOf(policy, "risk", "other"), []);
  });

  it("demands signatures of what is loaded: by name, and of all that have a protected alias", () => {
    const policy = parsePolicy({
      version: 1,
      rules: [
        { alias: "champion", models: ["risk"], signedBy: ["a"] },
        { alias: "champion", approvals: 1 },
      ],
      loading: [{ models: ["risk", "fraud-*"], signedBy: ["b"] }, { signedBy: ["c"] }],
    });
    const places = (name: string | undefined, ...aliases: readonly string[]): readonly string[] =>
      loadingDemands(policy, name, aliases).map(({ place }) => place);
    assert.deepEqual(places("risk", "champion"), ["loading.0", "loading.1", "rules.0 (the alias champion)"]);
    assert.deepEqual(places("risk"), ["loading.0", "loading.1"]);
    assert.deepEqual(places("fraud-eu", "champion"), ["loading.0", "loading.1"]);
    assert.deepEqual(places("other"), ["loading.1"]);
    assert.deepEqual(places(undefined, "champion"), ["loading.1"]);
    assert.deepEqual(loadingDemands(parsePolicy({ version: 1, rules: [rule] }), "risk", ["champion"]), []);
  });

  it("is the one that is given, or in the store's folder, or beside it; a broken one allows nothing", async () => {
    const folder = mkdtempSync(join(tmpdir(), "tenon-policy-"));
    try {
      const store = join(folder, "runs");
      mkdirSync(store);
      const write = (path: string, alias: string): void =>
        writeFileSync(path, JSON.stringify({ version: 1, rules: [{ alias, signedBy: ["key.pem"] }] }));
      assert.equal(await loadPolicy(store, undefined), undefined);
      write(join(folder, "tenon.policy.json"), "beside");
      assert.equal((await loadPolicy(store, undefined))?.policy.rules[0]?.alias, "beside");
      write(join(store, "tenon.policy.json"), "in");
      write(join(folder, "other.json"), "given");
      assert.equal((await loadPolicy(store, undefined))?.policy.rules[0]?.alias, "in");
      const given = await loadPolicy(store, join(folder, "other.json"));
      assert.equal(given?.policy.rules[0]?.alias, "given");
      assert.match(given.digest, /^[0-9a-f]{64}$/);
      await assert.rejects(
        requiredSigners(given, ["key.pem"]),
        /other\.json: the key key\.pem can't be read/,
      );
      const ci = { identity: "ci", issuer: "https://issuer.example" };
      await assert.rejects(
        requiredSigners(given, [{ ...ci, trustedRoot: "root.json" }]),
        /other\.json: the trusted root root\.json can't be read/,
      );
      writeFileSync(join(folder, "key.pem"), "the key");
      writeFileSync(join(folder, "root.json"), "the root");
      assert.deepEqual(
        await requiredSigners(given, [
          "key.pem",
          "-----BEGIN PUBLIC KEY-----",
          ci,
          { ...ci, trustedRoot: "root.json" },
        ]),
        [
          { publicKey: "the key" },
          { publicKey: "-----BEGIN PUBLIC KEY-----" },
          ci,
          { ...ci, trustedRoot: "the root" },
        ],
      );
      await assert.rejects(loadPolicy(store, join(folder, "nowhere.json")), /there is no such file/);
      writeFileSync(join(store, "tenon.policy.json"), "{");
      await assert.rejects(loadPolicy(store, undefined), {
        name: "InvalidInputError",
        message: /policy\.json: /,
      });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe("A policy's demands", () => {
  it("of metrics: all that the version tells under the name must be within bounds, and one must be told", () => {
    const metrics = [{ name: "auc", min: 0.8 }];
    const figures = (auc: number): object => ({ kind: "evaluation", verdict: "passed", figures: { auc } });
    assert.deepEqual(judged({ metrics }, { metrics: { auc: 0.8 } }), []);
    assert.deepEqual(judged({ metrics }, { metrics: { auc: 0.79 } }), ["auc is 0.79 in the run, below 0.8"]);
    assert.deepEqual(judged({ metrics }, { metrics: { auc: Number.NaN } }), [
      "auc is NaN in the run, below 0.8",
    ]);
    assert.deepEqual(judged({ metrics }, {}), ["auc is in no metric of the run and no evidence"]);
    assert.deepEqual(judged({ metrics }, { evidence: [figures(0.9)] }), []);
    assert.deepEqual(judged({ metrics }, { metrics: { auc: 0.9 }, evidence: [figures(0.7)] }), [
      'auc is 0.7 in the evidence "evaluation", below 0.8',
    ]);
    const within = { metrics: [{ name: "auc", min: 0.5, max: 0.6, evidence: "evaluation" }] };
    assert.deepEqual(judged(within, { metrics: { auc: 0.9 } }), [
      'auc is no figure of evidence "evaluation"',
    ]);
    assert.deepEqual(judged(within, { evidence: [figures(0.7)] }), [
      'auc is 0.7 in the evidence "evaluation", above 0.6',
    ]);
    assert.deepEqual(judged({ metrics: [{ name: "constructor", min: 0 }] }, { evidence: [figures(1)] }), [
      "constructor is in no metric of the run and no evidence",
    ]);
  });

  it("of evidence: the last of each kind must have passed", () => {
    const report = (kind: string, verdict: string): object => ({ kind, verdict, figures: {} });
    const demands = { evidence: ["fairness", "drift"] };
    assert.deepEqual(judged(demands, { evidence: [report("fairness", "failed")] }), [
      'the evidence "fairness" failed',
      'there is no evidence "drift"',
    ]);
    const both = [report("fairness", "failed"), report("drift", "passed"), report("fairness", "passed")];
    assert.deepEqual(judged(demands, { evidence: both }), []);
    assert.deepEqual(judged(demands, { evidence: [...both, report("drift", "unjudged")] }), [
      'the evidence "drift" has no verdict',
    ]);
  });

  it("of signatures: what breaks callers of the holder is an objection, what doesn't is none", () => {
    const age = { name: "age", type: "int32", dtype: "float32", required: true } as const;
    const job = { name: "job", type: "string", dtype: "string", required: false } as const;
    const outputs = [{ name: "prediction", type: "float32" }] as const;
    const signature = (...inputs: ModelSignature["inputs"]): ModelSignature => ({ inputs, outputs });
    const demands = { compatibleSignature: true };
    const before = version({ signature: signature(age) });
    assert.deepEqual(judged(demands, { signature: signature(age, job) }, before), []);
    assert.deepEqual(judged(demands, { signature: signature({ ...age, type: "int64" }) }, before), []);
    assert.deepEqual(judged(demands, { signature: signature(job) }, before), [
      'the input "age" was removed: callers of version 1 would fail',
    ]);
    assert.deepEqual(
      judged(demands, { signature: signature({ ...age, type: "string", dtype: "string" }) }, before),
      ['the input "age" was int32 and is string: callers of version 1 would fail'],
    );
    assert.deepEqual(judged(demands, { signature: signature(age, { ...job, required: true }) }, before), [
      'the input "job" is new, and needs a value: callers of version 1 would fail',
    ]);
    assert.deepEqual(judged(demands, {}, before), ["its signature isn't known: it is no package of Tenon's"]);
    assert.deepEqual(judged(demands, { signature: signature(age) }, version({})), [
      "the signature of version 1, which it is held against, isn't known: it is no package of Tenon's",
    ]);
    // The first to have the alias has nothing to be compatible with.
    assert.deepEqual(judged(demands, {}), []);
  });

  it("of approvals: verified names other than the author's, of these files, whose last word it is", () => {
    const review = (name: string, more: object = {}): object => ({
      verdict: "approve",
      by: { name, verified: true },
      at: 1,
      comment: "",
      files: "f".repeat(64),
      ...more,
    });
    const demands = { approvals: 2 };
    const facts = (...reviews: readonly object[]): object => ({ authors: ["ann", "Ann's run"], reviews });
    assert.deepEqual(judged(demands, facts(review("bob"), review("eve"))), []);
    assert.deepEqual(judged(demands, facts()), ["it has 0 of 2 approvals"]);
    // Names that are written alike may be one person's.
    assert.deepEqual(judged(demands, facts(review("bob"), review("Bob "))), ["it has 1 of 2 approvals"]);
    assert.deepEqual(judged(demands, facts(review("bob"), review("bob"))), ["it has 1 of 2 approvals"]);
    assert.deepEqual(judged(demands, facts(review("bob"), review(" ANN "))), [
      "it has 1 of 2 approvals;  ANN 's doesn't count: the author's own",
    ]);
    assert.deepEqual(
      judged(demands, facts(review("bob"), review("eve", { by: { name: "eve", verified: false } }))),
      ["it has 1 of 2 approvals; eve's doesn't count: the name is unverified"],
    );
    assert.deepEqual(judged(demands, facts(review("bob"), review("eve", { files: "0".repeat(64) }))), [
      "it has 1 of 2 approvals; eve's doesn't count: the files have changed since",
    ]);
    const rejected = { verdict: "reject", comment: "it leaks the target" };
    assert.deepEqual(judged(demands, facts(review("bob"), review("eve"), review("kim", rejected))), [
      "kim rejects it: it leaks the target",
    ]);
    assert.deepEqual(judged(demands, facts(review("kim", rejected), review("bob"), review("kim"))), []);
    // Nobody can take a rejection back, or make one, in another's name.
    const unverified = { by: { name: "kim", verified: false } };
    assert.deepEqual(
      judged(
        demands,
        facts(review("bob"), review("eve"), review("kim", rejected), review("kim", unverified)),
      ),
      ["kim rejects it: it leaks the target"],
    );
    assert.deepEqual(
      judged(demands, facts(review("bob"), review("eve"), review("kim", { ...rejected, ...unverified }))),
      [],
    );
    assert.deepEqual(judged({ approvals: 1 }, facts()), ["it has 0 of 1 approval"]);
  });

  it("of the files' signature", () => {
    assert.deepEqual(judged({ signedBy: ["k"] }, {}, undefined, "nobody has signed it"), [
      "nobody has signed it",
    ]);
    assert.deepEqual(judged({ signedBy: ["k"] }, {}), []);
  });
});
