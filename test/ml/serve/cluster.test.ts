/** @file Several processes behind one port: real ones, that are ended, grow and are replaced under calls. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { Agent, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { apiKeysText, makeApiKey } from "../../../ml/serve/security/api-keys.ts";
import { writeMatrixModel } from "./matrix-model.ts";

const main = new URL("../../../cli/main.ts", import.meta.url).pathname;
const { key, record } = makeApiKey({
  name: "ops",
  grants: [{ models: ["*"], verbs: ["admin", "read", "infer"] }],
});

/** The command `tenon serve` with workers. */
class Service {
  readonly #child: ChildProcess;
  url = "";
  log = "";

  constructor(options: readonly string[]) {
    this.#child = spawn(process.execPath, ["--import", "tsx", main, "serve", "--port", "0", ...options], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#child.stderr?.setEncoding("utf8").on("data", (chunk: string) => (this.log += chunk));
  }

  async started(): Promise<void> {
    let out = "";
    assert.ok(this.#child.stdout);
    for await (const chunk of this.#child.stdout.setEncoding("utf8")) {
      out += String(chunk);
      const [, url] = /(http:\S+) is served/.exec(out) ?? [];
      if (url === undefined) continue;
      this.url = url;
      return;
    }
    assert.fail(`it did not start: ${out}${this.log}`);
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  /** The processes of workers that have answered and not ended. */
  workers(): number[] {
    const found = new Set<number>();
    for (const [, pid, what] of this.log.matchAll(/worker (\d+) (answers|ended|is replaced)/g))
      if (what === "answers") found.add(Number(pid));
      else found.delete(Number(pid));
    return [...found];
  }

  async until(condition: () => boolean): Promise<void> {
    const end = performance.now() + 25_000;
    while (!condition()) {
      assert.ok(performance.now() < end, this.log);
      await sleep(20);
    }
  }

  async ended(): Promise<number | null> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      this.signal("SIGTERM");
      await once(this.#child, "exit");
    }
    return this.#child.exitCode;
  }
}

const agent = new Agent({ keepAlive: true, maxSockets: 8 });

/** One call; the status, or the code of a broken connection. */
async function ask(
  url: string,
  path: string,
  method = "GET",
  body?: unknown,
): Promise<{ status: number | string; text: string }> {
  const sent = request(`${url}${path}`, {
    method,
    agent,
    headers: { "x-api-key": key, "content-type": "application/json" },
  });
  sent.end(body === undefined ? undefined : JSON.stringify(body));
  try {
    const [response] = (await once(sent, "response")) as [import("node:http").IncomingMessage];
    return { status: response.statusCode ?? 0, text: await text(response) };
  } catch (error) {
    return { status: String(Object(error).code), text: "" };
  }
}

describe("Several processes behind one port", function () {
  this.timeout(60_000);
  const folder = mkdtempSync(join(tmpdir(), "tenon-cluster-"));
  const row = {
    inputs: [{ name: "x", shape: [1, 32], datatype: "FP32", data: Array.from({ length: 32 }, () => 0.5) }],
  };
  let service: Service;

  before(async () => {
    for (const version of ["1", "2"]) await writeMatrixModel(join(folder, "models", "risk", version));
    writeFileSync(join(folder, "keys.json"), apiKeysText([record]));
    const config = join(folder, "operations.json");
    writeFileSync(config, JSON.stringify({ security: { keys: "keys.json" }, trafficRules: "traffic.json" }));
    service = new Service([join(folder, "models"), "--workers", "2", "--config", config]);
    await service.started();
    await service.until(() => service.workers().length === 2);
  });
  after(async () => {
    agent.destroy();
    assert.equal(await service.ended(), 0, service.log);
    rmSync(folder, { recursive: true });
  });

  const infer = (): Promise<{ status: number | string; text: string }> =>
    ask(service.url, "/v2/models/risk/infer", "POST", row);
  const versions = async (): Promise<Set<unknown>> => {
    const answers = await Promise.all(Array.from({ length: 16 }, infer));
    return new Set(answers.map((found) => Object(JSON.parse(found.text)).model_version as unknown));
  };

  it("count together, and hold the same rules", async () => {
    assert.deepEqual(await versions(), new Set(["2"]));
    const metrics = await ask(service.url, "/metrics");
    assert.match(metrics.text, /nv_inference_request_success\{model="risk",version="2"\} 16\n/);
    assert.match(metrics.text, /tenon_workers 2\n/);
    const rule = { weights: [{ version: "1", weight: 1 }] };
    assert.equal((await ask(service.url, "/admin/v1/traffic/risk", "PUT", rule)).status, 200);
    await sleep(200);
    assert.deepEqual(await versions(), new Set(["1"]));
  });

  it("lose no call but those of a process that is killed, and start another in its place", async () => {
    const [first] = service.workers();
    assert.ok(first !== undefined);
    const end = new AbortController();
    const statuses: (number | string)[] = [];
    const callers = Array.from({ length: 8 }, async () => {
      while (!end.signal.aborted) statuses.push((await infer()).status);
    });
    await sleep(200);
    process.kill(first, "SIGKILL");
    await service.until(() => !service.workers().includes(first) && service.workers().length === 2);
    await sleep(200);
    end.abort();
    await Promise.all(callers);
    const failed = statuses.filter((status) => status !== 200);
    // At most one call of each connection was on its way to the process that ended.
    assert.ok(failed.length <= 8, String(failed));
    assert.ok(statuses.length > 50);
    // The new process has the rules that were set before it was there.
    assert.deepEqual(await versions(), new Set(["1"]));
    assert.match((await ask(service.url, "/metrics")).text, /tenon_worker_restarts_total 1\n/);
  });

  it("are replaced one after the other without losing a call", async () => {
    const before = service.workers();
    const end = new AbortController();
    const statuses: (number | string)[] = [];
    const callers = Array.from({ length: 4 }, async () => {
      while (!end.signal.aborted) {
        // Each call has a connection of its own: an idle one may be closed just when a call is sent on it.
        const response = await fetch(`${service.url}/v2/models/risk/infer`, {
          method: "POST",
          body: JSON.stringify(row),
          headers: { "x-api-key": key, "content-type": "application/json", connection: "close" },
        }).catch((error: unknown) => ({ status: String(error), text: async () => "" }));
        await response.text();
        statuses.push(response.status);
      }
    });
    service.signal("SIGHUP");
    await service.until(
      () => service.workers().length === 2 && service.workers().every((pid) => !before.includes(pid)),
    );
    await sleep(300);
    end.abort();
    await Promise.all(callers);
    assert.deepEqual(new Set(statuses), new Set([200]));
    assert.ok(statuses.length > 20);
  });
});

describe("A ceiling of memory", function () {
  this.timeout(60_000);
  it("replaces workers that are over it, one at a time", async () => {
    const folder = mkdtempSync(join(tmpdir(), "tenon-ceiling-"));
    await writeMatrixModel(join(folder, "risk"));
    const service = new Service([join(folder, "risk"), "--workers", "2", "--max-worker-memory", "1000000"]);
    try {
      await service.started();
      await service.until(() => /is replaced: \d+ bytes of memory/.test(service.log));
      assert.equal((await ask(service.url, "/v2/health/ready")).status, 200);
    } finally {
      assert.equal(await service.ended(), 0, service.log);
      rmSync(folder, { recursive: true });
    }
  });

  it("is no reason to go on where the first worker can't start", async () => {
    const service = new Service([join(tmpdir(), "no-such-folder"), "--workers", "2"]);
    await assert.rejects(() => service.started(), /does not exist[^]*did not start/);
    assert.equal(await service.ended(), 1);
  });
});

describe("A worker that hangs", function () {
  this.timeout(90_000);
  it("is ended and replaced, and the others answer meanwhile", async () => {
    const folder = mkdtempSync(join(tmpdir(), "tenon-hang-"));
    const handler = join(folder, "maybe.mjs");
    writeFileSync(
      handler,
      `export default {
        name: "maybe",
        signature: {
          inputs: [{ name: "x", type: "float64", dtype: "float64", required: true }],
          outputs: [{ name: "y", type: "float64" }],
        },
        predict({ inputs }) {
          if (inputs.x[0] < 0) process.kill(process.pid, "SIGSTOP");
          return { y: inputs.x };
        },
      };`,
    );
    const options = ["--handler", handler, "--workers", "2", "--worker-silence", "4000"];
    const service = new Service(options);
    const infer = async (x: number): Promise<number | string> => {
      const inputs = [{ name: "x", shape: [1], datatype: "FP64", data: [x] }];
      // Each call has a connection of its own, so that it goes to whichever worker is free.
      const response = await fetch(`${service.url}/v2/models/maybe/infer`, {
        method: "POST",
        headers: { connection: "close" },
        body: JSON.stringify({ inputs }),
        signal: AbortSignal.timeout(30_000),
      }).catch((error: unknown) => ({ status: String(Object(Object(error).cause).code) }));
      return response.status;
    };
    try {
      await service.started();
      await service.until(() => service.workers().length === 2);
      const before = service.workers();
      const hanging = infer(-1);
      await sleep(500);
      const over = new AbortController();
      void hanging.finally(() => over.abort());
      const statuses: (number | string)[] = [];
      const callers = Array.from({ length: 3 }, async () => {
        while (!over.signal.aborted) statuses.push(await infer(1));
      });
      await Promise.all(callers);
      // The process was ended under it.
      assert.match(String(await hanging), /ECONNRESET|UND_ERR_SOCKET/);
      // One connection may have been on its way to the worker that hung; it is closed, and its client may try again.
      assert.ok(statuses.filter((status) => status !== 200).length <= 1, String(statuses));
      assert.ok(statuses.length > 10, String(statuses));
      await service.until(
        () => service.workers().length === 2 && service.workers().some((pid) => !before.includes(pid)),
      );
      assert.match(service.log, /has said nothing for \d+ s/);
      const { text: metrics } = await ask(service.url, "/metrics");
      assert.match(metrics, /tenon_worker_hangs_total 1\n/);
      for (let count = 0; count < 4; count++) assert.equal(await infer(1), 200);
    } finally {
      assert.equal(await service.ended(), 0, service.log);
      rmSync(folder, { recursive: true });
    }
  });
});
