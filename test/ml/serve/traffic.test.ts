import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Random } from "../../../ml/random.ts";
import { type Infer, type InferenceResponse, ServingError } from "../../../ml/serve/inference.ts";
import { compareAnswers } from "../../../ml/serve/traffic/compare-answers.ts";
import { readRules, RulesFile } from "../../../ml/serve/traffic/rules-file.ts";
import { parseRule, ruleVersions, switched } from "../../../ml/serve/traffic/rules.ts";
import { Traffic, type TrafficChange } from "../../../ml/serve/traffic/traffic.ts";
import { weightedChoice } from "../../../ml/serve/traffic/weighted-choice.ts";
import { refused } from "../refused.ts";
import { answer, call, context, tensor } from "./calls.ts";

const random = (): (() => number) => {
  const stream = new Random(7);
  return () => stream.uniform();
};

function versionOf(traffic: Traffic, stickyKey?: string): string {
  const given = traffic.infer(call(), context({ stickyKey }));
  assert.ok(!(given instanceof Promise));
  return given.version;
}

describe("Rules of traffic", () => {
  it("are refused where they are none, by the field's name", async () => {
    const weights = [{ version: "1", weight: 1 }];
    for (const [rule, message] of [
      [{}, /either weights or blueGreen/],
      [{ weights, blueGreen: { blue: "1", green: "2", active: "blue" } }, /either/],
      [{ weights: [] }, /weights/],
      [{ weights: [{ version: "1", weight: 0 }] }, /one weight must be above 0/],
      [{ weights: [...weights, ...weights] }, /twice/],
      [{ weights: [{ version: "1", weight: -1 }] }, /weights\.0\.weight/],
      [{ weights: [{ version: "1", weight: null }] }, /weights\.0\.weight/],
      [{ weights, shadows: [{ version: "2", share: 1.5 }] }, /shadows\.0\.share/],
      [{ weights, gates: { baseline: "1", windowSeconds: 0 } }, /gates\.windowSeconds/],
      [{ weights, more: 1 }, /more/],
      ["weights", /the rule/],
    ] as const)
      await refused(() => parseRule(rule), message);
  });

  it("name their versions, and switch between blue and green only", async () => {
    const rule = parseRule({
      blueGreen: { blue: "1", green: "2", active: "blue" },
      shadows: [{ version: "5", share: 1 }],
    });
    assert.deepEqual(ruleVersions(rule), ["1", "2", "5"]);
    assert.equal(switched(rule).blueGreen?.active, "green");
    assert.deepEqual(switched(switched(rule)), rule);
    await refused(() => switched(parseRule({ weights: [{ version: "1", weight: 1 }] })), /blueGreen/);
  });

  it("outlive the service in a file", async () => {
    const folder = mkdtempSync(join(tmpdir(), "tenon-rules-"));
    try {
      const path = join(folder, "traffic.json");
      assert.deepEqual(await readRules(path), { version: 1, models: {} });
      const file = new RulesFile(path);
      const traffic = new Traffic((request) => answer(request, 1), {
        onChange: () => void file.write(traffic.rules),
      });
      for (const weight of [1, 2, 3]) traffic.set("risk", parseRule({ weights: [{ version: "4", weight }] }));
      await file.write(traffic.rules);
      traffic.close();
      const read = await readRules(path);
      assert.deepEqual(read.models["risk"]?.weights, [{ version: "4", weight: 3 }]);
      const other = new Traffic((request) => answer(request, 1));
      other.set("old", parseRule({ weights: [{ version: "1", weight: 1 }] }));
      other.adopt(read);
      assert.deepEqual(other.rules, read);
      other.close();
      writeFileSync(path, `{"version":1,"models":{"risk":{"weights":3}}}`);
      await refused(() => readRules(path), /traffic\.json: the traffic rules: models\.risk\.weights/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe("A choice by weight", () => {
  const routes = [
    { version: "1", weight: 70 },
    { version: "2", weight: 20 },
    { version: "3", weight: 10 },
  ];
  const keys = Array.from({ length: 20_000 }, (_, at) => `user-${at}`);

  for (const [name, choice] of [
    ["by chance", weightedChoice(routes, random())],
    ["by key", weightedChoice(routes)],
  ] as const)
    it(`has the weights' shares ${name}`, () => {
      const counts = new Map<string, number>();
      for (const key of keys) {
        const version = choice.choose(name === "by key" ? key : undefined);
        counts.set(version, (counts.get(version) ?? 0) + 1);
      }
      for (const { version, weight } of routes)
        assert.ok(Math.abs((counts.get(version) ?? 0) / keys.length - weight / 100) < 0.012, version);
    });

  it("of a key stays, and a change of weights moves only the share that must", () => {
    const before = weightedChoice(routes);
    const after = weightedChoice(
      routes.map(({ version, weight }) => ({ version, weight: version === "1" ? 140 : weight })),
    );
    let moved = 0;
    for (const key of keys) {
      assert.equal(before.choose(key), before.choose(key));
      if (before.choose(key) === after.choose(key)) continue;
      moved += 1;
      assert.equal(after.choose(key), "1");
    }
    // From 70 of 100 to 140 of 170.
    assert.ok(Math.abs(moved / keys.length - (140 / 170 - 0.7)) < 0.01, String(moved / keys.length));
  });
});

describe("Traffic", () => {
  it("leaves calls that name a version, and models without a rule, as they are", () => {
    const traffic = new Traffic((request) => answer(request, 1, request.version ?? "current"));
    traffic.set("risk", parseRule({ weights: [{ version: "7", weight: 1 }] }));
    try {
      assert.equal(versionOf(traffic), "7");
      for (const [request, version] of [
        [call({ version: "3" }), "3"],
        [call({ model: "other" }), "current"],
      ] as const) {
        const given = traffic.infer(request, context());
        assert.ok(!(given instanceof Promise));
        assert.equal(given.version, version);
      }
      traffic.set("risk", undefined);
      assert.equal(versionOf(traffic), "current");
    } finally {
      traffic.close();
    }
  });

  it("splits by key, and sends all to the active one of blue and green", () => {
    const traffic = new Traffic((request) => answer(request, 1));
    try {
      traffic.set(
        "risk",
        parseRule({
          weights: [
            { version: "1", weight: 1 },
            { version: "2", weight: 1 },
          ],
        }),
      );
      const versions = new Set(Array.from({ length: 50 }, (_, at) => versionOf(traffic, String(at))));
      assert.deepEqual([...versions].sort(), ["1", "2"]);
      for (let at = 0; at < 50; at++) assert.equal(versionOf(traffic, "k"), versionOf(traffic, "k"));
      const rule = parseRule({ blueGreen: { blue: "1", green: "2", active: "green" } });
      traffic.set("risk", rule);
      assert.equal(versionOf(traffic), "2");
      traffic.set("risk", switched(rule));
      assert.equal(versionOf(traffic), "1");
    } finally {
      traffic.close();
    }
  });

  it("has shadows see calls after the answer, and compares theirs", async () => {
    const seen: string[] = [];
    const model: Infer = (request) => {
      seen.push(request.version ?? "");
      if (request.version === "3") throw new ServingError("internal", "broken");
      return answer(request, request.version === "2" ? 1.5 : 1);
    };
    const traffic = new Traffic(model);
    try {
      traffic.set(
        "risk",
        parseRule({
          weights: [{ version: "1", weight: 1 }],
          shadows: [
            { version: "2", share: 1 },
            { version: "3", share: 1 },
            { version: "4", share: 1 },
            { version: "5", share: 0 },
          ],
        }),
      );
      assert.equal(versionOf(traffic), "1");
      assert.deepEqual(seen, ["1"]);
      await sleep(10);
      assert.deepEqual(seen, ["1", "2", "3", "4"]);
      const reports = traffic.shadowsOf("risk");
      assert.deepEqual(
        ["2", "3", "4"].map((version) => {
          const report = reports.get(version);
          return [report?.answered, report?.failed, report?.differentAnswers, report?.greatestDifference];
        }),
        [
          [1, 0, 1, 0.5],
          [0, 1, 0, 0],
          [1, 0, 0, 0],
        ],
      );
    } finally {
      traffic.close();
    }
  });

  it("leaves shadows out where too many wait", async () => {
    const traffic = new Traffic((request) =>
      request.version === "2" ? sleep(20).then(() => answer(request, 1)) : answer(request, 1),
    );
    try {
      traffic.set(
        "risk",
        parseRule({ weights: [{ version: "1", weight: 1 }], shadows: [{ version: "2", share: 1 }] }),
      );
      for (let count = 0; count < 100; count++) versionOf(traffic);
      assert.equal(traffic.shadowsOf("risk").get("2")?.dropped, 36);
      await sleep(40);
      assert.equal(traffic.shadowsOf("risk").get("2")?.answered, 64);
    } finally {
      traffic.close();
    }
  });
});

describe("Gates", () => {
  const gated = (gates: object): ReturnType<typeof parseRule> =>
    parseRule({
      weights: [
        { version: "1", weight: 1 },
        { version: "2", weight: 1 },
      ],
      gates: { baseline: "1", minimumRequests: 50, ...gates },
    });

  const rollbackOf = async (gates: object, model: Infer, calls = 400): Promise<TrafficChange | undefined> => {
    const changes: TrafficChange[] = [];
    const traffic = new Traffic(model, { onChange: (change) => changes.push(change), random: random() });
    try {
      traffic.set("risk", gated(gates));
      for (let at = 0; at < calls; at++)
        await Promise.resolve(traffic.infer(call(), context({ stickyKey: String(at) }))).catch(() => {});
      traffic.checkGates();
      if (changes.length === 1) return undefined;
      assert.equal(traffic.rollbacks, 1);
      assert.equal((await traffic.infer(call(), context())).version, "1");
      traffic.checkGates();
      assert.equal(changes.length, 2);
      return changes[1];
    } finally {
      traffic.close();
    }
  };

  it("take a version back that fails, and not for what is the callers' fault", async () => {
    const failing =
      (kind: "internal" | "invalid"): Infer =>
      async (request) => {
        if (request.version === "2") throw new ServingError(kind, "no");
        return answer(request, 1);
      };
    const change = await rollbackOf({ maxErrorRate: 0.1 }, failing("internal"));
    assert.match(change?.reason ?? "", /version 2: 100 % of \d+ calls failed, more than 10 %/);
    assert.equal(change?.rule?.rolledBack?.version, "2");
    assert.deepEqual(change?.rule?.weights, [{ version: "1", weight: 1 }]);
    // What the service writes can be read again.
    assert.deepEqual(parseRule(JSON.parse(JSON.stringify(change?.rule))), change?.rule);
    assert.equal(await rollbackOf({ maxErrorRate: 0.1 }, failing("invalid")), undefined);
    assert.equal(await rollbackOf({ maxErrorRate: 0.1 }, failing("internal"), 60), undefined);
  });

  it("take a version back that is slow", async () => {
    const slow: Infer = (request) => {
      const until = performance.now() + (request.version === "2" ? 4 : 0);
      while (performance.now() < until);
      return answer(request, 1);
    };
    const change = await rollbackOf({ maxP99Seconds: 0.003 }, slow, 200);
    assert.match(change?.reason ?? "", /99th percentile of times is 0\.0\d+ s, more than 0\.003 s/);
  });

  it("don't take a version back for what it waited, and do for what it computed", async () => {
    const waiting =
      (computeTime: number): Infer =>
      async (request) => {
        await sleep(request.version === "2" ? 4 : 0);
        return { ...answer(request, 1), computeTime: request.version === "2" ? computeTime : 1 };
      };
    assert.equal(await rollbackOf({ maxP99Seconds: 0.003 }, waiting(1), 200), undefined);
    const change = await rollbackOf({ maxP99Seconds: 0.003 }, waiting(5), 200);
    assert.match(change?.reason ?? "", /99th percentile of times is 0\.00\d+ s, more than 0\.003 s/);
  });

  it("take a version back whose outputs have moved, be they numbers or texts", async () => {
    const stream = new Random(1);
    const model =
      (moves: boolean): Infer =>
      (request) => {
        const label = stream.uniform() < (request.version === "2" && moves ? 0.9 : 0.5) ? "yes" : "no";
        return {
          ...answer(request, stream.normal() + (request.version === "2" && moves ? 2 : 0)),
          outputs: [
            tensor("y", [[stream.normal()]]),
            { name: "label", datatype: "BYTES", shape: [1], data: [label] },
          ],
        };
      };
    const change = await rollbackOf({ maxDrift: 0.3 }, model(true));
    assert.match(change?.reason ?? "", /output label has moved .*more than 0\.3/);
    assert.equal(await rollbackOf({ maxDrift: 0.3 }, model(false)), undefined);
  });
});

describe("Answers", () => {
  it("are compared by output, within a tolerance", () => {
    const first = {
      ...answer(call(), 1),
      outputs: [tensor("a", [[1, 1000, Number.NaN]]), tensor("b", [[1]])],
    };
    const second = {
      ...answer(call(), 1),
      outputs: [tensor("a", [[1.005, 1005, Number.NaN]]), tensor("c", [[1, 2]])],
    };
    const found = compareAnswers(first, second, 0.01);
    assert.deepEqual([found.different, found.compared], [3, 6]);
    assert.equal(found.greatest, 5);
    assert.equal(compareAnswers(first, second, 0.001).different, 5);
    assert.equal(compareAnswers(first, first, 0).different, 0);
    const text = (value: string): InferenceResponse => ({
      ...first,
      outputs: [{ name: "t", datatype: "BYTES", shape: [1], data: [value] }],
    });
    assert.equal(compareAnswers(text("a"), text("b"), 1).different, 1);
  });
});
