import assert from "node:assert/strict";
import { parseJson, stringifyJson } from "../../jupyter/lossless-json.ts";

describe("lossless JSON", () => {
  it("reads what JSON.parse reads", () => {
    for (const text of [
      "null",
      " [true, false, null] ",
      '{"a": {"b": [1, -2.5e3, "x\\n\\u00e9\\ud83c\\udf89\\"\\\\"]}, "": {}}',
      '"\u2028 \u{1F389}"',
    ]) {
      assert.deepEqual(parseJson(text), JSON.parse(text), text);
    }
  });

  it("keeps the form of numbers, however they were written", () => {
    const text = '[\n 1.0,\n 1e5,\n -0.0,\n 9007199254740993,\n NaN,\n -Infinity,\n {\n  "x": 2.50\n }\n]';
    assert.equal(stringifyJson(parseJson(text), 1), text);
  });

  it("writes a changed number as JavaScript does", () => {
    // SAFETY: the text says so.
    const value = parseJson('{"a": 1.0, "b": 2.0}') as Record<string, number>;
    value["a"] = 7;
    assert.equal(stringifyJson(value, 0), '{\n"a": 7,\n"b": 2.0\n}');
  });

  it("keeps the order of keys that look like numbers, also after changes", () => {
    // SAFETY: the text says so.
    const value = parseJson('{"b": 1, "10": 2, "2": 3}') as Record<string, unknown>;
    delete value["10"];
    value["c"] = 4;
    assert.equal(stringifyJson(value, 0), '{\n"b": 1,\n"2": 3,\n"c": 4\n}');
  });

  it("takes __proto__ for a key like any other", () => {
    const value = parseJson('{"__proto__": {"polluted": true}}');
    assert.equal(Object.getPrototypeOf(value), Object.prototype);
    assert.equal(stringifyJson(value, 0), '{\n"__proto__": {\n"polluted": true\n}\n}');
  });

  it("writes what was not read: undefined left out, lone surrogates escaped, dates as their JSON", () => {
    const value = { a: undefined, b: "\ud800", c: new Date(0), d: [undefined] };
    assert.equal(JSON.stringify(JSON.parse(stringifyJson(value, 1))), JSON.stringify(value));
  });

  it("says where the text is wrong", () => {
    const wrong: readonly (readonly [string, RegExp])[] = [
      ["", /ends too early, at line 1, column 1/],
      ['{"a": 1,}', /unexpected "\}" at line 1, column 9/],
      ["[1\n 2]", /unexpected "2" at line 2, column 2/],
      ['"a\nb"', /line 1, column 1/],
      ['"abc', /ends too early/],
      ['{"a" 1}', /unexpected "1"/],
      ["01", /unexpected "1" at line 1, column 2/],
      ["nul", /unexpected "n"/],
      ['"\\x"', /line 1, column 1/],
      ["{}\n{}", /unexpected "\{" at line 2, column 1/],
    ];
    for (const [text, message] of wrong)
      assert.throws(() => parseJson(text), { name: "SyntaxError", message }, text);
  });
});
