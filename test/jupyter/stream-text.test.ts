import assert from "node:assert/strict";
import { StreamText } from "../../jupyter/stream-text.ts";

/** The text, whichever way it is cut into chunks. */
function streamed(text: string): string {
  const whole = new StreamText(text).text;
  for (let cut = 0; cut <= text.length; cut += 1) {
    const stream = new StreamText(text.slice(0, cut));
    stream.write(text.slice(cut));
    assert.equal(stream.text, whole, JSON.stringify([text.slice(0, cut), text.slice(cut)]));
  }
  return whole;
}

describe("stream text", () => {
  const cases: readonly (readonly [string, string, string])[] = [
    ["plain lines", "a\nb\n", "a\nb\n"],
    ["a carriage return writes over the line", "10%\r20%\r100%\n", "100%\n"],
    ["what is longer stays", "hello\rab", "abllo"],
    ["a carriage return before the line break changes nothing", "a\r\nb\r\r\nc", "a\nb\nc"],
    ["earlier lines stay", "one\ntwo\r2", "one\n2wo"],
    ["a backspace takes a character back", "ab\bc", "ac"],
    ["a backspace stops at the line's start", "a\n\b\bb", "a\nb"],
    ["a spinner", "|\b/\b-\b\\\bdone", "done"],
  ];
  for (const [name, text, expected] of cases) it(name, () => assert.equal(streamed(text), expected));

  it("hands out finished lines once and keeps the cursor", () => {
    const stream = new StreamText("one\nabc\r");
    assert.equal(stream.takeLines(), "one\n");
    assert.equal(stream.takeLines(), "");
    stream.write("x\n");
    assert.equal(stream.takeLines(), "xbc\n");
    assert.equal(stream.text, "");
  });
});
