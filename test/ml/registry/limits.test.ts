import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { request } from "node:http";
import { request as requestByTls } from "node:https";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { type RunningServer, type ServerOptions, startServer } from "../../../ml/registry/index.ts";
import { at } from "./test-server.ts";

describe("Limits of the server", () => {
  let folder = "";
  let server: RunningServer | undefined;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "tenon-limits-"));
  });
  afterEach(async () => {
    await server?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const start = async (options: Partial<ServerOptions>): Promise<string> => {
    server = await startServer({ folder, port: 0, ...options });
    return server.url;
  };
  const read = "/api/2.0/mlflow/experiments/get?experiment_id=0";

  it("requests of one client a second", async () => {
    const url = await start({ rateLimit: 1 });
    const answers = await Promise.all(Array.from({ length: 5 }, () => fetch(url + read)));
    const refused = answers.find(({ status }) => status === 429);
    assert.ok(refused && answers.some(({ status }) => status === 200));
    assert.ok(Number(refused.headers.get("retry-after")) >= 1);
    assert.equal(at(await refused.json(), "error_code"), "REQUEST_LIMIT_EXCEEDED");
    assert.equal((await fetch(`${url}/health`)).status, 200);
  });

  it("requests that are answered at once", async () => {
    const url = await start({ maxConcurrentRequests: 1 });
    const upload = request(`${url}/api/2.0/mlflow-artifacts/artifacts/a`, { method: "PUT" });
    upload.write("a");
    const busy = async (): Promise<boolean> => (await fetch(url + read)).status === 503;
    while (!(await busy())) await setTimeout(10);
    assert.equal((await fetch(`${url}/health`)).status, 200);
    upload.end();
    await once(upload, "response");
    while (await busy()) await setTimeout(10);
  });

  it("a body that does not come, a head that is none", async () => {
    const url = await start({ bodyTimeout: 100 });
    const sent = request(`${url}/api/2.0/mlflow/runs/create`, {
      method: "POST",
      headers: { "content-type": "application/json", "content-length": "100" },
    });
    sent.on("error", () => {});
    sent.write("{");
    const [response] = (await once(sent, "response")) as [{ statusCode?: number; resume(): void }];
    response.resume();
    assert.equal(response.statusCode, 408);
    const socket = connect(Number(new URL(url).port), "127.0.0.1");
    socket.write("GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\nX: \u0000\r\n\r\n");
    const [answer] = (await once(socket, "data")) as [Buffer];
    assert.match(answer.toString(), /^HTTP\/1\.1 400/);
  });

  it("what has begun is answered when the server ends, what comes later is not taken", async () => {
    const url = await start({});
    const upload = request(`${url}/api/2.0/mlflow-artifacts/artifacts/0/slow`, { method: "PUT" });
    upload.write("first ");
    await setTimeout(100);
    const closing = server?.close();
    await assert.rejects(fetch(`${url}/health`));
    upload.end("last");
    const [response] = (await once(upload, "response")) as [{ statusCode?: number; resume(): void }];
    response.resume();
    assert.equal(response.statusCode, 200);
    await closing;
    assert.equal(readFileSync(join(folder, "artifacts/0/slow"), "utf8"), "first last");
  });

  it("what does not end in time is cut off when the server ends", async () => {
    const url = await start({ drainTimeout: 200 });
    const upload = request(`${url}/api/2.0/mlflow-artifacts/artifacts/0/never`, { method: "PUT" });
    const broken = once(upload, "error");
    upload.write("first");
    await setTimeout(100);
    const begin = performance.now();
    await server?.close();
    assert.ok(performance.now() - begin < 5000);
    await broken;
  });

  it("metrics: requests and durations by route, without what is in a path", async () => {
    const url = await start({});
    await fetch(url + read);
    await fetch(`${url}/api/2.0/mlflow/logged-models/m-1`);
    await fetch(`${url}/api/2.0/mlflow-artifacts/artifacts/secret/file`);
    await fetch(`${url}/nothing/there`);
    const text = await (await fetch(`${url}/metrics`)).text();
    const value = (line: string): number =>
      Number(
        text
          .split("\n")
          .find((one) => one.startsWith(line))
          ?.split(" ")
          .at(-1),
      );
    assert.equal(value('tenon_http_requests_total{method="GET",route="experiments/get",status="200"}'), 1);
    assert.equal(
      value('tenon_http_requests_total{method="GET",route="logged-models/:model_id",status="404"}'),
      1,
    );
    assert.equal(
      value('tenon_http_requests_total{method="GET",route="mlflow-artifacts/artifacts/:path",status="404"}'),
      1,
    );
    assert.equal(value('tenon_http_requests_total{method="GET",route="other",status="404"}'), 1);
    const duration = 'tenon_http_request_duration_seconds_bucket{method="GET",route="experiments/get",le=';
    assert.equal(value(`${duration}"+Inf"}`), 1);
    assert.equal(value("tenon_http_requests_in_flight"), 1);
    assert.ok(value("tenon_store_size_bytes") > 10_000);
    assert.equal(text.includes("secret"), false);
  });

  it("TLS", async function () {
    const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
    const args =
      "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost";
    try {
      execFileSync("openssl", [...args.split(" "), "-keyout", key, "-out", cert], { stdio: "ignore" });
    } catch {
      this.skip();
    }
    const url = await start({ tls: { key: readFileSync(key), cert: readFileSync(cert) } });
    assert.match(url, /^https:/);
    const sent = requestByTls(`${url}/health`, { ca: readFileSync(cert), servername: "localhost" });
    sent.end();
    const [response] = (await once(sent, "response")) as [{ statusCode?: number; resume(): void }];
    response.resume();
    assert.equal(response.statusCode, 200);
    sent.destroy();
  });
});
