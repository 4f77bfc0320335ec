import assert from "node:assert/strict";
import type { MimeBundle, NotebookHost } from "../../ml/notebook-host.ts";
import { binaryClassifier } from "../../ml/nn/index.ts";

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

  it("stops when the cell is interrupted", async () => {
    const model = binaryClassifier({ numeric: ["x"] });
    const fit = model.fit({ x }, labels, { epochs: 100_000, onEpoch: () => host.interrupt() });
    await assert.rejects(fit, /interrupted/);
  });
});
