import assert from "node:assert/strict";
import { ProgressReport } from "../../cli/run/progress-report.ts";
import { Terminal, formatDuration } from "../../cli/terminal.ts";
import type { OutputMessage } from "../../jupyter/output-message.ts";

const update = (
  text: string,
  type: "display_data" | "update_display_data" = "update_display_data",
): OutputMessage => ({
  type,
  data: { "text/plain": text },
  metadata: {},
  displayId: "bar",
});
const print = (text: string): OutputMessage => ({ type: "stream", name: "stdout", text });

/** What is reported of the outputs of one cell that took a second. */
function report(isTTY: boolean, outputs: readonly OutputMessage[]): string {
  let written = "";
  const stream = { isTTY, columns: 40, write: (text: string) => (written += text) };
  const progress = new ProgressReport(new Terminal(stream, { NO_COLOR: "1", TERM: "xterm" }), 1);
  progress.cellStarted(1, "Train");
  for (const output of outputs) progress.output(output);
  progress.cellEnded(1);
  return written;
}

/** The lines that a terminal shows in the end: understands only what live lines use. */
function screen(written: string): string[] {
  const lines = [""];
  for (const [part] of written.matchAll(/\u001B\[(\d+)A\r\u001B\[J|\n|[^\n\u001B]+/g)) {
    const up = /\[(\d+)A/.exec(part)?.[1];
    if (up !== undefined) lines.splice(lines.length - 1 - Number(up), Infinity, "");
    else if (part === "\n") lines.push("");
    else lines[lines.length - 1] += part;
  }
  return lines;
}

describe("progress of a run", () => {
  const outputs = [
    update("0 %", "display_data"),
    update("50 %"),
    print("halfway\npart"),
    print("ly\n"),
    update("100 %"),
  ];

  it("is one line that changes on a terminal, below what is printed", () => {
    assert.deepEqual(screen(report(true, outputs)), [
      "[1/1] Train",
      "      halfway",
      "      partly",
      "      100 %",
      "      1.0 s",
      "",
    ]);
  });

  it("is the first and the last state elsewhere, without escape sequences", () => {
    assert.deepEqual(report(false, outputs).split("\n"), [
      "[1/1] Train",
      "      0 %",
      "      halfway",
      "      partly",
      "      100 %",
      "      1.0 s",
      "",
    ]);
  });

  it("never wraps a live line, and prints a bar that was drawn with carriage returns once", () => {
    const long = screen(report(true, [update("x".repeat(100), "display_data")]));
    assert.ok(long.every((line) => line.length < 100 || line === `      ${"x".repeat(100)}`));
    assert.deepEqual(report(false, [print("10%\r"), print("20%\r"), print("100%\n")]).split("\n"), [
      "[1/1] Train",
      "      100%",
      "      1.0 s",
      "",
    ]);
  });

  it("durations read well", () => {
    assert.deepEqual([0.004, 0.5, 9.97, 59.97, 65, 3700].map(formatDuration), [
      "0.00 s",
      "0.50 s",
      "10.0 s",
      "1 min 00 s",
      "1 min 05 s",
      "1 h 01 min",
    ]);
  });
});
