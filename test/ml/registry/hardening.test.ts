/** @file What hostile callers and failing disks do to the server: refused or told, nothing lost, nothing read outside. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, unlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type RunningServer, startServer } from "../../../ml/registry/index.ts";
import { mountSmallDisk, type SmallDisk } from "../../support/small-disk.ts";
import { at, TestServer } from "./test-server.ts";

describe("The server before hostile callers", () => {
  const server = new TestServer();
  let outside = "";
  before(async () => {
    await server.start();
    outside = mkdtempSync(join(tmpdir(), "tenon-outside-"));
    mkdirSync(join(outside, "folder"));
    writeFileSync(join(outside, "secret-of-the-disk"), "secret");
  });
  after(async () => {
    rmSync(outside, { recursive: true, force: true });
    await server.remove();
  });
  afterEach(() => assert.deepEqual(server.errors, [], "errors of the server's own"));

  const ways = (): readonly string[] => [
    "..",
    "../..",
    "a/../../..",
    "%2e%2e/%2e%2e",
    "%252e%252e%252f",
    "..\\..",
    outside,
    `//${outside}`,
    `file://${outside}`,
    `/proc/self/root${outside}`,
    "a\0b",
    "C:\\Windows",
  ];

  it("lists nothing outside, whatever path a run's or model's artifacts are asked for by", async () => {
    const run = await server.newRun();
    const made = await server.get("POST", "logged-models", { experiment_id: "0", name: "m" });
    const model = String(at(made, "model", "info", "model_id"));
    for (const way of ways()) {
      const path = encodeURIComponent(way);
      for (const question of [
        `artifacts/list?run_id=${run}&path=${path}`,
        `logged-models/${model}/artifacts/directories?artifact_directory_path=${path}`,
      ]) {
        const { status, body } = await server.ask("GET", question);
        assert.equal(status, 400, `${question}: ${status}`);
        assert.doesNotMatch(JSON.stringify(body), /secret-of-the-disk/);
      }
    }
  });

  it("opens nothing outside, wherever an experiment says that its artifacts are", async () => {
    for (const [number, way] of [
      ...ways(),
      `mlflow-artifacts:/../../${outside}`,
      `mlflow-artifacts:${outside}`,
    ].entries()) {
      const created = await server.ask("POST", "experiments/create", {
        name: `e${number}`,
        artifact_location: way.includes(":") ? way : `mlflow-artifacts:/${way}`,
      });
      if (created.status !== 200) {
        assert.equal(created.status, 400);
        continue;
      }
      const experiment_id = at(created.body, "experiment_id");
      const run = await server.ask("POST", "runs/create", { experiment_id });
      if (run.status !== 200) {
        assert.equal(run.status, 400);
        continue;
      }
      const id = String(at(run.body, "run", "info", "run_id"));
      const listed = await server.ask("GET", `artifacts/list?run_id=${id}`);
      assert.doesNotMatch(JSON.stringify(listed.body), /secret-of-the-disk/);
      assert.ok(listed.status === 400 || JSON.stringify(at(listed.body, "files")) === undefined, way);
    }
  });

  it("takes no place of artifacts whose end a URL cuts off", async () => {
    for (const artifact_location of [`file://${outside}#`, `file://${outside}?`, `${outside}#`]) {
      const refused = await server.ask("POST", "experiments/create", { name: "cut", artifact_location });
      assert.deepEqual(refused, {
        status: 400,
        body: {
          error_code: "INVALID_PARAMETER_VALUE",
          message: "'artifact_location' URL can't include fragments or params.",
        },
      });
    }
  });

  it("takes no model version from a source outside", async () => {
    await server.get("POST", "registered-models/create", { name: "m" });
    const run_id = await server.newRun();
    for (const source of [
      outside,
      `file://${outside}`,
      `file:${outside}`,
      `mlflow-artifacts:/0/${run_id}/artifacts/../../../..`,
      `mlflow-artifacts:/%2e%2e/%2e%2e${outside}`,
      `mlflow-artifacts://host/../..${outside}`,
      `runs:/${run_id}/../../..`,
    ])
      for (const body of [
        { name: "m", source },
        { name: "m", source, run_id },
      ]) {
        const { status, body: answer } = await server.ask("POST", "model-versions/create", body);
        assert.equal(status, 400, `${source}: ${JSON.stringify(answer)}`);
      }
  });

  it("takes no statement for more than a text, in filters, orders and page tokens of every search", async () => {
    const run_id = await server.newRun();
    await server.get("POST", "runs/log-parameter", { run_id, key: "p", value: "1" });
    const searches = [
      [
        "POST",
        "runs/search",
        { experiment_ids: ["0"] },
        ["params.p", "metrics.m", "tags.t", "attributes.status"],
      ],
      ["POST", "experiments/search", { max_results: 10 }, ["name", "tags.t"]],
      ["POST", "logged-models/search", { experiment_ids: ["0"] }, ["name", "params.p", "metrics.m"]],
      ["GET", "registered-models/search", {}, ["name", "tags.t"]],
      ["GET", "model-versions/search", {}, ["name", "run_id", "tags.t"]],
    ] as const;
    const evil = [
      "'; DROP TABLE runs; --",
      "x' OR '1'='1",
      "x' UNION SELECT * FROM runs --",
      "\\'; DELETE FROM runs; --",
      "x\0'; DROP TABLE runs",
      "x') OR 1=1; ATTACH DATABASE '/tmp/evil' AS evil; --",
      "${1}",
      "%' OR 1=1 --",
    ];
    const ask = (method: string, path: string, fields: object): ReturnType<TestServer["ask"]> => {
      if (method === "POST") return server.ask(method, path, fields);
      const query = Object.entries(fields).map(([key, value]) => [key, String(value)]);
      return server.ask(method, `${path}?${new URLSearchParams(Object.fromEntries(query)).toString()}`);
    };
    for (const [method, path, fields, keys] of searches)
      for (const text of evil) {
        const attempts: readonly object[] = [
          ...keys.map((key) => ({ filter: `${key} = '${text}'` })),
          ...keys.map((key) => ({ filter: `${key} LIKE '${text.replaceAll("'", "''")}'` })),
          { filter: text },
          { filter: `\`${text}\` = 'x'` },
          { order_by: method === "GET" ? text : [text] },
          { order_by: method === "GET" ? `name ${text}` : [`name ASC, ${text}`] },
          { page_token: text },
          { page_token: Buffer.from(JSON.stringify({ offset: text })).toString("base64") },
        ];
        for (const attempt of attempts) {
          const { status, body } = await ask(method, path, { ...fields, ...attempt });
          assert.ok(status === 200 || status === 400, `${path} ${JSON.stringify(attempt)}: ${status}`);
          if (status === 200) assert.doesNotMatch(JSON.stringify(body), /"runs":\[\{|"model_versions":\[\{/);
        }
      }
    const found = await server.get("POST", "runs/search", {
      experiment_ids: ["0"],
      filter: "params.p = '1'",
    });
    assert.equal(at(found, "runs", 0, "info", "run_id"), run_id);
  });

  it("takes no search that is more than its database takes", async () => {
    await server.newRun();
    const many = <T>(count: number, make: (at: number) => T): T[] =>
      Array.from({ length: count }, (_, number) => make(number));
    const experiment_ids = ["0"];
    const byMetrics = (count: number): object => ({
      order_by: many(count, (number) => `metrics.m${number}`),
    });
    const fields = (count: number): object => ({
      order_by: many(count, (number) => ({ field_name: `metrics.m${number}` })),
    });
    const list = `(${many(9000, (number) => `'${number}'`).join(", ")})`;
    const lists = many(4, () => `attributes.run_id IN ${list}`).join(" AND ");
    const comparisons = many(500, (number) => `metrics.m${number} > 1`).join(" AND ");
    const datasets = (count: number): object => ({
      datasets: many(count, (number) => ({
        dataset_name: `d${number}`,
        ...(number % 2 === 0 && { dataset_digest: "1" }),
      })),
    });
    const [runs, models] = ["runs/search", "logged-models/search"];
    for (const [path, search] of [
      [runs, { ...byMetrics(25), filter: comparisons }],
      [models, { ...fields(25), ...datasets(40), filter: comparisons }],
      [models, datasets(5000)],
    ] as const) {
      const { status, body } = await server.ask("POST", path, { experiment_ids, ...search });
      assert.equal(status, 200, `${path}: ${JSON.stringify(body)}`);
    }
    for (const [path, search, message] of [
      // This many ended the process.
      [runs, byMetrics(40), /ordered by at most 25 fields, got 40/],
      [models, fields(26), /ordered by at most 25 fields/],
      ["experiments/search", { max_results: 1, order_by: many(26, () => "name") }, /at most 25 fields/],
      [runs, { filter: lists }, /at most 32000 values, got 36002/],
      [runs, { filter: `tags.t LIKE '${"é".repeat(25_001)}'` }, /pattern can have at most 50000 bytes/],
      [models, { ...datasets(100), filter: comparisons }, /at most 32000 values/],
    ] as const) {
      const { status, body } = await server.ask("POST", path, { experiment_ids, ...search });
      assert.deepEqual([status, at(body, "error_code")], [400, "INVALID_PARAMETER_VALUE"], path);
      assert.match(String(at(body, "message")), message);
    }
    assert.deepEqual(server.errors, []);
  });

  it("takes a hostile description of a model for what it is", async () => {
    const run_id = await server.newRun();
    const description = (fields: object): string =>
      JSON.stringify({ artifact_path: "m", run_id, utc_time_created: "2026-01-01", flavors: {}, ...fields });
    for (const model_json of [
      "{",
      "[]",
      "null",
      '"text"',
      `{"a":${"[".repeat(20_000)}${"]".repeat(20_000)}}`,
      description({ artifact_path: { $ref: "x" } }),
      description({ flavors: "python_function" }),
      '{"__proto__": {"artifact_path": "x"}, "constructor": {"prototype": {"polluted": true}}}',
      description({ artifact_path: "../../outside", flavors: { python_function: { loader_module: "os" } } }),
      description({ metadata: "x".repeat(2_000_000) }),
    ]) {
      const { status } = await server.ask("POST", "runs/log-model", { run_id, model_json });
      assert.ok(status === 200 || status === 400, `${model_json.slice(0, 60)}: ${status}`);
      assert.equal(Object.hasOwn(Object.prototype, "polluted"), false);
      await server.get("GET", `runs/get?run_id=${run_id}`);
    }
  });
});

describe("The server on a failing disk", () => {
  let disk: SmallDisk | undefined;
  let server: RunningServer | undefined;
  const errors: unknown[] = [];
  beforeEach(function () {
    const mounted = mountSmallDisk(4);
    if ("reason" in mounted) {
      process.stdout.write(`      (${mounted.reason})\n`);
      this.skip();
    }
    disk = mounted;
  });
  afterEach(async () => {
    await server?.close().catch(() => {});
    server = undefined;
    disk?.unmount();
    disk = undefined;
  });

  const folder = (): string => disk?.folder ?? "";
  const start = async (): Promise<void> => {
    server = await startServer({ folder: folder(), port: 0, onError: (error) => errors.push(error) });
  };
  const url = (): string => server?.url ?? "";
  const post = async (
    path: string,
    body: object,
    to = url(),
  ): Promise<{ readonly status: number; readonly body: unknown }> => {
    const headers = { "content-type": "application/json" };
    const response = await fetch(`${to}/api/2.0/mlflow/${path}`, {
      method: "POST",
      headers,
      body: JSON.stringify(body),
    });
    return { status: response.status, body: await response.json() };
  };
  const put = async (name: string, body: string, to = url()): Promise<Response> =>
    fetch(`${to}/api/2.0/mlflow-artifacts/artifacts/${name}`, { method: "PUT", body });
  const history = async (run_id: unknown, to = url()): Promise<number> => {
    const response = await fetch(
      `${to}/api/2.0/mlflow/metrics/get-history?run_id=${String(run_id)}&metric_key=m&max_results=25000`,
    );
    assert.equal(response.status, 200);
    return ((at(await response.json(), "metrics") ?? []) as readonly unknown[]).length;
  };
  const files = (): readonly string[] =>
    readdirSync(join(folder(), "artifacts"), { recursive: true }).map(String).sort();

  it("says that it is full, keeps what was there, and goes on when there is room", async () => {
    await start();
    const run = await post("runs/create", { experiment_id: "0" });
    const run_id = at(run.body, "run", "info", "run_id");
    assert.equal((await put("0/kept.txt", "old")).status, 200);
    writeFileSync(join(folder(), "filler"), "x".repeat(1_000_000));
    const refused = await put("0/kept.txt", "x".repeat(6_000_000));
    assert.equal(refused.status, 500);
    assert.match(JSON.stringify(await refused.json()), /the server's disk is full/);
    assert.deepEqual(files(), ["0", "0/kept.txt"]);
    assert.equal(await (await fetch(`${url()}/api/2.0/mlflow-artifacts/artifacts/0/kept.txt`)).text(), "old");

    let acknowledged = 0;
    let failure: unknown;
    for (let step = 0; failure === undefined && step < 200; step += 1) {
      const metrics = Array.from({ length: 1000 }, (_, n) => ({
        key: "m",
        value: n,
        timestamp: n,
        step: step * 1000 + n,
      }));
      const { status, body } = await post("runs/log-batch", { run_id, metrics });
      if (status === 200) acknowledged += 1000;
      else failure = body;
    }
    assert.match(JSON.stringify(failure), /full|no space/i);
    assert.ok(acknowledged >= 1000, String(acknowledged));
    assert.equal(await history(run_id), Math.min(25_000, acknowledged));
    unlinkSync(join(folder(), "filler"));
    const metrics = [{ key: "after", value: 1, timestamp: 1, step: 1 }];
    assert.equal((await post("runs/log-batch", { run_id, metrics })).status, 200);
    await server?.close();
    await start();
    assert.equal(await history(run_id), Math.min(25_000, acknowledged));
  });

  it("is read-only: reading goes on, writing is an error that says so, and nothing is lost", async () => {
    // In processes of their own: what one has open would keep the disk from becoming read-only, and then from being written.
    let run_id: unknown;
    await inChild(async (to) => {
      run_id = at((await post("runs/create", { experiment_id: "0" }, to)).body, "run", "info", "run_id");
      const point = { run_id, key: "m", value: 1, timestamp: 1 };
      assert.equal((await post("runs/log-metric", point, to)).status, 200);
    });
    disk?.setReadOnly(true);
    await inChild(async (to) => {
      assert.equal(await history(run_id, to), 1);
      const refused = await post("runs/log-metric", { run_id, key: "m", value: 2, timestamp: 2 }, to);
      assert.equal(refused.status, 500);
      assert.match(JSON.stringify(refused.body), /read-?only/i);
      const upload = await put("0/new.txt", "new", to);
      assert.equal(upload.status, 500);
      const answer = JSON.stringify(await upload.json());
      assert.match(answer, /the server's folder is read-only/);
      assert.ok(!answer.includes(folder()), "where the server keeps its files is its own");
    });
    disk?.setReadOnly(false);
    await start();
    assert.equal(await history(run_id), 1);
  });

  /** Calls back with the URL of a server in a process of its own, which is killed afterwards. */
  const inChild = async (use: (to: string) => Promise<void>): Promise<void> => {
    const { url: to, child } = await startChild(folder());
    try {
      await use(to);
    } finally {
      child.kill("SIGKILL");
      await once(child, "exit");
    }
  };
});

async function startChild(folder: string): Promise<{ readonly url: string; readonly child: ChildProcess }> {
  const program = join(import.meta.dirname, "serve-child.ts");
  const child = spawn(process.execPath, ["--import", "tsx", program, folder], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [text] = (await once(child.stdout, "data")) as [Buffer];
  return { url: text.toString().trim(), child };
}
