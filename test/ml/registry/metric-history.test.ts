import assert from "node:assert/strict";
import { once } from "node:events";
import { get, type IncomingMessage } from "node:http";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { setTimeout } from "node:timers/promises";
import * as v from "valibot";
import { at, TestServer } from "./test-server.ts";

/** Points of a history that no buffer of a socket holds: 24 MB. */
const long = 300_000;

describe("Histories of metrics", () => {
  const server = new TestServer();
  before(() => server.start());
  after(() => server.remove());

  const ask = (path: string): Promise<Response> => fetch(`${server.url}/api/2.0/mlflow/metrics/${path}`);

  /** A run with this many points of `m`, a step and a millisecond apart. */
  async function runWith(points: number): Promise<string> {
    const { database } = server.store;
    const run = await server.newRun();
    await database.run(
      `INSERT INTO points
        WITH RECURSIVE steps(step) AS (SELECT 0 UNION ALL SELECT step + 1 FROM steps WHERE step + 1 < ?)
        SELECT run_no, 'm', 1000 + step, step, step / 8.0, 0 FROM runs, steps WHERE run_id = ?`,
      points,
      run,
    );
    return run;
  }

  /** The points as one statement gives them, by their values' order. */
  async function pointsOf(run: string, withRun = false): Promise<string[]> {
    const { dialect } = server.store.database;
    const fields = `'key', key, 'value', ${dialect.number("value")}, 'timestamp', timestamp, 'step', step`;
    return server.store.database.texts(
      `SELECT ${dialect.object(withRun ? `${fields}, 'run_id', run_id` : fields)}
        FROM points JOIN runs USING (run_no) WHERE run_id = ? ORDER BY timestamp, step, value`,
      run,
    );
  }

  it("of any length are what one statement gives, byte for byte", async () => {
    for (const count of [1, 3999, 4000, 4001, 8000, 12_345]) {
      const run = await runWith(count);
      const answer = await ask(`get-history?run_id=${run}&metric_key=m`);
      assert.equal(await answer.text(), `{"metrics":[${(await pointsOf(run)).join(",")}]}`);
      // A short one has its length, a long one comes in chunks.
      assert.equal(answer.headers.has("content-length"), count === 1, String(count));
    }
    const none = await ask(`get-history?run_id=${await server.newRun()}&metric_key=m`);
    assert.equal(await none.text(), "{}");
  });

  /** All points of a run, asked for in pages of a size. */
  async function inPages(run: string, size: number): Promise<readonly unknown[]> {
    const schema = v.object({ metrics: v.array(v.unknown()), next_page_token: v.optional(v.string()) });
    const found: unknown[] = [];
    let token: string | undefined = "";
    while (token !== undefined) {
      const path = `get-history?run_id=${run}&metric_key=m&max_results=${size}&page_token=${token}`;
      const page: v.InferOutput<typeof schema> = v.parse(schema, await (await ask(path)).json());
      assert.ok(page.metrics.length > 0 && page.metrics.length <= size);
      found.push(...page.metrics);
      token = page.next_page_token;
    }
    return found;
  }

  it("come whole by pages of any size, with a token for each that follows", async () => {
    const run = await runWith(9000);
    const all = (await pointsOf(run)).map((point): unknown => JSON.parse(point));
    for (const size of [999, 4000, 4500, 9000, 10_000]) assert.deepEqual(await inPages(run, size), all);
  });

  it("points that differ by one column alone, NaN and infinities are each there once", async () => {
    const run_id = await server.newRun();
    const values = ["NaN", 0, -1e308, 1.5, "Infinity", "-Infinity"];
    const metrics = values.flatMap((value) =>
      [1, 2].flatMap((timestamp) => [-1, 1].map((step) => ({ key: "m", value, timestamp, step }))),
    );
    await server.get("POST", "runs/log-batch", { run_id, metrics });
    for (const size of [1, 5, 100]) {
      const found = (await inPages(run_id, size)).map((point) => JSON.stringify(point));
      assert.equal(found.length, metrics.length);
      assert.equal(new Set(found).size, metrics.length);
    }
  });

  it("of several runs: by run, up to a number of points over all", async () => {
    const runs = [await runWith(5000), await runWith(4000), await runWith(20_000)].toSorted();
    const query = runs.map((run) => `run_id=${run}`).join("&");
    const all = (await Promise.all(runs.map((run) => pointsOf(run, true)))).flat();
    for (const [asked, given] of [
      ["", 25_000],
      ["&max_results=4000", 4000],
      ["&max_results=9001", 9001],
      ["&max_results=1", 1],
    ] as const) {
      const answer = await ask(`get-history-bulk?${query}&metric_key=m${asked}`);
      assert.equal(await answer.text(), `{"metrics":[${all.slice(0, given).join(",")}]}`);
    }
    assert.equal(await (await ask(`get-history-bulk?${query}&metric_key=no`)).text(), '{"metrics":[]}');
  });

  it("samples: the first point of each of equal parts, and the last of all", async () => {
    for (const total of [1, 2, 9, 10, 11, 19, 20, 21, 99, 5001]) {
      const run = await runWith(total);
      for (const parts of [1, 2, 10, 2500]) {
        const answer: unknown = await (
          await ask(`get-history-bulk-interval?run_ids=${run}&metric_key=m&max_results=${parts}`)
        ).json();
        const steps = (at(answer, "metrics") as readonly unknown[]).map((point) => at(point, "step"));
        const size = Math.floor(total / parts);
        const firsts = Array.from(
          { length: Math.min(parts, total) },
          (_, part) => part * size + Math.min(part, total % parts),
        );
        // The last point takes the place of the last part's first.
        const expected = [...firsts.slice(0, parts - 1), total - 1];
        assert.deepEqual(steps, [...new Set(expected)], `${total} points in ${parts} parts`);
      }
    }
  });

  it("a token that is none is refused before anything is sent", async () => {
    const run = await runWith(1);
    const { status, body } = await server.ask(
      "GET",
      `metrics/get-history?run_id=${run}&metric_key=m&page_token=none`,
    );
    assert.equal(status, 400);
    assert.equal(at(body, "error_code"), "INVALID_PARAMETER_VALUE");
  });

  it("a client of HTTP/1.0, which knows no chunks, gets the length", async () => {
    const run = await runWith(20_000);
    const socket = connect(Number(new URL(server.url).port), "127.0.0.1");
    socket.write(`GET /api/2.0/mlflow/metrics/get-history?run_id=${run}&metric_key=m HTTP/1.0\r\n\r\n`);
    const [head = "", body = ""] = (await text(socket)).split("\r\n\r\n");
    assert.equal(Number(/content-length: (\d+)/i.exec(head)?.[1]), body.length);
    assert.equal(body, `{"metrics":[${(await pointsOf(run)).join(",")}]}`);
  });

  describe("that are long", () => {
    let run = "";
    let statements = 0;
    before(async () => {
      run = await runWith(long);
      const { database } = server.store;
      const row = database.row.bind(database);
      database.row = (...args) => {
        statements += 1;
        return row(...args);
      };
    });
    beforeEach(() => (statements = 0));

    /** An answer of which nothing but its head was read. */
    async function unread(): Promise<IncomingMessage> {
      const url = `${server.url}/api/2.0/mlflow/metrics/get-history?run_id=${run}&metric_key=m`;
      const [response] = (await once(get(url), "response")) as [IncomingMessage];
      // Until the sockets' buffers are full.
      for (let before = -1; before !== statements; await setTimeout(200)) before = statements;
      return response;
    }
    const inAll = long / 4000;

    it("are read no faster than the client takes them", async () => {
      const response = await unread();
      assert.ok(statements < inAll, `${statements} statements`);
      assert.equal((JSON.parse(await text(response)) as { metrics: unknown[] }).metrics.length, long);
      assert.ok(statements >= inAll);
    });

    it("are read no further when the client leaves", async () => {
      const response = await unread();
      const before = statements;
      response.destroy();
      await setTimeout(200);
      // One that was being read when it left.
      assert.ok(statements <= before + 1 && statements < inAll, `${before}, then ${statements}`);
      assert.deepEqual(server.errors, []);
    });

    it("leave others their turn", async () => {
      const times: number[] = [];
      const history = (async () => {
        await (await ask(`get-history?run_id=${run}&metric_key=m`)).arrayBuffer();
        times.push(Infinity);
      })();
      while (!times.includes(Infinity)) {
        const begin = performance.now();
        await server.get("GET", "experiments/get?experiment_id=0");
        times.push(performance.now() - begin);
      }
      await history;
      assert.ok(times.length > 10, String(times));
    });

    it("that fail in their middle break the connection", async () => {
      const response = await unread();
      await server.store.database.script("DROP TABLE points");
      await assert.rejects(text(response), /aborted/);
      assert.equal(server.errors.length, 1);
      assert.match(String(server.errors[0]), /points/);
    });
  });
});
