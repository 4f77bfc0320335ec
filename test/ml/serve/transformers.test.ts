/** @file Models of transformers.js as far as they go without it: settings, signatures, and what is refused. With it: `npm run interop`. */
import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CallLimits } from "../../../ml/serve/engines/engine.ts";
import { generationParameters } from "../../../ml/serve/engines/transformers/generation-parameters.ts";
import { readPipelineConfig } from "../../../ml/serve/engines/transformers/pipeline-config.ts";
import { PipelineEngine } from "../../../ml/serve/engines/transformers/pipeline-engine.ts";
import { pipelineSignature } from "../../../ml/serve/engines/transformers/pipeline-signature.ts";
import { parseSignature } from "../../../ml/package/signature.ts";
import type { ModelInputs } from "../../../ml/serve/plan/model-inputs.ts";
import { planModel, tensorMetadata } from "../../../ml/serve/plan/model-plan.ts";
import { descriptionOf, findModels } from "../../../ml/serve/service/find-models.ts";
import { ask, serveModels } from "./served-loans.ts";
import { writeMatrixModel } from "./matrix-model.ts";

describe("models of transformers.js", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "tenon-transformers-"));
  });
  afterEach(async () => await rm(folder, { recursive: true, force: true }));

  /** A model directory with these settings. */
  async function write(settings: unknown, name = "mood"): Promise<string> {
    const directory = join(folder, name);
    await mkdir(directory, { recursive: true });
    const text = typeof settings === "string" ? settings : JSON.stringify(settings);
    await writeFile(join(directory, "transformers.json"), text);
    return directory;
  }

  const read = async (settings: unknown): Promise<Awaited<ReturnType<typeof readPipelineConfig>>> =>
    await readPipelineConfig(await write(settings));

  const metadata = async (settings: unknown, width = 0): Promise<unknown> =>
    tensorMetadata(
      planModel(parseSignature(pipelineSignature((await read(settings)).config, width))).outputs,
    ).map(({ name, datatype, shape }) => [name, datatype, shape]);

  it("are found beside packages, under their folders' names", async () => {
    const task = { task: "text-classification" };
    await write(task);
    await write(task, "tongues/1");
    await write(task, "tongues/2");
    await writeMatrixModel(join(folder, "m"));
    assert.deepEqual(
      findModels(folder).map(({ name, version }) => `${name} ${version}`),
      ["m 1", "mood 1", "tongues 1", "tongues 2"],
    );
    // A package stays one: what is signed with it can't be put aside by another file.
    await write(task, "m");
    assert.equal(descriptionOf(join(folder, "m")), "MLmodel");
  });

  it("have outputs by their task", async () => {
    assert.deepEqual(await metadata({ task: "text-classification" }), [
      ["label", "BYTES", [-1]],
      ["score", "FP32", [-1]],
    ]);
    assert.deepEqual(await metadata({ task: "text-classification", topK: 2 }), [
      ["label", "BYTES", [-1, -1]],
      ["score", "FP32", [-1, -1]],
    ]);
    assert.deepEqual(await metadata({ task: "token-classification" }), [["entities", "BYTES", [-1]]]);
    assert.deepEqual(await metadata({ task: "feature-extraction" }, 384), [["embedding", "FP32", [-1, 384]]]);
    assert.deepEqual(await metadata({ task: "zero-shot-classification", labels: ["a", "b"] }), [
      ["label", "BYTES", [-1]],
      ["scores", "FP32", [-1, 2]],
    ]);
    assert.deepEqual(await metadata({ task: "text-generation" }), [["generated_text", "BYTES", [-1]]]);
  });

  it("refuse settings that are none, and say where", async () => {
    for (const [settings, message] of [
      ["{", /transformers\.json: is no JSON/],
      [{}, /transformers\.json: task: /],
      [{ task: "image-classification" }, /task: /],
      [{ task: "text-classification", topK: 0 }, /topK: /],
      [{ task: "text-classification", pooling: "mean" }, /pooling/],
      [{ task: "text-classification", dtype: "fp8" }, /dtype: /],
      [{ task: "zero-shot-classification" }, /labels: /],
      [{ task: "zero-shot-classification", labels: ["a", "a"] }, /a label is there twice/],
      [{ task: "zero-shot-classification", labels: ["a"], hypothesisTemplate: "a" }, /hypothesisTemplate: /],
      [{ task: "text-generation", maxNewTokens: 1.5 }, /maxNewTokens: /],
    ] as const)
      await assert.rejects(read(settings), { name: "ModelPackageError", message });
  });

  it("don't leave their directory", async () => {
    const task = "text-classification";
    for (const model of ["..", "../other", "weights/../../other", "/etc", "..\\other"])
      await assert.rejects(read({ task, model }), { name: "ModelPackageError", message: /not inside/ });
    await symlink(tmpdir(), join(await write({}), "link"));
    for (const allowRemoteModels of [true, false])
      await assert.rejects(read({ task, model: "link", allowRemoteModels }), { message: /not inside/ });
    await assert.rejects(read({ task, model: "weights" }), { message: /no folder "weights"/ });
    const directory = await write({ task, model: "weights" });
    await mkdir(join(directory, "weights"));
    assert.match((await readPipelineConfig(directory)).model, /mood.weights$/);
  });

  it("may be named on the Hub only where downloads are allowed", async () => {
    const settings = { task: "feature-extraction", model: "someone/vectors" };
    await assert.rejects(read(settings), { message: /no folder "someone\/vectors"/ });
    assert.equal((await read({ ...settings, allowRemoteModels: true })).model, "someone/vectors");
  });

  it("say how the package is installed that they need", async () => {
    await write({ task: "text-classification" });
    await assert.rejects(serveModels(folder, { reloadInterval: 0 }), {
      name: "ModelPackageError",
      message: /mood: .*npm install @huggingface\/transformers@4$/,
    });
  });

  it("are refused where only signed models are served", async () => {
    await write({ task: "text-classification" });
    const { publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const verify = { publicKey: publicKey.export({ type: "spki", format: "pem" }).toString() };
    await assert.rejects(serveModels(folder, { reloadInterval: 0, read: { verify } }), {
      name: "ModelPackageError",
      message: /has no signature/,
    });
  });

  it("change nothing where one that comes later can't be loaded", async () => {
    await writeMatrixModel(join(folder, "m"));
    const errors: unknown[] = [];
    const service = await serveModels(folder, { reloadInterval: 0, onError: (error) => errors.push(error) });
    try {
      await write({ task: "text-classification" });
      await service.reload();
      assert.match(String(errors.pop()), /npm install/);
      assert.equal((await ask(service, "/v2/models/m/ready")).status, 200);
      assert.equal((await ask(service, "/v2/models/mood")).status, 404);
    } finally {
      await service.close();
    }
  });

  it("check what callers say of a generation", () => {
    assert.deepEqual(generationParameters({ max_new_tokens: 3, timeout: 5, temperature: 0.5 }, 9), {
      max_new_tokens: 3,
      temperature: 0.5,
    });
    for (const [given, message] of [
      [{ max_new_tokens: 10 }, /max_new_tokens: 10 is more than the model's 9/],
      [{ max_new_tokens: "3" }, /max_new_tokens/],
      [{ temperature: 0 }, /temperature/],
      [{ top_p: 2 }, /top_p/],
      [{ do_sample: 1 }, /do_sample/],
    ] as const)
      assert.throws(() => generationParameters(given, 9), { name: "InvalidInputError", message });
  });

  describe("in their threads", () => {
    let engine: PipelineEngine;
    beforeEach(async () => {
      const library = join(folder, "library.mjs");
      await writeFile(library, failingLibrary(join(folder, "fell")));
      const { config, model } = await read({ task: "text-generation" });
      const data = { config, model, library, cache: join(folder, "cache"), threads: 1 };
      engine = await PipelineEngine.start(data, 1, 0);
    });
    afterEach(async () => await engine.close());

    const ask = async (text: string, limits: Partial<CallLimits> = {}): Promise<unknown> =>
      (await engine.run(inputs(text), { ...unbounded, ...limits }))[0]?.data[0];

    it("are replaced where one ends, and what it computed is computed again", async () => {
      assert.equal(await ask("fall once"), "fall once!");
      await assert.rejects(ask("fall"), { name: "RuntimeError", message: /ended with code 3/ });
      assert.equal(await ask("stand"), "stand!");
      await assert.rejects(ask(""), { name: "InvalidInputError", message: /row 0 is empty/ });
      await assert.rejects(ask("fail"), { name: "RuntimeError", message: "it failed" });
      await assert.rejects(async () => {
        for await (const part of engine.stream?.(inputs("fall"), unbounded) ?? []) assert.ok(part);
      }, /ended with code 3/);
      assert.equal(await ask("stand"), "stand!");
    });

    it("stop for callers that go and deadlines that pass, also of those that wait", async () => {
      const caller = new AbortController();
      const runs = ask("long", { signal: caller.signal });
      const waits = ask("long", { signal: caller.signal });
      const next = ask("stand");
      setTimeout(() => caller.abort(), 50);
      await Promise.all([runs, waits].map(async (call) => await assert.rejects(call, { kind: "cancelled" })));
      assert.equal(await next, "stand!");
      await assert.rejects(ask("stand", { signal: caller.signal }), { kind: "cancelled" });
      await assert.rejects(ask("long", { deadline: performance.now() + 50 }), { kind: "deadline" });
    });

    it("stop where a stream is left, and stream one text only", async () => {
      for await (const [part] of engine.stream?.(inputs("long"), unbounded) ?? []) {
        assert.equal(part?.data[0], "long");
        break;
      }
      assert.equal(await ask("stand"), "stand!");
      await assert.rejects(async () => {
        for await (const part of engine.stream?.(inputs("a", "b"), unbounded) ?? []) assert.ok(part);
      }, /a stream is of one text/);
    });
  });
});

const unbounded: CallLimits = { deadline: Number.POSITIVE_INFINITY, priority: 0, signal: undefined };

function inputs(...texts: string[]): ModelInputs {
  return { rows: texts.length, numbers: new Float64Array(0), texts, tensors: [], shapes: [] };
}

/** What is used of the library, failing as the real one doesn't when it is asked: its thread ends, it takes for ever. */
function failingLibrary(fell: string): string {
  return `
    import { existsSync, writeFileSync } from "node:fs";
    import { setTimeout } from "node:timers/promises";
    export const env = {};
    export class TextStreamer {
      constructor(tokenizer, options) { this.put = options.callback_function; }
    }
    export class InterruptableStoppingCriteria {
      interrupted = false;
      interrupt() { this.interrupted = true; }
    }
    const tokenizer = { encode: (text) => Array.from(text) };
    const answer = async ([text], { streamer, stopping_criteria: stop }) => {
      if (text === "fall once" && !existsSync(${JSON.stringify(fell)})) {
        writeFileSync(${JSON.stringify(fell)}, "");
        process.exit(3);
      }
      if (text === "fall") process.exit(3);
      if (text === "fail") throw new Error("it failed");
      streamer?.put(text);
      while (text === "long" && !stop.interrupted) await setTimeout(5);
      return [[{ generated_text: text + "!" }]];
    };
    export const pipeline = async () => Object.assign(answer, { tokenizer });
  `;
}
