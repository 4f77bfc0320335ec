import assert from "node:assert/strict";
import { type CodeCell, createCodeCell } from "../../jupyter/notebook-file.ts";
import type { DisplayOutput, OutputMessage } from "../../jupyter/output-message.ts";
import { OutputRecorder } from "../../jupyter/output-recorder.ts";

function display(
  text: string,
  displayId?: string,
  type: DisplayOutput["type"] = "display_data",
): OutputMessage {
  return { type, data: { "text/plain": text }, metadata: {}, displayId };
}
const print = (text: string, name = "stdout"): OutputMessage => ({ type: "stream", name, text });

/** A cell with the outputs recorded; each is in its file form. */
function record(outputs: readonly OutputMessage[]): CodeCell["outputs"] {
  const recorder = new OutputRecorder();
  const cell = createCodeCell("");
  recorder.start(cell);
  for (const output of outputs) recorder.add(cell, output);
  recorder.finish(cell);
  return cell.outputs;
}

describe("recorded outputs", () => {
  it("consecutive chunks of one stream are one output", () => {
    assert.deepEqual(record([print("a"), print("b\nc"), print("x", "stderr"), print("d\n")]), [
      { name: "stdout", output_type: "stream", text: ["ab\n", "c"] },
      { name: "stderr", output_type: "stream", text: ["x"] },
      { name: "stdout", output_type: "stream", text: ["d\n"] },
    ]);
  });

  it("a carriage return works across chunks", () => {
    assert.deepEqual(record([print("10%"), print("\r"), print("100%\n")]), [
      { name: "stdout", output_type: "stream", text: ["100%\n"] },
    ]);
  });

  it("results, displays and errors in nbformat's form", () => {
    const outputs = record([
      {
        type: "display_data",
        data: { "text/plain": "a\nb", "image/png": "x\ny" },
        metadata: { m: 1 },
        displayId: "d",
      },
      {
        type: "execute_result",
        data: { "application/json": { a: 1 } },
        metadata: {},
        executionCount: 3,
        displayId: undefined,
      },
      { type: "error", ename: "E", evalue: "v", traceback: ["t"] },
    ]);
    assert.deepEqual(outputs, [
      {
        data: { "image/png": "x\ny", "text/plain": ["a\n", "b"] },
        metadata: { m: 1 },
        output_type: "display_data",
      },
      {
        data: { "application/json": { a: 1 } },
        execution_count: 3,
        metadata: {},
        output_type: "execute_result",
      },
      { ename: "E", evalue: "v", output_type: "error", traceback: ["t"] },
    ]);
  });

  it("an update changes every place that shows the display, in all cells", () => {
    const recorder = new OutputRecorder();
    const [first, second] = [createCodeCell(""), createCodeCell("")];
    recorder.add(first, display("old", "d"));
    recorder.add(first, display("other", "e"));
    recorder.add(second, display("again", "d"));
    recorder.add(second, display("new", "d", "update_display_data"));
    recorder.add(second, display("nobody", "unknown", "update_display_data"));
    const texts = [first, second].map((cell) =>
      cell.outputs.map((output) => output.output_type === "display_data" && output.data["text/plain"]),
    );
    assert.deepEqual(texts, [[["new"], ["other"]], [["new"]]]);
  });

  it("clear_output empties at once, or with the next output where it waits", () => {
    const clear = (wait: boolean): OutputMessage => ({ type: "clear_output", wait });
    assert.deepEqual(record([print("a"), clear(false)]), []);
    assert.equal(record([print("a"), clear(true)]).length, 1);
    assert.deepEqual(record([print("a"), clear(true), print("b")]), [
      { name: "stdout", output_type: "stream", text: ["b"] },
    ]);
    assert.equal(record([print("a"), clear(true), display("x", "d", "update_display_data")]).length, 1);
  });

  it("a cell that starts again forgets its outputs and their displays", () => {
    const recorder = new OutputRecorder();
    const cell = createCodeCell("");
    recorder.add(cell, display("old", "d"));
    const [old] = cell.outputs;
    recorder.start(cell);
    recorder.add(cell, display("new", "d", "update_display_data"));
    assert.deepEqual(cell.outputs, []);
    assert.deepEqual(old, { data: { "text/plain": ["old"] }, metadata: {}, output_type: "display_data" });
  });

  it("output may follow after a cell was finished", () => {
    const recorder = new OutputRecorder();
    const cell = createCodeCell("");
    recorder.add(cell, print("a\n"));
    recorder.finish(cell);
    recorder.add(cell, print("late\n"));
    recorder.finish(cell);
    assert.deepEqual(cell.outputs, [{ name: "stdout", output_type: "stream", text: ["a\n", "late\n"] }]);
  });

  it("100,000 lines stay one output", () => {
    const [output] = record(Array.from({ length: 100_000 }, (_, line) => print(`line ${line}\n`)));
    assert.ok(output?.output_type === "stream");
    assert.equal(output.text.length, 100_000);
  });
});
