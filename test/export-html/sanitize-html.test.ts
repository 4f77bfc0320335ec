import assert from "node:assert/strict";
import { ScopedStyles } from "../../cli/export-html/scoped-styles.ts";
import { sanitizeHtml } from "../../cli/export-html/sanitize-html.ts";
import { hostileMarkup } from "./hostile-markup.ts";

function clean(source: string): { html: string; styles: string; leftOut: boolean } {
  const styles = new ScopedStyles();
  const { html, leftOutActiveContent } = sanitizeHtml(source, { scopeId: "nb-1", styles });
  return { html, styles: styles.toString(), leftOut: leftOutActiveContent };
}

describe("sanitised HTML", () => {
  it("tables keep their structure and their own styles", () => {
    const { html, styles } = clean(
      '<style>.t td { color: red }</style><table class="t" border="1"><thead><tr><th colspan="2">a</th></tr></thead><tbody><tr><td style="text-align: right">1</td></tr></tbody></table>',
    );
    assert.equal(
      html,
      '<table class="t" border="1"><thead><tr><th colspan="2">a</th></tr></thead><tbody><tr><td style="text-align: right">1</td></tr></tbody></table>',
    );
    assert.equal(styles, "@scope (#nb-1) {\n.t td { color: red }\n}");
  });

  it("drawings stay", () => {
    const source =
      '<svg viewBox="0 0 9 9"><defs><linearGradient id="g"><stop offset="0" stop-color="red"></stop></linearGradient></defs><path d="M0 0h9" stroke-width="2" fill="url(#g)"></path></svg>';
    assert.equal(clean(source).html, source);
  });

  it("embedded images stay; others become links that load nothing", () => {
    assert.match(
      clean('<img src="data:image/png;base64,AAAA" alt="a">').html,
      /^<img src="data:image\/png;base64,AAAA" alt="a">$/,
    );
    assert.equal(
      clean('<img src="https://example.com/a.png" alt="A chart">').html,
      '<a href="https://example.com/a.png" class="nb-image-link" rel="noopener noreferrer">Image: A chart</a>',
    );
    assert.match(clean('<img src="data:text/html,x">').html, /^<span/);
  });

  it("says when scripts were left out", () => {
    assert.equal(clean("<script>1</script>").leftOut, true);
    assert.equal(clean("<p>text</p>").leftOut, false);
  });

  it("the same style sheet of several outputs is written once", () => {
    const styles = new ScopedStyles();
    styles.add(".a { color: red }", "nb-1");
    styles.add(".a { color: red }", "nb-2");
    assert.equal(styles.toString(), "@scope (#nb-1, #nb-2) {\n.a { color: red }\n}");
  });

  for (const source of hostileMarkup)
    it(`nothing active stays of ${source.slice(0, 70).replaceAll("\n", " ")}`, () => {
      const { html, styles } = clean(source);
      const tags = html.match(/<[^>]*>/g)?.join(" ") ?? "";
      assert.doesNotMatch(
        tags,
        /<(?:script|iframe|object|embed|form|link|meta|base|style|template|math|video|audio|source|image|use)\b/i,
      );
      assert.doesNotMatch(tags, /\son[a-z]+\s*=|javascript:|vbscript:|data:text|srcdoc|srcset|\sping=/i);
      assert.doesNotMatch(tags, /(?:src|style|fill|background|poster)="[^"]*leak\.invalid/);
      assert.doesNotMatch(tags, /(?:id|class)="(?:[^"]* )?nb-(?!image-link)|data-nb/);
      assert.doesNotMatch(tags, /position:\s*fixed/);
      assert.doesNotMatch(styles, /leak\.invalid|@import|@font-face|url\(/i);
    });
});
