import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { imageEmbedder } from "../../cli/export-html/images.ts";
import { MarkdownRenderer } from "../../cli/export-html/markdown.ts";
import type { EmbedImage } from "../../cli/export-html/sanitize-html.ts";
import { ScopedStyles } from "../../cli/export-html/scoped-styles.ts";
import { hostileMarkdown } from "./hostile-markup.ts";

function render(source: string, embedImage?: EmbedImage): string {
  return new MarkdownRenderer()
    .render(source, { scopeId: "nb-1", styles: new ScopedStyles(), embedImage })
    .trim();
}

const pixel =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==";

describe("Markdown", () => {
  it("renders tables in a region that scrolls, with their alignment", () => {
    const html = render("| a | b |\n|:--|--:|\n| 1 | 2 |");
    assert.match(html, /^<div class="nb-table" tabindex="0" role="region" aria-label="Table"><table>/);
    assert.match(html, /<td style="text-align:\s*right">2<\/td>/);
  });

  it("renders task lists with a state that is read out", () => {
    const html = render("- [x] done\n- [ ] open\n- [link](https://example.com)");
    assert.match(html, /nb-task nb-done"[^>]*aria-label="Done"/);
    assert.match(html, /nb-task"[^>]*aria-label="To do"/);
    assert.equal(html.match(/class="nb-task/g)?.length, 2);
  });

  it("gives headings ids that are unique over the page and collects them", () => {
    const renderer = new MarkdownRenderer();
    const options = { scopeId: "nb-1", styles: new ScopedStyles() };
    renderer.render("# The `model` & *more*\n## Results", options);
    assert.match(renderer.render("## Results", options), /<h2 id="results-1">Results<\/h2>/);
    assert.deepEqual(renderer.headings, [
      { id: "the-model-more", level: 1, title: "The model & more" },
      { id: "results", level: 2, title: "Results" },
      { id: "results-1", level: 2, title: "Results" },
    ]);
    assert.match(renderer.render("# nb-content", options), /id="section-nb-content"/);
  });

  it("renders math in a line, in a block and in environments, but not prices", () => {
    for (const source of [
      "so $x^2$ is",
      "$$\nx^2\n$$",
      "\\\\(x\\\\)",
      "\\\\[x\\\\]",
      "\\begin{align}\nx &= 1\n\\end{align}",
    ])
      assert.match(render(source), /class="katex/, source);
    assert.match(render("a $$x$$ b"), /katex-display/);
    for (const source of ["$5 and $6", "costs $5", "`$x$`", "\\$x\\$", "$ x $"])
      assert.doesNotMatch(render(source), /katex/, source);
  });

  it("does not read emphasis or links inside a formula", () => {
    assert.match(render("$a_1 * b_2 * c_3$ and $[x](y)$"), /katex.*katex/s);
    assert.doesNotMatch(render("$a_1 * b_2 * c_3$"), /<em>/);
  });

  it("shows a formula that isn't valid as its source", () => {
    assert.match(render("$\\frac{1$"), /<code class="nb-math-error" title="[^"]+">\\frac\{1<\/code>/);
  });

  it("highlights fenced code", () => {
    assert.match(
      render("```ts\nconst a: number = 1;\n```"),
      /<span class="nb-keyword">const<\/span>.*<span class="nb-type">number<\/span>/s,
    );
    assert.match(render("```unknown\n<b>\n```"), /<code>&lt;b&gt;<\/code>/);
  });

  it("embeds attachments", () => {
    const html = render(
      "![a plot](attachment:my%20plot.png)",
      imageEmbedder({ "my plot.png": { "image/png": pixel } }, undefined),
    );
    assert.equal(html, `<p><img src="data:image/png;base64,${pixel}" alt="a plot"></p>`);
  });

  describe("images beside the notebook", () => {
    let folder: string;
    let embed: EmbedImage;
    before(() => {
      folder = mkdtempSync(join(tmpdir(), "tenon-images-"));
      mkdirSync(join(folder, "notebooks/img"), { recursive: true });
      writeFileSync(join(folder, "notebooks/img/a b.png"), Buffer.from(pixel, "base64"));
      writeFileSync(join(folder, "secret.png"), "secret");
      symlinkSync(join(folder, "secret.png"), join(folder, "notebooks/link.png"));
      writeFileSync(join(folder, "notebooks/keys.txt"), "secret");
      embed = imageEmbedder({}, join(folder, "notebooks"));
    });
    after(() => {
      rmSync(folder, { recursive: true, force: true });
    });

    it("are embedded", () => {
      assert.match(render("![x](img/a%20b.png)", embed), /src="data:image\/png;base64,iVBOR/);
      assert.match(
        render('<img src="./img/a b.png" width="20">', embed),
        /src="data:image\/png;base64,iVBOR[^>]*width="20"/,
      );
    });

    for (const address of [
      "../secret.png",
      "link.png",
      "keys.txt",
      "/etc/hostname.png",
      "file:///etc/x.png",
      "img/../../secret.png",
      "missing.png",
    ])
      it(`are not followed out of the notebook's folder: ${address}`, () => {
        assert.doesNotMatch(render(`![x](${address})`, embed), /<img/);
      });
  });

  for (const source of hostileMarkdown)
    it(`nothing active comes of ${source.slice(0, 60).replaceAll("\n", " ")}`, () => {
      const tags =
        render(source)
          .match(/<[^>]*>/g)
          ?.join(" ") ?? "";
      assert.doesNotMatch(tags, /<(?:script|iframe|img)\b/i);
      assert.doesNotMatch(tags, /\son[a-z]+\s*=|href="[^"]*javascript:|src=/i);
    });
});
