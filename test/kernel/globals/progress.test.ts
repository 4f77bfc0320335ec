import assert from "node:assert/strict";
import { createProgress } from "../../../kernel/child/globals/progress.ts";
import { barText } from "../../../kernel/child/globals/progress-render.ts";
import { formatDuration, formatRate } from "../../../kernel/child/globals/progress-state.ts";
import { RecordingHost } from "./recording-host.ts";

describe("progress", () => {
  let host: RecordingHost;
  let time: number;
  let progress: ReturnType<typeof createProgress>["progress"];
  let flush: () => void;
  beforeEach(() => {
    host = new RecordingHost();
    time = 0;
    ({ progress, flush } = createProgress(host, () => time));
  });

  it("passes items on and keeps its final state", () => {
    const seen: number[] = [];
    for (const item of progress([1, 2, 3, 4], { label: "rows" })) {
      time += 50;
      seen.push(item);
    }
    assert.deepEqual(seen, [1, 2, 3, 4]);
    assert.equal(host.texts()[0], "rows   0% ░░░░░░░░░░░░░░░░░░░░░░░░ 0/4 · 0.0 s");
    assert.equal(host.texts().at(-1), "rows 100% ████████████████████████ 4/4 · 0.2 s · 20.0/s");
  });

  it("draws at most ten times a second, in one output", () => {
    for (const _ of progress(Array.from({ length: 10_000 }))) time += 1;
    assert.ok(host.emitted.length > 90 && host.emitted.length <= 103, String(host.emitted.length));
    assert.equal(new Set(host.emitted.map((output) => output.type !== "clear" && output.id)).size, 1);
    assert.deepEqual(
      host.emitted.map((output) => output.type),
      ["display", ...Array.from({ length: host.emitted.length - 1 }, () => "update")],
    );
  });

  it("carries HTML and text together", () => {
    const bar = progress(10, "<label>");
    bar.set(5);
    bar.note("<note>");
    bar.finish();
    const last = host.emitted.at(-1);
    assert.ok(last?.type === "update");
    const html = String(last.data["text/html"]);
    assert.match(html, /&lt;label&gt;[\s\S]*width:50\.0%[\s\S]*&lt;note&gt;/);
  });

  it("draws inner bars below the outer one", () => {
    for (const epoch of progress([1, 2], "epochs")) {
      for (const _ of progress([1, 2, 3], `epoch ${epoch}`)) time += 200;
    }
    const texts = host.texts();
    assert.ok(texts.some((text) => /^epochs[^\n]*0\/2[^\n]*\n {2}epoch 1[^\n]*1\/3/.test(text)));
    assert.ok(texts.some((text) => /^epochs[^\n]*1\/2[^\n]*\n {2}epoch 2[^\n]*2\/3/.test(text)));
    assert.match(texts.at(-1) ?? "", /^epochs 100%/);
    assert.equal(host.emitted.filter((output) => output.type === "display").length, 1);
  });

  it("draws what lags behind when the cell ends", () => {
    const bar = progress(10);
    bar.advance(3);
    assert.match(host.texts().at(-1) ?? "", / 0\/10/);
    flush();
    assert.match(host.texts().at(-1) ?? "", / 3\/10/);
    const drawn = host.emitted.length;
    flush();
    assert.equal(host.emitted.length, drawn);
    bar.finish();
  });

  it("starts a new output after the last bar has ended", () => {
    for (const _ of progress([1])) time += 1;
    for (const _ of progress([1])) time += 1;
    assert.equal(host.emitted.filter((output) => output.type === "display").length, 2);
  });

  it("works over async iterables and unknown totals", async () => {
    async function* batches(): AsyncGenerator<string> {
      yield "a";
      yield "b";
    }
    const seen: string[] = [];
    for await (const batch of progress(batches())) seen.push(batch);
    assert.deepEqual(seen, ["a", "b"]);
    assert.match(host.texts().at(-1) ?? "", /^·{24} 2 · /);
  });

  it("takes the total from sets, maps and options", () => {
    for (const _ of progress(new Set([1, 2]))) time += 1;
    assert.match(host.texts().at(-1) ?? "", /2\/2/);
    for (const _ of progress(
      (function* () {
        yield 1;
      })(),
      { total: 4 },
    ))
      time += 1;
    assert.match(host.texts().at(-1) ?? "", /25% .* 1\/4/);
  });

  it("ends the loop when the cell is interrupted", () => {
    const seen: number[] = [];
    assert.throws(() => {
      for (const item of progress([1, 2, 3])) {
        seen.push(item);
        if (item === 2) host.controller.abort(new Error("interrupted"));
      }
    }, /interrupted/);
    assert.deepEqual(seen, [1, 2]);
    assert.match(host.texts().at(-1) ?? "", /stopped$/);
    const bar = createProgress(host).progress(3);
    assert.throws(() => bar.advance(), /interrupted/);
  });

  it("marks a loop that was left and a source that failed", () => {
    for (const item of progress([1, 2, 3])) if (item === 2) break;
    assert.match(host.texts().at(-1) ?? "", /1\/3.*stopped$/);
    assert.throws(() => {
      for (const _ of progress(
        (function* () {
          yield 1;
          throw new Error("source");
        })(),
      ))
        time += 1;
    }, /source/);
    assert.match(host.texts().at(-1) ?? "", /failed$/);
  });

  it("refuses what it can't count", () => {
    assert.throws(() => Reflect.apply(progress, undefined, [{}]), /takes an iterable/);
  });
});

describe("progress texts", () => {
  it("draws eighths of blocks", () => {
    assert.equal(barText(0, 4), "░░░░");
    assert.equal(barText(0.5, 4), "██░░");
    assert.equal(barText(0.53125, 4), "██▏░");
    assert.equal(barText(1, 4), "████");
  });

  it("writes durations and rates", () => {
    assert.deepEqual([400, 12_000, 185_000, 7_385_000].map(formatDuration), [
      "0.4 s",
      "12 s",
      "3:05",
      "2:03:05",
    ]);
    assert.deepEqual(
      [formatRate(1234.5, ""), formatRate(3.14, "rows"), formatRate(0.4, ""), formatRate(0.5, "epoch")],
      ["1,235/s", "3.1 rows/s", "2.5 s each", "2.0 s/epoch"],
    );
  });
});
