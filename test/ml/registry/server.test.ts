import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { NewerStoreError, startServer } from "../../../ml/registry/index.ts";
import { SqliteDatabase } from "../../../ml/registry/store/sqlite-database.ts";
import { at, testBucket, TestServer } from "./test-server.ts";

/** A server over a folder in a process of its own. */
async function startChild(
  folder: string,
  database?: string,
): Promise<{ readonly url: string; readonly child: ChildProcess }> {
  const program = join(import.meta.dirname, "serve-child.ts");
  const child = spawn(
    process.execPath,
    ["--import", "tsx", program, folder, ...(database === undefined ? [] : [database])],
    {
      stdio: ["ignore", "pipe", "inherit"],
    },
  );
  const [first] = (await once(child.stdout, "data")) as [Buffer];
  return { url: first.toString().trim(), child };
}

describe("The server of runs and models", () => {
  const server = new TestServer();
  before(() => server.start());
  after(() => server.remove());

  it("models that a run made and that are told twice are there once", async () => {
    const run_id = await server.newRun();
    const models = [
      { model_id: "m-1", step: 1 },
      { model_id: "m-1", step: 2 },
    ];
    for (let times = 0; times < 2; times++) await server.get("POST", "runs/outputs", { run_id, models });
    const found = await server.get("GET", `runs/get?run_id=${run_id}`);
    assert.deepEqual(at(found, "run", "outputs", "model_outputs"), models);
  });

  it("descriptions of models by old clients are kept whole, however long", async () => {
    const run_id = await server.newRun();
    const model = { artifact_path: "m", flavors: { f: "x".repeat(9000) }, utc_time_created: "", run_id };
    for (let times = 0; times < 2; times++)
      await server.get("POST", "runs/log-model", { run_id, model_json: JSON.stringify(model) });
    const tags = at(await server.get("GET", `runs/get?run_id=${run_id}`), "run", "data", "tags");
    const kept = (tags as readonly unknown[]).find((tag) => at(tag, "key") === "mlflow.log-model.history");
    assert.deepEqual(JSON.parse(String(at(kept, "value"))), [model, model]);
  });

  it("every float64 comes back as it was", async () => {
    const run_id = await server.newRun();
    const buffer = new DataView(new ArrayBuffer(8));
    const values: number[] = [
      0.1 + 0.2,
      Number.MIN_VALUE,
      Number.MAX_VALUE,
      -0.5,
      1 / 3,
      5e-324,
      2 ** 53 + 2,
    ];
    for (let seed = 12_345; values.length < 900;) {
      for (const place of [0, 4]) {
        seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
        buffer.setUint32(place, seed);
      }
      const value = buffer.getFloat64(0);
      if (Number.isFinite(value)) values.push(value);
    }
    const metrics = values.map((value, step) => ({ key: "m", value, timestamp: step, step }));
    await server.get("POST", "runs/log-batch", { run_id, metrics });
    const history = await server.get("GET", `metrics/get-history?run_id=${run_id}&metric_key=m`);
    const found = (at(history, "metrics") as readonly unknown[]).map((point) => at(point, "value"));
    assert.deepEqual(found, values);
  });

  it("a batch sent twice is there once, and the last point is the latest by step, time and value", async () => {
    const run_id = await server.newRun();
    const point = (value: number, timestamp: number, step: number): object => ({
      key: "m",
      value,
      timestamp,
      step,
    });
    const metrics = [point(1, 5, 2), point(3, 5, 2), point(9, 9, 1), point(2, 4, 2)];
    for (let times = 0; times < 2; times++) await server.get("POST", "runs/log-batch", { run_id, metrics });
    const history = await server.get("GET", `metrics/get-history?run_id=${run_id}&metric_key=m`);
    assert.equal((at(history, "metrics") as readonly unknown[]).length, 4);
    const run = await server.get("GET", `runs/get?run_id=${run_id}`);
    assert.deepEqual(at(run, "run", "data", "metrics"), [point(3, 5, 2)]);
  });

  it("a batch that is refused leaves nothing", async () => {
    const run_id = await server.newRun();
    await server.get("POST", "runs/log-parameter", { run_id, key: "p", value: "1" });
    const refused = await server.ask("POST", "runs/log-batch", {
      run_id,
      metrics: [{ key: "m", value: 1, timestamp: 1 }],
      params: [
        { key: "new", value: "1" },
        { key: "p", value: "2" },
      ],
      tags: [{ key: "t", value: "1" }],
    });
    assert.equal(refused.status, 400);
    const data = at(await server.get("GET", `runs/get?run_id=${run_id}`), "run", "data");
    assert.deepEqual(at(data, "params"), [{ key: "p", value: "1" }]);
    assert.equal(at(data, "metrics"), undefined);
    assert.equal((at(data, "tags") as readonly unknown[]).length, 1);
  });

  it("SQL in names, keys, values and filters is text", async () => {
    const evil = "x'); DROP TABLE runs; --";
    const run_id = await server.newRun();
    await server.get("POST", "runs/set-tag", { run_id, key: "evil", value: evil });
    const filter = `tags.evil = '${evil.replace("'", "''")}'`;
    const found = await server.get("POST", "runs/search", { experiment_ids: ["0"], filter });
    assert.equal(at(found, "runs", 0, "info", "run_id"), run_id);
    const key = `tags.\`${evil}\` = 'x'`;
    assert.deepEqual(await server.get("POST", "runs/search", { experiment_ids: ["0"], filter: key }), {});
    await server.get("GET", `runs/get?run_id=${run_id}`);
  });

  it("the longest filters are answered", async () => {
    const joined = (part: string): string => Array.from({ length: 500 }, () => part).join(" AND ");
    const list = `run_id IN (${Array.from({ length: 10_000 }, () => "'a'").join()})`;
    for (const filter of [joined("params.a = 'x'"), joined("dataset.context = 'x'"), list]) {
      const search = { experiment_ids: Array.from({ length: 10_000 }, (_, id) => String(id)), filter };
      assert.deepEqual(await server.get("POST", "runs/search", search), {});
    }
  });

  for (const [name, body] of [
    ["no JSON", "{"],
    ["a list", "[]"],
    ["a number", "3"],
    ["null", "null"],
    ["wrong types", { run_id: 3, metrics: {}, params: "x" }],
    ["a point that is no object", { run_id: "a", metrics: [null] }],
    ["a value that is no number", { run_id: "a", metrics: [{ key: "m", value: "1x", timestamp: 1 }] }],
    ["a boolean value", { run_id: "a", metrics: [{ key: "m", value: true, timestamp: 1 }] }],
    ["a time too large", { run_id: "a", metrics: [{ key: "m", value: 1, timestamp: 1e300 }] }],
    ["a prototype", '{"run_id": "a", "__proto__": {"metrics": []}, "params": [{"__proto__": 1}]}'],
    ["deep nesting", `{"run_id":${"[".repeat(50_000)}${"]".repeat(50_000)}}`],
  ] as const)
    it(`hostile body: ${name}`, async () => {
      const { status, body: answer } = await server.ask("POST", "runs/log-batch", body);
      assert.equal(status >= 400 && status < 500, true, `${status}`);
      assert.equal(typeof at(answer, "error_code"), "string");
      assert.deepEqual(server.errors, []);
    });

  it("a body of another type, one too large, an unknown path, a wrong method", async () => {
    const url = `${server.url}/api/2.0/mlflow/runs/log-batch`;
    const headers = { "content-type": "application/json" };
    assert.equal((await fetch(url, { method: "POST", body: "a=b" })).status, 400);
    const large = await fetch(url, { method: "POST", headers, body: "x".repeat(33 * 1024 * 1024) }).then(
      ({ status }) => status,
      // The server ends the connection; whether its answer is read before depends on the moment.
      () => 400,
    );
    assert.equal(large, 400);
    assert.equal((await server.ask("GET", "nothing")).status, 404);
    assert.equal((await server.ask("GET", "runs/create")).status, 405);
    assert.equal(await (await fetch(`${server.url}/health`)).text(), "OK");
  });

  it("what a page of another site sends is refused", async () => {
    const send = async (headers: Readonly<Record<string, string>>): Promise<number | undefined> => {
      const sent = request(`${server.url}/health`, { headers });
      sent.end();
      const [response] = (await once(sent, "response")) as [{ statusCode?: number; resume(): void }];
      response.resume();
      return response.statusCode;
    };
    assert.equal(await send({ host: "evil.example" }), 403);
    assert.equal(await send({ origin: "https://evil.example" }), 403);
    assert.equal(await send({ origin: "null" }), 403);
    assert.equal(await send({ origin: "http://localhost:3000" }), 200);
  });

  it("artifacts: up, listed, down, overwritten, deleted", async () => {
    const base = `${server.url}/api/2.0/mlflow-artifacts/artifacts`;
    const bytes = Buffer.alloc(3_000_000, "tenon");
    await fetch(`${base}/0/a/b%20%C3%A4.bin`, { method: "PUT", body: "old" });
    assert.equal((await fetch(`${base}/0/a/b%20%C3%A4.bin`, { method: "PUT", body: bytes })).status, 200);
    assert.deepEqual(await (await fetch(`${base}?path=0/a`)).json(), {
      files: [{ path: "b ä.bin", is_dir: false, file_size: bytes.length }],
    });
    const down = Buffer.from(await (await fetch(`${base}/0/a/b%20%C3%A4.bin`)).arrayBuffer());
    assert.equal(down.equals(bytes), true);
    // S3 has no folders that a name could be.
    for (const path of testBucket === undefined ? ["b%20%C3%A4.bin/c", ""] : [])
      assert.equal((await fetch(`${base}/0/a/${path}`, { method: "PUT", body: "x" })).status, 400);
    assert.equal((await fetch(`${base}/0/a`, { method: "DELETE" })).status, 200);
    assert.equal((await fetch(`${base}/0/a`, { method: "DELETE" })).status, 404);
    assert.equal((await fetch(`${base}/0/none`)).status, 404);
  });

  it("no artifact's name leads out of the folder", async function () {
    if (testBucket !== undefined) this.skip();
    const outside = mkdtempSync(join(tmpdir(), "tenon-outside-"));
    try {
      writeFileSync(join(outside, "secret"), "secret");
      symlinkSync(outside, join(server.store.artifactFolder, "link"));
      for (const path of [
        "..%2F..%2Fsecret",
        "a/..%2f..%2fsecret",
        "%252e%252e%252fsecret",
        "%2Fetc%2Fpasswd",
        "..%5C..%5Csecret",
        "C:%5Csecret",
        "a%00b",
        "file:%2F%2F%2Fetc%2Fpasswd",
        "link/secret",
        "link/new",
        "link/deep/new",
        "%FF",
      ]) {
        const url = `${server.url}/api/2.0/mlflow-artifacts/artifacts/${path}`;
        for (const method of ["GET", "PUT", "DELETE"]) {
          const response = await fetch(url, { method, ...(method === "PUT" && { body: "x" }) });
          // What is not there is not found, where the way to it is allowed.
          const allowed =
            path.startsWith("link/") && path !== "link/secret" && method !== "PUT" ? [400, 404] : [400];
          assert.ok(allowed.includes(response.status), `${method} ${path}: ${response.status}`);
        }
      }
      assert.equal(readFileSync(join(outside, "secret"), "utf8"), "secret");
      assert.equal(existsSync(join(outside, "new")) || existsSync(join(outside, "deep")), false);
    } finally {
      rmSync(outside, { recursive: true, force: true });
    }
  });

  it("an upload that breaks off leaves what was there", async () => {
    const path = "/api/2.0/mlflow-artifacts/artifacts/0/kept.txt";
    await fetch(`${server.url}${path}`, { method: "PUT", body: "old" });
    const sent = request(`${server.url}${path}`, { method: "PUT", headers: { "content-length": "1000000" } });
    sent.on("error", () => {});
    sent.write("new");
    await new Promise((resolve) => setTimeout(resolve, 100));
    sent.destroy();
    await new Promise((resolve) => setTimeout(resolve, 100));
    assert.equal(await (await fetch(`${server.url}${path}`)).text(), "old");
    const listed = await (await fetch(`${server.url}/api/2.0/mlflow-artifacts/artifacts?path=0`)).json();
    assert.deepEqual(listed, { files: [{ path: "kept.txt", is_dir: false, file_size: 3 }] });
    server.errors.length = 0;
  });

  it("what was stored is there after a start, and two servers write one folder", async () => {
    const run_id = await server.newRun();
    const { url, child } = await startChild(server.folder, server.database);
    try {
      const log = async (to: string, step: number): Promise<void> => {
        const metrics = Array.from({ length: 50 }, (_, n) => ({
          key: `m${n}`,
          value: step,
          timestamp: 1,
          step,
        }));
        const response = await fetch(`${to}/api/2.0/mlflow/runs/log-batch`, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify({ run_id, metrics }),
        });
        assert.equal(response.status, 200);
      };
      const steps = Array.from({ length: 60 }, (_, step) => step);
      await Promise.all(steps.map(async (step) => log(step % 2 === 0 ? server.url : url, step)));
    } finally {
      child.kill();
      await once(child, "exit");
    }
    await server.stop();
    await server.start();
    const history = await server.get("GET", `metrics/get-history?run_id=${run_id}&metric_key=m49`);
    assert.equal((at(history, "metrics") as readonly unknown[]).length, 60);
  });

  it("a status that MLflow does not know is refused", async () => {
    const run_id = await server.newRun();
    assert.equal((await server.ask("POST", "runs/update", { run_id, status: "SLEEPING" })).status, 400);
  });
});

describe("A store's folder", () => {
  let folder = "";
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "tenon-store-"));
  });
  afterEach(() => {
    chmodSync(folder, 0o700);
    rmSync(folder, { recursive: true, force: true });
  });

  it("one that a newer Tenon wrote is left alone", async () => {
    await (await startServer({ folder, port: 0 })).close();
    const database = new SqliteDatabase(join(folder, "tenon.db"));
    await database.run("INSERT INTO schema_version VALUES (99, 0)");
    await database.close();
    await assert.rejects(startServer({ folder, port: 0 }), NewerStoreError);
  });

  it("a file that is no database is refused", async () => {
    writeFileSync(
      join(folder, "tenon.db"),
      "this is a text and no database, whatever its name says".repeat(50),
    );
    await assert.rejects(startServer({ folder, port: 0 }), { name: "SqliteError" });
  });

  it("nothing that was acknowledged is lost when the process is killed", async () => {
    for (let round = 0; round < 2; round++) {
      const { url, child } = await startChild(folder);
      const post = async (path: string, body: object): Promise<unknown> => {
        const headers = { "content-type": "application/json" };
        const response = await fetch(`${url}/api/2.0/mlflow/${path}`, {
          method: "POST",
          headers,
          body: JSON.stringify(body),
        });
        return response.json();
      };
      const run_id = at(await post("runs/create", { experiment_id: "0" }), "run", "info", "run_id");
      let acknowledged = 0;
      const logging = (async () => {
        for (let step = 0; ; step++) {
          const metrics = Array.from({ length: 10 }, (_, n) => ({
            key: `m${n}`,
            value: step,
            timestamp: 1,
            step,
          }));
          await post("runs/log-batch", { run_id, metrics });
          acknowledged = step + 1;
        }
      })();
      setTimeout(() => child.kill("SIGKILL"), 150 + round * 77);
      await assert.rejects(logging);
      const server = await startServer({ folder, port: 0 });
      try {
        const query = `run_id=${String(run_id)}&metric_key=m9`;
        const answer = await fetch(`${server.url}/api/2.0/mlflow/metrics/get-history?${query}`);
        const steps = ((at(await answer.json(), "metrics") ?? []) as readonly unknown[]).map((point) =>
          at(point, "step"),
        );
        // The last batch may have been stored without its answer having come.
        assert.ok(acknowledged > 0 && [acknowledged, acknowledged + 1].includes(steps.length));
        assert.deepEqual(steps, [...steps.keys()]);
      } finally {
        await server.close();
      }
    }
  });
});
