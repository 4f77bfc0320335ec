import assert from "node:assert/strict";
import { once } from "node:events";
import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type RunningServer, startServer } from "../../../ml/registry/index.ts";
import { disconnect } from "../../../ml/track/connection.ts";
import { journalFolder } from "../../../ml/track/journal/journal-folder.ts";
import { getRun, type Run, run, startRun, TrackingUnavailableError } from "../../../ml/track/index.ts";
import { serverApi } from "../../../ml/track/server-api.ts";
import { parseTrackingUri } from "../../../ml/track/tracking-uri.ts";
import { stepsOf, upTo } from "./points-of.ts";
import { warningsOf } from "./scratch-store.ts";

describe("Runs on a server", () => {
  const folder = mkdtempSync(join(tmpdir(), "tenon-track-"));
  const stateBefore = process.env["XDG_STATE_HOME"];
  let server: RunningServer;
  let trackingUri = "";

  before(async () => {
    process.env["XDG_STATE_HOME"] = join(folder, "state");
    server = await startServer({ folder: join(folder, "store"), port: 0 });
    trackingUri = server.url;
  });
  after(async () => {
    await disconnect(trackingUri);
    await server.close();
    if (stateBefore === undefined) delete process.env["XDG_STATE_HOME"];
    else process.env["XDG_STATE_HOME"] = stateBefore;
    rmSync(folder, { recursive: true, force: true });
  });

  const journals = (): readonly string[] => {
    const found = journalFolder(parseTrackingUri(trackingUri));
    return existsSync(found) ? readdirSync(found).filter((name) => name.endsWith(".journal")) : [];
  };
  const goAway = (): Promise<void> => server.close();
  const comeBack = async (): Promise<void> => {
    server = await startServer({ folder: join(folder, "store"), port: server.port });
  };
  const until = async (holds: () => Promise<boolean>): Promise<void> => {
    while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 50));
  };

  it("arrive, batches within MLflow's limits", async () => {
    const one = await startRun({ trackingUri });
    for (const step of upTo(3500)) one.logMetric("loss", step, { step });
    for (const key of upTo(250)) one.logParam(`p${key}`, "😀".repeat(2900));
    for (const key of upTo(250)) one.setTag(`t${key}`, "é".repeat(7000));
    await one.logText("text", "a/b.txt");
    assert.deepEqual(await one.end(), { waiting: 0 });
    const { data } = await getRun(one.info.runId, { trackingUri });
    assert.equal(Object.keys(data.params).length, 250);
    assert.equal(data.tags["t249"]?.length, 7000);
    assert.deepEqual(await stepsOf(one.info.runId, "loss", trackingUri), upTo(3500));
    assert.deepEqual(journals(), []);
  });

  it("go on while the server is away, and arrive when it is back", async () => {
    const one = await startRun({ trackingUri });
    one.logMetric("loss", 0, { step: 0 });
    assert.deepEqual(await one.flush(), { waiting: 0 });
    await goAway();
    const warnings = await warningsOf(async () => {
      for (const round of upTo(100)) {
        for (const step of upTo(20)) one.logMetric("loss", step, { step: 1 + round * 20 + step });
        one.setTag("round", round);
        const { waiting } = await one.flush();
        assert.ok(waiting > 0);
      }
    });
    assert.equal(warnings.filter((text) => text.includes("doesn't answer")).length, 1);
    await comeBack();
    await until(async () => (await stepsOf(one.info.runId, "loss", trackingUri)).length === 2001);
    assert.deepEqual(await one.end(), { waiting: 0 });
    assert.deepEqual(await stepsOf(one.info.runId, "loss", trackingUri), upTo(2001));
    assert.equal((await getRun(one.info.runId, { trackingUri })).data.tags["round"], "99");
    assert.deepEqual(journals(), []);
  });

  it("end while the server is away", async () => {
    const one = await startRun({ trackingUri });
    await goAway();
    one.logMetric("loss", 1);
    const { waiting } = await one.end("FAILED");
    assert.ok(waiting >= 2);
    assert.equal(journals().length, 1);
    await assert.rejects(startRun({ trackingUri }), TrackingUnavailableError);
    await comeBack();
    await until(async () => (await getRun(one.info.runId, { trackingUri })).info.status === "FAILED");
    assert.deepEqual(await stepsOf(one.info.runId, "loss", trackingUri), [0]);
    await until(async () => journals().length === 0);
  });

  it("arrive without a journal too, and say so where neither takes them", async () => {
    await disconnect(trackingUri);
    writeFileSync(join(folder, "no-folder"), "");
    process.env["XDG_STATE_HOME"] = join(folder, "no-folder");
    const warnings = await warningsOf(async () => {
      const one = await startRun({ trackingUri });
      one.logMetric("loss", 0, { step: 0 });
      assert.deepEqual(await one.flush(), { waiting: 0 });
      await goAway();
      one.logMetric("loss", 1, { step: 1 });
      await assert.rejects(one.flush(), { name: "TrackingError", message: /in memory only: .*ENOTDIR/s });
      await assert.rejects(one.end(), { name: "TrackingError" });
      await comeBack();
      assert.deepEqual(await one.end(), { waiting: 0 });
      assert.deepEqual(await stepsOf(one.info.runId, "loss", trackingUri), [0, 1]);
      assert.equal((await getRun(one.info.runId, { trackingUri })).info.status, "FINISHED");
    });
    assert.equal(warnings.filter((text) => text.includes("the journal of run")).length, 1);
    await disconnect(trackingUri);
    process.env["XDG_STATE_HOME"] = join(folder, "state");
  });

  it("lose nothing but the entry that the server refuses", async () => {
    const one = await startRun({ trackingUri });
    await fetch(`${trackingUri}/api/2.0/mlflow/runs/log-parameter`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ run_id: one.info.runId, key: "depth", value: "of another" }),
    });
    const warnings = await warningsOf(async () => {
      one.logParams({ before: 1, depth: 2, after: 3 });
      one.setTag("tag", "set");
      for (const step of upTo(500)) one.logMetric("loss", step, { step });
      await one.end();
    });
    assert.equal(warnings.length, 1);
    assert.match(warnings[0] ?? "", /a param isn't logged: .*depth/s);
    const { data } = await getRun(one.info.runId, { trackingUri });
    assert.deepEqual(data.params, { before: "1", depth: "of another", after: "3" });
    assert.equal(data.tags["tag"], "set");
    assert.deepEqual(await stepsOf(one.info.runId, "loss", trackingUri), upTo(500));
    const path = join(journalFolder(parseTrackingUri(trackingUri)), "refused", `${one.info.runId}.jsonl`);
    const kept: unknown = JSON.parse(readFileSync(path, "utf8"));
    assert.deepEqual(Object(kept).entry, { key: "depth", value: "2" });
  });

  it("that are deleted meanwhile keep what was logged apart", async () => {
    const one = await startRun({ trackingUri });
    await fetch(`${trackingUri}/api/2.0/mlflow/runs/delete`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ run_id: one.info.runId }),
    });
    const warnings = await warningsOf(async () => {
      for (const step of upTo(300)) one.logMetric("loss", step, { step });
      await one.end();
    });
    assert.match(warnings.join("\n"), /a call of runs\/log-batch isn't logged: .*'active' state/s);
  });

  it("are asked for with a token or a password", async () => {
    const seen: (string | undefined)[] = [];
    const other = createServer((request: IncomingMessage, response) => {
      seen.push(request.headers.authorization);
      response.writeHead(401, { "content-type": "text/html" }).end("<html>no</html>");
    }).listen(0, "127.0.0.1");
    await once(other, "listening");
    // SAFETY: a server that listens on a port has an address of this kind.
    const { port } = other.address() as AddressInfo;
    const variables = ["TOKEN", "USERNAME", "PASSWORD"].map((name) => `MLFLOW_TRACKING_${name}`);
    try {
      const ask = async (uri: string): Promise<void> =>
        assert.rejects(getRun("x", { trackingUri: uri }), { message: /MLFLOW_TRACKING_TOKEN/ });
      await ask(`http://127.0.0.1:${port}`);
      process.env["MLFLOW_TRACKING_TOKEN"] = "secret";
      await ask(`http://127.0.0.1:${port}`);
      process.env["MLFLOW_TRACKING_USERNAME"] = "me";
      process.env["MLFLOW_TRACKING_PASSWORD"] = "pässword";
      await ask(`http://127.0.0.1:${port}`);
      assert.deepEqual(
        [...new Set(seen)],
        [undefined, "Bearer secret", `Basic ${Buffer.from("me:pässword").toString("base64")}`],
      );
      for (const variable of variables) delete process.env[variable];
      seen.length = 0;
      await ask(`http://u%20ser:p@127.0.0.1:${port}/at`);
      assert.equal(seen[0], `Basic ${Buffer.from("u ser:p").toString("base64")}`);
      // Another password is another's, or a mended one.
      await ask(`http://u%20ser:better@127.0.0.1:${port}/at`);
      assert.equal(seen.at(-1), `Basic ${Buffer.from("u ser:better").toString("base64")}`);
    } finally {
      for (const variable of variables) delete process.env[variable];
      for (const user of ["", "u%20ser:p@", "u%20ser:better@"])
        for (const path of ["", "/at"]) await disconnect(`http://${user}127.0.0.1:${port}${path}`);
      other.close();
      await once(other, "close");
    }
  });

  it("say what the store says of who may not, and nothing of passwords", async () => {
    const other = createServer((_request, response) => {
      const message = "Permission denied: wim has the role reader, this needs writer.";
      response.writeHead(403).end(JSON.stringify({ error_code: "PERMISSION_DENIED", message }));
    }).listen(0, "127.0.0.1");
    await once(other, "listening");
    // SAFETY: a server that listens on a port has an address of this kind.
    const uri = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
    try {
      await assert.rejects(getRun("x", { trackingUri: uri }), { message: /this needs writer\.$/ });
    } finally {
      await disconnect(uri);
      other.close();
      await once(other, "close");
    }
  });

  it("upload files of any size, and say why where they can't", async () => {
    const path = join(folder, "large.bin");
    writeFileSync(path, Buffer.alloc(20_000_000, "x"));
    await run({ trackingUri }, async (one: Run) => {
      await one.logArtifact(path);
      await one.logText("", "empty.txt");
      await one.logText("x", "taken");
      await assert.rejects(one.logText("x", "taken/x"), { code: "INVALID_PARAMETER_VALUE" });
      const stored = join(folder, "store/artifacts", new URL(one.info.artifactUri).pathname, "large.bin");
      assert.equal(readFileSync(stored).length, 20_000_000);
    });
  });

  it("upload of a file that grows what it had when they began", async () => {
    const path = join(folder, "growing.log");
    writeFileSync(path, Buffer.alloc(8_000_000, "x"));
    const paths: string[] = [];
    let broken = 0;
    const received: number[] = [];
    const slow = createServer((request, response) => {
      paths.push(request.url ?? "");
      let length = 0;
      request.once("data", () => appendFileSync(path, Buffer.alloc(1_000_000, "y")));
      request.on("data", (chunk: Buffer) => (length += chunk.length));
      request.on("end", () => {
        received.push(length);
        // What comes behind a body is read as the next request.
        setTimeout(() => response.end("{}"), 200);
      });
    });
    slow.on("clientError", (_error, socket) => {
      broken += 1;
      socket.destroy();
    });
    slow.listen(0, "127.0.0.1");
    await once(slow, "listening");
    try {
      // SAFETY: a server that listens on a port has an address of this kind.
      const location = parseTrackingUri(`http://127.0.0.1:${(slow.address() as AddressInfo).port}`);
      assert.equal(location.kind, "server");
      await serverApi(location).upload("mlflow-artifacts:/r", "growing.log", { file: path });
      assert.deepEqual([received, broken, paths.length], [[8_000_000], 0, 1]);
    } finally {
      slow.close();
      slow.closeAllConnections();
    }
  });
});
