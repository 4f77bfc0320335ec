/** @file Handlers in threads of their own: what they do there, and what they can't do to the service. */
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { startServing, type CallContext, type RunningService } from "../../../ml/serve/index.ts";
import { openOperations, type Operations } from "../../../ml/serve/operations/operations.ts";
import { parseOperations } from "../../../ml/serve/operations/settings.ts";
import { handlerCall, writeHandlerModule } from "./handler-modules.ts";
import { matrixAnswer, writeMatrixModel } from "./matrix-model.ts";
import { ask, post, type Answer } from "./served-loans.ts";

const context: CallContext = {
  protocol: "v2",
  caller: { name: undefined, address: "" },
  deadline: Number.POSITIVE_INFINITY,
  signal: undefined,
  priority: 0,
  stickyKey: undefined,
  traceparent: undefined,
};

/** Numbers by what they ask for: below 0 a thread is held or lost, at 0 a call waits. */
const moody = `
  async predict({ inputs: { x }, signal }) {
    if (x[0] === -1) for (;;);
    if (x[0] === -2) { await pause(1); for (;;); }
    if (x[0] === -3) process.exit(3);
    if (x[0] === -4) throw new Error("secret of the handler");
    if (x[0] === 0) await pause(1500);
    return { y: x.map((each) => each * 2) };
  }`;
const pause = 'import { setTimeout as pause } from "node:timers/promises";';

describe("A handler's module", function () {
  this.timeout(120_000);
  const folder = mkdtempSync(join(tmpdir(), "tenon-handler-threads-"));
  const warnings: string[] = [];
  const errors: unknown[] = [];
  let service: RunningService;
  let operations: Operations;

  const start = async (handlers: readonly URL[], instances = 1): Promise<void> => {
    operations = await openOperations(parseOperations({ limits: { maxComputeSeconds: 2 } }), {
      onError: (error) => errors.push(error),
      onWarning: (warning) => warnings.push(warning),
    });
    service = await startServing({
      models: join(folder, "m"),
      port: 0,
      reloadInterval: 0,
      handlers,
      instances,
      ...operations.serving,
      onError: (error) => errors.push(error),
    });
  };
  const infer = async (name: string, ...x: number[]): Promise<Answer> =>
    await post(service, `/v2/models/${name}/infer`, handlerCall(...x));
  const output = ({ json, text }: Answer): unknown => Object(json).outputs?.[0]?.data ?? text;
  const rows = { x: [Array.from({ length: 32 }, () => 0.5)] };
  const network = async (): Promise<number> => (await post(service, "/v2/models/m/generate", rows)).status;

  before(async () => await writeMatrixModel(join(folder, "m")));
  after(() => rmSync(folder, { recursive: true }));
  afterEach(async () => {
    await service.close();
    await operations.close();
    warnings.splice(0);
    errors.splice(0);
  });

  it("that loops without end holds nobody else: its call is refused, its thread replaced, and who waited is answered", async () => {
    await start([writeHandlerModule(folder, "moody", moody, pause)]);
    assert.deepEqual(output(await infer("moody", 2, 3)), [4, 6]);
    const begun = infer("moody", 0);
    await sleep(200);
    const endless = infer("moody", -1);
    await sleep(200);
    const waiting = infer("moody", 5);
    const over = new AbortController();
    void endless.finally(() => over.abort());
    const others: number[] = [];
    while (!over.signal.aborted) {
      const asked = performance.now();
      others.push((await ask(service, "/v2/health/ready")).status, await network());
      assert.ok(performance.now() - asked < 1500, "the service was held");
      await sleep(20);
    }
    const { status, json } = await endless;
    assert.equal(status, 504);
    assert.match(String(Object(json).error), /did not answer in 2 s and was stopped/);
    assert.ok(others.length > 10 && others.every((each) => each === 200), String(others));
    assert.deepEqual(output(await waiting), [10]);
    assert.deepEqual(output(await begun), [0]);
    assert.match(warnings.join(), /^moody, version 1: the model did not answer in 2 s/);
    assert.match((await ask(service, "/metrics")).text, /tenon_engine_hangs_total 1\n/);
    assert.deepEqual(errors, []);
  });

  it("that loops after it waited is stopped too, with the calls that may have done it", async () => {
    await start([writeHandlerModule(folder, "moody", moody, pause)]);
    const [endless, beside] = await Promise.all([infer("moody", -2), infer("moody", -2)]);
    assert.deepEqual([endless.status, beside.status], [504, 504]);
    assert.deepEqual(output(await infer("moody", 1)), [2]);
  });

  it("that ends its thread fails its own call, and those beside it are asked again", async () => {
    await start([writeHandlerModule(folder, "moody", moody, pause)]);
    const beside = infer("moody", 0);
    await sleep(200);
    assert.equal((await infer("moody", -3)).status, 500);
    assert.match(String(errors.pop()), /a handler's thread ended with code 3/);
    assert.deepEqual(output(await beside), [0]);
    assert.equal((await infer("moody", -4)).text, '{"error":"the model failed"}');
    const [failure] = errors.splice(0);
    assert.ok(failure instanceof Error && failure.stack?.includes("moody.mjs"), String(failure));
    assert.deepEqual(warnings, []);
  });

  it("has as many threads as instances: one that is held leaves the others", async () => {
    await start([writeHandlerModule(folder, "moody", moody, pause)], 2);
    const endless = infer("moody", -1);
    await sleep(200);
    const asked = performance.now();
    assert.deepEqual(output(await infer("moody", 4)), [8]);
    assert.ok(performance.now() - asked < 1000);
    assert.equal((await endless).status, 504);
  });

  it("asks other models, knows its deadline, and hears what is wrong", async () => {
    await start([
      writeHandlerModule(
        folder,
        "asking",
        `async predict({ rows, inputs: { x }, models, signal, deadline, parameters }) {
          if (parameters.left) return { y: [deadline - performance.now()] };
          const data = Float32Array.from({ length: 32 }, () => x[0]);
          const inputs = [{ name: "x", datatype: "FP32", shape: [1, 32], data }];
          const request = { model: parameters.model ?? "m", inputs };
          const found = await models(request, { protocol: "v2", caller: { address: "" }, deadline, signal, priority: 0 });
          return { y: [Math.max(...found.outputs[0].data)] };
        }`,
      ),
    ]);
    const expected = Math.max(...matrixAnswer(Array.from({ length: 32 }, () => 0.5)));
    const [found] = Object(output(await infer("asking", 0.5)));
    assert.ok(Math.abs(Number(found) - expected) < 1e-5, String(found));
    const asking = async (parameters: object): Promise<Answer> =>
      await post(service, "/v2/models/asking/infer", { ...handlerCall(1), parameters });
    const [left] = Object(output(await asking({ left: true, timeout: 60_000_000 })));
    assert.ok(left > 30_000 && left <= 60_000, String(left));
    const missing = await asking({ model: "nobody" });
    assert.deepEqual([missing.status, missing.text], [404, '{"error":"there is no model \\"nobody\\""}']);
    assert.deepEqual(errors, []);
  });

  it("answers in parts as fast as they are read, and hears that its caller has gone", async () => {
    const parts = writeHandlerModule(
      folder,
      "parts",
      `predict() { return { y: [made, aborted, left] }; },
      async *stream({ inputs: { x }, signal }) {
        signal.addEventListener("abort", () => { aborted += 1; });
        try {
          for (let at = 0; at < x[0]; at++) { made += 1; yield { y: [at] }; }
          if (x[0] === 1) await pause(60_000, undefined, { signal });
          if (x[0] === 4) throw new Error("secret of the stream");
        } finally { left += 1; }
      }`,
      `${pause}\nlet made = 0, aborted = 0, left = 0;`,
    );
    await start([parts]);
    const stream = async (x: number, signal: AbortSignal | null = null): Promise<Response> =>
      await fetch(`${service.url}/v2/models/parts/generate_stream`, {
        method: "POST",
        body: JSON.stringify({ x }),
        signal,
      });
    const values = (text: string): string[] => Array.from(text.matchAll(/"y":(\d+)/g), ([, y]) => String(y));
    assert.deepEqual(values(await (await stream(3)).text()), ["0", "1", "2"]);
    const failed = await (await stream(4)).text();
    assert.deepEqual(values(failed), ["0", "1", "2", "3"]);
    assert.match(failed, /event: error\ndata: \{"error":"the model failed"\}/);
    assert.match(String(errors.pop()), /secret/);
    assert.deepEqual(output(await infer("parts", 1, 1, 1)), [7, 0, 2]);

    const inputs = [{ name: "x", datatype: "FP64", shape: [1], data: Float64Array.of(1e6) }] as const;
    const request = { model: "parts", version: undefined, id: undefined, outputs: undefined, inputs };
    const { parts: slow } = await service.service.infer(
      { ...request, parameters: undefined, isStream: true },
      context,
    );
    for await (const part of slow ?? []) {
      if (part[0]?.data[0] !== 1) continue;
      await sleep(100);
      break;
    }
    assert.deepEqual(output(await infer("parts", 1, 1, 1)), [9, 0, 3]);

    const caller = new AbortController();
    const response = await stream(1, caller.signal);
    const reader = response.body?.getReader();
    await reader?.read();
    caller.abort();
    await assert.rejects(async () => await reader?.read());
    const end = performance.now() + 10_000;
    let told: unknown = [];
    while (Object(told)[2] !== 4 && performance.now() < end) told = output(await infer("parts", 1, 1, 1));
    assert.deepEqual(told, [10, 1, 4]);
  });

  it("is closed with the service", async () => {
    const mark = join(folder, "closed");
    const closing = writeHandlerModule(
      folder,
      "closing",
      `predict: ({ inputs: { x } }) => ({ y: x }), close: async () => { await pause(50); writeFileSync(${JSON.stringify(mark)}, "x"); }`,
      `${pause}\nimport { writeFileSync } from "node:fs";`,
    );
    await start([closing]);
    assert.deepEqual(output(await infer("closing", 1)), [1]);
    await service.close();
    const end = performance.now() + 10_000;
    while (!existsSync(mark) && performance.now() < end) await sleep(20);
    assert.equal(readFileSync(mark, "utf8"), "x");
    await start([]);
  });

  it("that can't be loaded is an error that names it", async () => {
    await start([]);
    const refused = async (module: URL, message: RegExp): Promise<void> => {
      await assert.rejects(startServing({ models: join(folder, "m"), port: 0, handlers: [module] }), {
        name: "InvalidInputError",
        message,
      });
    };
    await refused(pathToFileURL(join(folder, "none.mjs")), /none\.mjs: Cannot find module/);
    await refused(
      writeHandlerModule(folder, "empty", ""),
      /empty\.mjs: the handler empty has neither predict nor stream/,
    );
    const late = writeHandlerModule(folder, "late", "predict() {}", 'throw new Error("no luck today");');
    await refused(late, /late\.mjs: no luck today/);
    await refused(
      writeHandlerModule(folder, "gone", "predict() {}", "process.exit(4);"),
      /gone\.mjs: .*code 4/,
    );
  });
});
