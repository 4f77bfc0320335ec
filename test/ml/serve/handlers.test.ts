/** @file Models that are programs: alone, around other models, and with answers in parts. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readModel } from "../../../ml/package/index.ts";
import { ensemble, parseHandler, type Handler, type RunningService } from "../../../ml/serve/index.ts";
import { matrixAnswer, writeMatrixModel } from "./matrix-model.ts";
import { ask, loanPackages, post, serveModels } from "./served-loans.ts";

const texts = { name: "prompt", type: "string", dtype: "string", required: true } as const;

const words: Handler = {
  name: "words",
  signature: { inputs: [texts], outputs: [{ name: "text", type: "string" }] },
  stream: async function* ({ inputs, parameters, signal }) {
    for (const word of String(inputs["prompt"]?.[0])
      .split(" ")
      .slice(0, Number(parameters["most"] ?? 9))) {
      if (word === "fail") throw new Error("secret of the handler");
      if (word === "wait" && signal) await once(signal, "abort");
      yield { text: [word] };
    }
  },
};

/** Repeats a number 32 times, asks the network, and gives its largest output. */
const largest: Handler = {
  name: "largest",
  version: "3",
  signature: {
    inputs: [{ name: "value", type: "float64", dtype: "float64", required: true }],
    outputs: [{ name: "largest", type: "float32" }],
  },
  predict: async ({ rows, inputs, models, signal, deadline }) => {
    const data = Float32Array.from({ length: rows * 32 }, (_, at) =>
      Number(inputs["value"]?.[Math.floor(at / 32)]),
    );
    const { outputs } = await models(
      {
        model: "m",
        version: undefined,
        id: undefined,
        inputs: [{ name: "x", datatype: "FP32", shape: [rows, 32], data }],
        outputs: undefined,
        parameters: undefined,
      },
      {
        protocol: "v2",
        caller: { name: undefined, address: "" },
        deadline,
        signal,
        priority: 0,
        stickyKey: undefined,
        traceparent: undefined,
      },
    );
    const found = Array.from(outputs[0]?.data ?? [], Number);
    return {
      largest: Array.from({ length: rows }, (_, row) => Math.max(...found.slice(row * 3, row * 3 + 3))),
    };
  },
};

const wrong: Handler = {
  name: "wrong",
  signature: largest.signature,
  predict: () => ({ largest: [1, 2, 3] }),
};

describe("handlers", () => {
  let folder: string;
  let service: RunningService;
  const errors: unknown[] = [];
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "tenon-handlers-"));
    await writeMatrixModel(join(folder, "m"));
    service = await serveModels(join(folder, "m"), {
      handlers: [words, largest, wrong],
      reloadInterval: 0,
      onError: (error) => errors.push(error),
    });
  });
  after(async () => {
    await service?.close();
    await rm(folder, { recursive: true, force: true });
  });

  const events = (text: string): unknown[] =>
    text
      .split("\n\n")
      .filter((part) => part !== "")
      .map((part) => JSON.parse(part.slice(part.indexOf("data: ") + 6)));

  it("ask other models", async () => {
    const value = { name: "value", shape: [2], datatype: "FP64", data: [0.5, -1] };
    const { status, json, text } = await post(service, "/v2/models/largest/versions/3/infer", {
      inputs: [value],
    });
    assert.equal(status, 200, text);
    const expected = [0.5, -1].map((each) =>
      Math.max(...matrixAnswer(Array.from({ length: 32 }, () => each))),
    );
    for (const [at, each] of expected.entries())
      assert.ok(Math.abs(Object(json).outputs[0].data[at] - each) < 1e-5);
    assert.equal(Object((await ask(service, "/v2/models/largest")).json).platform, "tenon_handler");
  });

  it("answer in parts", async () => {
    const { text, headers } = await post(service, "/v2/models/words/generate_stream", {
      id: "4",
      prompt: "to be or",
      parameters: { most: 2 },
    });
    assert.equal(headers.get("content-type"), "text/event-stream");
    assert.deepEqual(
      events(text),
      ["to", "be"].map((word) => ({ model_name: "words", model_version: "1", id: "4", text: word })),
    );
    const whole = await post(service, "/v2/models/words/generate", { prompt: "to be" });
    assert.equal(Object(whole.json).text, "be");
    const one = await post(service, "/v2/models/m/generate_stream", {
      x: [Array.from({ length: 32 }, () => 0)],
    });
    assert.equal(events(one.text).length, 1);
  });

  it("fail without telling their insides, and refuse what isn't theirs", async () => {
    const failed = await post(service, "/v2/models/words/generate_stream", { prompt: "to fail" });
    assert.match(failed.text, /event: error\ndata: \{"error":"the model failed"\}/);
    assert.match(String(errors.pop()), /secret/);
    const value = { name: "value", shape: [1], datatype: "FP64", data: [1] };
    assert.equal((await post(service, "/v2/models/wrong/infer", { inputs: [value] })).status, 500);
    assert.match(String(errors.pop()), /3 elements for the output "largest" of shape \[1\]/);
    assert.equal((await post(service, "/v2/models/words/generate", { prompt: 7 })).status, 400);
    assert.equal((await post(service, "/v2/models/words/generate", { question: "" })).status, 400);
    for (const value of [
      {},
      { name: "a/b" },
      { name: "a" },
      { name: "a", predict: 1 },
      { name: "a", predict() {}, signature: {} },
    ])
      assert.throws(() => parseHandler(value), { name: "InvalidInputError" });
  });

  it("are means of models that are asked together", async () => {
    const packages = await loanPackages();
    await using model = await readModel(join(packages.folder, "status"));
    const { signature } = model;
    const both = ensemble({ name: "both", models: ["status", "always"], signature, weights: [1, 3] });
    const always: Handler = {
      name: "always",
      signature,
      predict: ({ rows }) => ({
        label: Array.from({ length: rows }, () => "bad"),
        probabilities: Array.from({ length: rows }, () => [0.75, 0.25]).flat(),
      }),
    };
    const loans = await serveModels(join(packages.folder, "status"), {
      handlers: [both, always],
      reloadInterval: 0,
    });
    const rows = model.recorded?.rows ?? [];
    const alone = (await model.outputs(rows)).get("probabilities") ?? [];
    const { json, text } = await post(loans, "/v1/models/both:predict", { instances: rows });
    const { predictions } = Object(json);
    assert.equal(predictions?.length, rows.length, text);
    for (const [row, { label, probabilities }] of predictions.map(Object).entries()) {
      const bad = (Number(alone[2 * row]) + 3 * 0.75) / 4;
      assert.ok(Math.abs(probabilities[0] - bad) < 1e-5);
      assert.equal(label, bad >= 0.5 ? "bad" : "good");
    }
    await loans.close();
    await packages.remove();
    const options = { name: "none", models: ["a"], signature };
    assert.throws(() => ensemble({ ...options, models: [] }), { name: "InvalidInputError" });
    assert.throws(() => ensemble({ ...options, weights: [0] }), { name: "InvalidInputError" });
    assert.throws(() => ensemble({ ...options, signature: words.signature }), /"text" has no mean/);
  });

  it("are told when the caller has gone", async () => {
    const caller = new AbortController();
    const response = await fetch(`${service.url}/v2/models/words/generate_stream`, {
      method: "POST",
      body: JSON.stringify({ prompt: "to wait" }),
      signal: caller.signal,
    });
    const reader = response.body?.getReader();
    assert.match(Buffer.from((await reader?.read())?.value ?? []).toString(), /"text":"to"/);
    caller.abort();
    await assert.rejects(async () => await reader?.read());
    // The service can end: nothing of the stream is left.
  });
});
