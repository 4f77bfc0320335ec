import assert from "node:assert/strict";
import type { NotebookHost } from "../../../../ml/notebook-host.ts";
import type { Progress, ProgressHandle, ProgressOptions } from "../../../../ml/notebook/progress-types.ts";
import { gradientBoostingRegressor } from "../../../../ml/trees/index.ts";
import { matrix, uniformRows } from "./rows.ts";

const hostKey = Symbol.for("tenon.notebook");

/** A notebook that keeps what its bars were told. */
class RecordingHost implements NotebookHost {
  readonly version = 1;
  readonly cellId = "cell";
  readonly #interrupt = new AbortController();
  readonly signal = this.#interrupt.signal;
  readonly told: string[] = [];
  onNote: () => void = () => undefined;
  // SAFETY: what is under test asks for a bar of a number of steps only.
  readonly progress = ((total: number, options: ProgressOptions): ProgressHandle => {
    this.told.push(`${options.label} of ${total} ${options.unit}`);
    return {
      advance: () => assert.fail("rounds are set"),
      set: (done) => void this.told.push(`round ${done}`),
      note: (text) => {
        this.told.push(text);
        this.onNote();
      },
      finish: () => void this.told.push("finished"),
      fail: () => void this.told.push("failed"),
      [Symbol.dispose]: () => assert.fail("bars are ended by name"),
    };
  }) as Progress;

  interrupt(): void {
    this.#interrupt.abort(new Error("interrupted"));
  }
  display(): void {}
  update(): void {}
  clear(): void {}
}

describe("boosting in a notebook", () => {
  const rows = uniformRows(2000, 8, 1);
  const x = matrix(rows);
  const y = rows.map(([a = 0, b = 0]) => a * b);
  let host: RecordingHost;
  beforeEach(() => {
    host = new RecordingHost();
    Reflect.set(globalThis, hostKey, host);
  });
  afterEach(() => void Reflect.deleteProperty(globalThis, hostKey));

  it("shows rounds and losses, to the end", async () => {
    const validation = { rows: x, target: y };
    await gradientBoostingRegressor({ nEstimators: 5 }).fit(x, y, { validation });
    assert.deepEqual(host.told, [], "a training of less than a second has no bar");
    await gradientBoostingRegressor({ nEstimators: 60_000 }).fit(x, y, { validation });
    assert.equal(host.told[0], "gradient boosting of 60000 rounds");
    assert.match(host.told.at(-3) ?? "", /^rmse [\d.e-]+, validation [\d.e-]+$/);
    assert.deepEqual(host.told.slice(-2), ["round 60000", "finished"]);
  });

  it("ends when the cell is interrupted, and says so", async () => {
    host.onNote = () => host.interrupt();
    await assert.rejects(async () => gradientBoostingRegressor({ nEstimators: 100_000 }).fit(x, y), {
      message: "interrupted",
    });
    assert.equal(host.told.at(-1), "failed");
  });
});
