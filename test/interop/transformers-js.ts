/** @file transformers.js: its pipelines served by `tenon serve`, held against the library called directly. */
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { join } from "node:path";
import * as v from "valibot";
import type { TransformersLibrary } from "../../ml/serve/engines/transformers/transformers-library.ts";
import { nodePackages } from "../support/node-packages.ts";
import { repositoryRoot } from "../support/repository.ts";
import { Checks, type InteropSuite } from "./interop-suite.ts";
import { withScratchFolder } from "./scratch-folder.ts";
import { freePort, whileServed } from "./served-model.ts";
import { writeTinyModels } from "./transformers-js/tiny-models.ts";

const versions = { "@huggingface/transformers": "4.3.1" };
const texts = ["the good film", "a bad play was not in paris", "cooks played", ""];

const tensors = v.object({
  outputs: v.array(
    v.object({
      name: v.string(),
      datatype: v.string(),
      shape: v.array(v.number()),
      data: v.array(v.union([v.string(), v.number()])),
    }),
  ),
});
const ofLabel = v.object({ label: v.string(), score: v.number() });
const vector = v.object({ dims: v.array(v.number()), data: v.instance(Float32Array) });
const topics = v.array(v.object({ labels: v.array(v.string()), scores: v.array(v.number()) }));
const generation = v.array(v.tuple([v.object({ generated_text: v.string() })]));
const part = v.object({ generated_text: v.string() });

/** The models' folder, the server, and the library in this process. */
interface Peer {
  readonly url: string;
  /** What the library gives when it is called by hand. */
  direct(task: string, model: string, ...values: readonly unknown[]): Promise<unknown>;
}

export const transformersJs: InteropSuite = {
  name: "transformers-js",
  about:
    "its pipelines served by `tenon serve`, five tasks: as the library called directly, streamed too, stopped",
  peer: `@huggingface/transformers ${versions["@huggingface/transformers"]}`,
  run: () =>
    withScratchFolder(async (folder) => {
      const packages = await nodePackages("transformers-js", versions);
      writeTinyModels(folder);
      const library = loadLibrary(packages);
      const port = await freePort();
      const url = `http://127.0.0.1:${port}`;
      const peer: Peer = {
        url,
        direct: async (task, model, ...values) => {
          const pipeline = await library.pipeline(task, join(folder, model), { dtype: "fp32" });
          return await pipeline(...values);
        },
      };
      const checks = new Checks();
      const program = [join(repositoryRoot, "cli/main.ts"), "serve", folder, "--port", String(port)];
      await whileServed(
        {
          command: [process.execPath, "--import", import.meta.resolve("tsx"), ...program],
          env: {},
          // The package is looked for from here on.
          cwd: packages,
        },
        `${url}/v2/health/ready`,
        async () => {
          await checks.check("classes of texts", async () => await checkClasses(peer));
          await checks.check("several classes of a text", async () => await checkSeveralClasses(peer));
          await checks.check("entities", async () => await checkEntities(peer));
          await checks.check("vectors", async () => await checkVectors(peer));
          await checks.check("classes that a model hasn't seen", async () => await checkTopics(peer));
          await checks.check("generated texts", async () => await checkGenerated(peer));
          await checks.check("streamed texts", async () => await checkStream(peer));
          await checks.check("a stream whose caller goes", async () => await checkLeaving(peer));
          await checks.check("requests together", async () => await checkTogether(peer));
          await checks.check("metadata and OpenAPI", async () => await checkMetadata(peer));
        },
      );
      return checks.result;
    }),
};

function loadLibrary(packages: string): TransformersLibrary {
  // SAFETY: the package's own interface; what is not there fails with its name in the stack.
  const library = createRequire(join(packages, "package.json"))(
    "@huggingface/transformers",
  ) as TransformersLibrary;
  library.env.allowRemoteModels = false;
  return library;
}

async function post({ url }: Peer, path: string, body: unknown): Promise<unknown> {
  const response = await fetch(url + path, { method: "POST", body: JSON.stringify(body) });
  const text = await response.text();
  assert.equal(response.status, 200, text);
  return JSON.parse(text);
}

/** The outputs of a model for texts, by name. */
async function infer(
  peer: Peer,
  model: string,
  rows: readonly string[],
): Promise<(name: string) => v.InferOutput<typeof tensors>["outputs"][number]> {
  const body = { inputs: [{ name: "text", datatype: "BYTES", shape: [rows.length], data: rows }] };
  const { outputs } = v.parse(tensors, await post(peer, `/v2/models/${model}/infer`, body));
  return (name) => {
    const found = outputs.find((output) => output.name === name);
    assert.ok(found, `there is no output ${name}`);
    return found;
  };
}

/** The same numbers, to the last bit of a float32. */
function assertSame(found: readonly (string | number)[], expected: Iterable<number>): void {
  assert.deepEqual(
    found.map((value) => Math.fround(Number(value))),
    Array.from(expected, Math.fround),
  );
}

async function checkClasses(peer: Peer): Promise<void> {
  const expected = v.parse(v.array(ofLabel), await peer.direct("text-classification", "mood", texts));
  const found = await infer(peer, "mood", texts);
  assert.deepEqual(
    found("label").data,
    expected.map(({ label }) => label),
  );
  assertSame(
    found("score").data,
    expected.map(({ score }) => score),
  );
}

async function checkSeveralClasses(peer: Peer): Promise<void> {
  const direct = await peer.direct("text-classification", "moods", texts, { top_k: 3 });
  const expected = v.parse(v.array(v.array(ofLabel)), direct).flat();
  const found = await infer(peer, "moods", texts);
  assert.deepEqual(found("label").shape, [texts.length, 3]);
  assert.deepEqual(
    found("label").data,
    expected.map(({ label }) => label),
  );
  assertSame(
    found("score").data,
    expected.map(({ score }) => score),
  );
}

async function checkEntities(peer: Peer): Promise<void> {
  const expected = v.parse(
    v.array(v.array(v.unknown())),
    await peer.direct("token-classification", "names", texts),
  );
  assert.ok(expected.flat().length > 0);
  const found = await infer(peer, "names", texts);
  assert.deepEqual(
    found("entities").data.map((json) => JSON.parse(String(json))),
    expected,
  );
}

async function checkVectors(peer: Peer): Promise<void> {
  const options = { pooling: "mean", normalize: true };
  const expected = v.parse(vector, await peer.direct("feature-extraction", "vectors", texts, options));
  const found = await infer(peer, "vectors", texts);
  assert.deepEqual(found("embedding").shape, expected.dims);
  assertSame(found("embedding").data, expected.data);
}

async function checkTopics(peer: Peer): Promise<void> {
  const labels = ["sport", "film", "paris"];
  const expected = v.parse(topics, await peer.direct("zero-shot-classification", "topics", texts, labels));
  const found = await infer(peer, "topics", texts);
  assert.deepEqual(
    found("label").data,
    expected.map((row) => row.labels[0]),
  );
  assertSame(
    found("scores").data,
    expected.flatMap((row) => labels.map((label) => row.scores[row.labels.indexOf(label)] ?? Number.NaN)),
  );
}

const options = { max_new_tokens: 20, return_full_text: false };

async function written(peer: Peer, text: string): Promise<string> {
  const direct = await peer.direct("text-generation", "writer", [text], options);
  return v.parse(generation, direct)[0]?.[0].generated_text ?? "";
}

async function checkGenerated(peer: Peer): Promise<void> {
  const answer = await post(peer, "/v2/models/writer/generate", {
    text: "the film",
    parameters: { max_new_tokens: 20 },
  });
  const text = v.parse(part, answer).generated_text;
  assert.equal(text, await written(peer, "the film"));
  assert.ok(text.length > 20, text);
  for (const nothing of ["", " "]) {
    const response = await fetch(`${peer.url}/v2/models/writer/generate`, {
      method: "POST",
      body: JSON.stringify({ text: nothing }),
    });
    assert.equal(response.status, 400);
    assert.match(await response.text(), /row 0 is empty/);
  }
}

async function checkStream(peer: Peer): Promise<void> {
  const response = await fetch(`${peer.url}/v2/models/writer/generate_stream`, {
    method: "POST",
    body: JSON.stringify({ text: "the film", parameters: { max_new_tokens: 20 } }),
  });
  assert.equal(response.headers.get("content-type"), "text/event-stream");
  const parts = (await response.text())
    .split("\n\n")
    .filter((event) => event !== "")
    .map((event) => v.parse(part, JSON.parse(event.slice("data: ".length))).generated_text);
  assert.ok(parts.length > 5, `${parts.length} parts`);
  // The library's streamer begins a text without the space before it.
  assert.equal(parts.join("").trim(), (await written(peer, "the film")).trim());
}

/** A generation of many tokens ends with its caller: the next one has the only thread at once. */
async function checkLeaving(peer: Peer): Promise<void> {
  const caller = new AbortController();
  const response = await fetch(`${peer.url}/v2/models/writer/generate_stream`, {
    method: "POST",
    body: JSON.stringify({ text: "the film", parameters: { max_new_tokens: 2000 } }),
    signal: caller.signal,
  });
  const reader = response.body?.getReader();
  assert.match(Buffer.from((await reader?.read())?.value ?? []).toString(), /generated_text/);
  const whole = performance.now();
  caller.abort();
  await post(peer, "/v2/models/writer/generate", { text: "the", parameters: { max_new_tokens: 1 } });
  const cut = performance.now() - whole;
  const start = performance.now();
  await post(peer, "/v2/models/writer/generate", { text: "the film", parameters: { max_new_tokens: 2000 } });
  const full = performance.now() - start;
  assert.ok(
    cut < full / 2,
    `the next answer took ${cut.toFixed(0)} ms, a whole generation ${full.toFixed(0)}`,
  );
}

/** Texts of several requests are computed together: the same answers but for the rounding of a padded batch. */
async function checkTogether(peer: Peer): Promise<void> {
  const alone: number[][] = [];
  for (const text of texts) alone.push((await infer(peer, "vectors", [text]))("embedding").data.map(Number));
  const all = await Promise.all(
    Array.from(
      { length: 40 },
      async (_, at) => await infer(peer, "vectors", [texts[at % texts.length] ?? ""]),
    ),
  );
  for (const [at, found] of all.entries())
    for (const [place, value] of found("embedding").data.entries())
      assert.ok(Math.abs(Number(value) - (alone[at % texts.length]?.[place] ?? Number.NaN)) < 1e-5);
}

async function checkMetadata({ url }: Peer): Promise<void> {
  const metadata: unknown = await (await fetch(`${url}/v2/models/vectors`)).json();
  assert.deepEqual(metadata, {
    name: "vectors",
    versions: ["1"],
    platform: "transformers_js",
    inputs: [{ name: "text", datatype: "BYTES", shape: [-1] }],
    outputs: [{ name: "embedding", datatype: "FP32", shape: [-1, 8] }],
  });
  const openApi = await (await fetch(`${url}/openapi.json`)).text();
  assert.ok(openApi.includes("/v2/models/mood/infer"), openApi.slice(0, 500));
}
