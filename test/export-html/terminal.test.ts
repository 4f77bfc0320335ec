import assert from "node:assert/strict";
import { ansiToHtml } from "../../cli/export-html/ansi.ts";
import { terminalRuns } from "../../cli/export-html/terminal-text.ts";

const escape = "\u001b";

function shown(printed: string): string {
  return terminalRuns(printed)
    .map((run) => run.text)
    .join("");
}

describe("terminal text", () => {
  const cases: readonly (readonly [name: string, printed: string, expected: string])[] = [
    ["a progress bar ends as its last state", "10%\r55%\r100%\n", "100%\n"],
    ["a shorter line keeps the rest of the longer one", "abcdef\rxy\n", "xycdef\n"],
    ["erasing to the end of the line", `abcdef\rxy${escape}[K\n`, "xy\n"],
    ["erasing the whole line", `abc${escape}[2K\rx`, "x"],
    ["backspace", "abx\bc", "abc"],
    ["two bars, redrawn by moving up", `a 1\nb 1\n${escape}[2Aa 2\nb 2\n`, "a 2\nb 2\n"],
    ["Windows line ends are line ends", "a\r\nb\r\n", "a\nb\n"],
    [
      "a link's address is dropped, its text stays",
      `${escape}]8;;https://example.com${escape}\\here${escape}]8;;${escape}\\`,
      "here",
    ],
    ["characters of two units stay whole", "😀😀\r😁", "😁😀"],
    ["a window title is dropped", `${escape}]0;title\u0007text`, "text"],
  ];
  for (const [name, printed, expected] of cases)
    it(name, () => {
      assert.equal(shown(printed), expected);
    });

  it("a sequence that never ends leaves no escape character in the page", () => {
    assert.doesNotMatch(ansiToHtml(`a${escape}[31`), new RegExp(escape));
  });

  it("what is overwritten takes its colour with it", () => {
    const html = ansiToHtml(`${escape}[31mred${escape}[0m\r${escape}[32mgreen${escape}[0m`);
    assert.equal(html, '<span class="nb-fg-green">green</span>');
  });

  it("a move far away does not fill the page", () => {
    assert.ok(shown(`a\r${escape}[999999999Cb${escape}[999999999Bc`).length < 5000);
  });
});

describe("ANSI colours", () => {
  it("named colours are classes, so that both themes can colour them", () => {
    assert.equal(
      ansiToHtml(`${escape}[1;31mE${escape}[0m ok`),
      '<span class="nb-fg-red nb-bold">E</span> ok',
    );
    assert.equal(ansiToHtml(`${escape}[94mx`), '<span class="nb-fg-bright-blue">x</span>');
  });

  it("256-colour and 24-bit colours are styles", () => {
    assert.equal(ansiToHtml(`${escape}[38;5;208mx`), '<span style="color:rgb(255 135 0)">x</span>');
    assert.equal(ansiToHtml(`${escape}[38;2;1;2;3mx`), '<span style="color:rgb(1 2 3)">x</span>');
    assert.equal(ansiToHtml(`${escape}[38;5;1mx`), '<span class="nb-fg-red">x</span>');
  });

  it("text on a coloured ground is readable", () => {
    assert.equal(ansiToHtml(`${escape}[37;41mx`), '<span class="nb-bg-red nb-on-colour">x</span>');
    assert.equal(
      ansiToHtml(`${escape}[48;2;255;255;0mx`),
      '<span style="background-color:rgb(255 255 0);color:#000">x</span>',
    );
    assert.equal(ansiToHtml(`${escape}[7mx`), '<span class="nb-inverse">x</span>');
  });

  it("markup in printed text stays text", () => {
    assert.equal(
      ansiToHtml(`${escape}[31m<b onclick="x">&`),
      '<span class="nb-fg-red">&lt;b onclick=&quot;x&quot;&gt;&amp;</span>',
    );
  });

  it("out-of-range colours are ignored or kept in range", () => {
    assert.equal(ansiToHtml(`${escape}[38;5;999mx`), "x");
    assert.equal(ansiToHtml(`${escape}[38;2;999;0;0mx`), '<span style="color:rgb(255 0 0)">x</span>');
  });
});
