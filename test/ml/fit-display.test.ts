import assert from "node:assert/strict";
import type { MimeBundle, NotebookHost } from "../../ml/notebook-host.ts";
import { randn } from "../../ml/graph/index.ts";
import { adam, binaryClassifier, dataset, fit } from "../../ml/nn/index.ts";
import { RunningCurve } from "../../ml/nn/training/running-curve.ts";

const hostKey = Symbol.for("tenon.notebook");

/** A notebook that keeps what it is given to show. */
class RecordingHost implements NotebookHost {
  readonly version = 1;
  readonly cellId = "cell";
  readonly #interrupt = new AbortController();
  readonly signal = this.#interrupt.signal;
  readonly shown: { readonly id: string | undefined; readonly update: boolean; readonly data: MimeBundle }[] =
    [];

  interrupt(): void {
    this.#interrupt.abort(new Error("interrupted"));
  }

  display(data: MimeBundle, options?: { readonly id?: string }): void {
    this.shown.push({ id: options?.id, update: false, data });
  }

  update(id: string, data: MimeBundle): void {
    this.shown.push({ id, update: true, data });
  }

  clear(): void {
    this.shown.length = 0;
  }
}

describe("fit in a notebook", () => {
  const x = Float32Array.from({ length: 500 }, (_, row) => row);
  const labels = Array.from(x, (value) => value > 250);
  let host: RecordingHost;
  beforeEach(() => {
    host = new RecordingHost();
    Reflect.set(globalThis, hostKey, host);
  });
  afterEach(() => {
    Reflect.deleteProperty(globalThis, hostKey);
  });

  it("shows one output and updates it to the end", async () => {
    const model = binaryClassifier({ numeric: ["x"] });
    await model.fit({ x }, labels, { epochs: 3, batchSize: 50, validation: { features: { x }, labels } });
    const [first, ...others] = host.shown;
    assert.equal(first?.update, false);
    assert.ok(others.length >= 3 && others.every(({ id, update }) => update && id === first.id));
    const last = host.shown.at(-1)?.data;
    assert.match(
      String(last?.["text/plain"]),
      /^█{20} 100% epoch 3\/3 · loss \d\.\d{4} · validation \d\.\d{4} · /,
    );
    assert.match(
      String(last?.["text/html"]),
      /<progress max="1" value="1\.0000".*<polyline points="[\d., ]+"/s,
    );
    assert.doesNotMatch(String(last?.["text/html"]), /NaN|Infinity|undefined/);
  });

  it("has a chart for each metric, in training and validation, with its name escaped", async () => {
    const weight = randn([4, 1], { seed: 2 });
    const rows = randn([200, 4], { seed: 1 });
    const data = dataset({ x: rows, y: rows.matmul(weight) });
    await fit({
      parameters: { weight: randn([4, 1], { seed: 3 }) },
      loss: (current, batch) => {
        const error = batch.x.matmul(current.weight).sub(batch.y);
        return { loss: error.square().mean(), "error <b>": error.abs().mean() };
      },
      data,
      validation: data,
      optimizer: adam(),
      learningRate: 0.01,
      epochs: 4,
    });
    const last = host.shown.at(-1)?.data;
    const html = String(last?.["text/html"]);
    assert.deepEqual(
      [...html.matchAll(/aria-label="(.*?) by epoch"/g)].map(([, name]) => name),
      ["loss", "error &#60;b&#62;"],
    );
    assert.doesNotMatch(html, /<b>|NaN|Infinity|undefined/);
    // Of each measure a curve of training and one of validation, whose four epochs are dots.
    assert.equal([...html.matchAll(/<polyline /g)].length, 4);
    assert.equal([...html.matchAll(/<circle /g)].length, 8);
    assert.match(
      String(last?.["text/plain"]),
      / 100% epoch 4\/4 · loss \d\.\d{4} · validation \d\.\d{4} · error <b> \d\.\d{4} · validation error <b> \d\.\d{4} · /,
    );
  });

  it("keeps a long curve short, with its mean", () => {
    const curve = new RunningCurve();
    for (let step = 0; step < 100_000; step++) curve.add(step);
    const points = curve.points();
    assert.ok(points.length > 100 && points.length <= 241, `${points.length} points`);
    for (const { at, value } of points) assert.ok(Math.abs(value - (at - 0.5)) < 1e-6, `${value} at ${at}`);
  });

  it("stops when the cell is interrupted", async () => {
    const model = binaryClassifier({ numeric: ["x"] });
    const fit = model.fit({ x }, labels, { epochs: 100_000, onEpoch: () => host.interrupt() });
    await assert.rejects(fit, /interrupted/);
  });
});
