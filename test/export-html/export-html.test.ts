import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { exportHtml } from "../../cli/export-html/export-html.ts";
import type { CellOutput, JsonObject } from "../../jupyter/notebook-file.ts";
import { code, display, markdown, notebook, sampleNotebook, stream } from "./sample-notebook.ts";

async function outputOf(...outputs: CellOutput[]): Promise<string> {
  const page = await exportHtml(notebook([code("1;", outputs)]), { title: "Test" });
  return /<div class="nb-outputs">([\s\S]*)<\/main>/.exec(page)?.[1] ?? "";
}

const figure = (type: string): JsonObject => ({
  "application/vnd.plotly.v1+json": { data: [{ type, y: [1, 2] }], layout: {} },
  "text/plain": "A chart",
});

describe("HTML export", () => {
  it("is one page with a title, a language and a policy that allows its own script only", async () => {
    const page = await exportHtml(notebook([markdown("text")]), { title: "A <b> title" });
    assert.match(page, /^<!doctype html>\s*<html lang="en">/);
    assert.match(page, /<title>A &lt;b&gt; title<\/title>/);
    assert.match(page, /<h1>A &lt;b&gt; title<\/h1>/);
    const policy =
      /Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1]?.replaceAll("&#39;", "'") ?? "";
    const script = /<script>([\s\S]*?)<\/script>/.exec(page)?.[1] ?? "";
    assert.ok(script.length > 1000);
    assert.match(policy, /^default-src 'none'; /);
    assert.ok(
      policy.includes(`script-src 'sha256-${createHash("sha256").update(script).digest("base64")}';`),
    );
    assert.doesNotMatch(policy, /https?:|script-src[^;]*unsafe/);
  });

  it("is below 200 kB with math and without charts", async () => {
    const sample = sampleNotebook();
    const withoutCharts = sample.cells.filter((cell) => !JSON.stringify(cell).includes("plotly"));
    const page = await exportHtml({ ...sample, cells: withoutCharts }, { title: "Sample" });
    assert.ok(page.includes("KaTeX_Main") && page.includes('class="katex"'));
    assert.ok(page.length < 200_000, `${page.length} characters`);
  });

  it("carries KaTeX's fonts and Plotly only where they are used", async () => {
    const page = await exportHtml(notebook([markdown("# Plain\n\ntext"), code("1 + 1")]), { title: "Plain" });
    assert.doesNotMatch(page, /font\/woff2|KaTeX|<script [^>]*id="nb-plotly"/);
    assert.ok(page.length < 40_000, `${page.length} characters`);
  });

  it("takes the Plotly that has the figures' traces", async () => {
    const small = await exportHtml(notebook([code("", [display(figure("bar"))])]), { title: "Bar" });
    const large = await exportHtml(notebook([code("", [display(figure("sankey"))])]), { title: "Sankey" });
    assert.ok(small.length < 800_000, `${small.length}`);
    assert.ok(large.length > 1_500_000, `${large.length}`);
  });

  it("has the same text for the same notebook", async () => {
    const [first, second] = await Promise.all(
      [1, 2].map(() => exportHtml(sampleNotebook(), { title: "Sample" })),
    );
    assert.equal(first, second);
  });

  it("shows counts, durations and highlighted code", async () => {
    const page = await exportHtml(notebook([code("%time await train();\nconst a: number = 1;", [], 75)]), {
      title: "Code",
    });
    assert.match(page, /1 min 15 s/);
    assert.match(page, /<span class="nb-meta">%time<\/span> <span class="nb-keyword">await<\/span>/);
    assert.match(page, /<span class="nb-keyword">const<\/span>/);
  });

  it("joins the pieces of a stream and resolves its progress", async () => {
    const html = await outputOf(
      stream("\r10%"),
      stream("\r99%\n"),
      stream("warning\n", "stderr"),
      stream("end\n"),
    );
    assert.deepEqual(
      [...html.matchAll(/<pre class="([^"]*)"\s*>([^<]*)</g)].map((match) => [match[1], match[2]?.trim()]),
      [
        ["nb-text", "99%"],
        ["nb-text nb-stderr", "warning"],
        ["nb-text", "end"],
      ],
    );
  });

  it("shows the richest form of an output", async () => {
    const rich = { "text/plain": "plain", "text/html": "<b>bold</b>", "image/png": "AAAA" };
    assert.match(await outputOf(display(rich)), /<b>bold<\/b>/);
    assert.match(
      await outputOf(display({ "text/plain": "plain", "image/png": "AA\nAA\n" })),
      /<img[^>]*src="data:image\/png;base64,AAAA"/,
    );
    assert.match(await outputOf(display({ "text/plain": "plain" })), />\s*plain</);
    assert.match(await outputOf(display({ "text/latex": "$x^2$" })), /class="katex/);
    assert.match(await outputOf(display({ "text/markdown": ["**a", "**"] })), /<strong>a<\/strong>/);
    assert.match(
      await outputOf(display({ "application/json": { a: [1] } })),
      /<details open[^>]*>[\s\S]*nb-property[^>]*>a</,
    );
  });

  it("says what it can't show", async () => {
    assert.match(
      await outputOf(
        display({ "application/vnd.jupyter.widget-view+json": {}, "text/plain": "IntSlider()" }),
      ),
      /IntSlider\(\)[\s\S]*open the notebook/,
    );
    assert.match(
      await outputOf(display({ "text/html": "<script>draw()</script>", "text/plain": "Bokeh" })),
      /Bokeh[\s\S]*scripts or frames/,
    );
    assert.match(await outputOf(display({ "application/javascript": "alert(1)" })), /not run here/);
  });

  it("does not draw maps, which would load their outlines", async () => {
    for (const type of ["scattergeo", "choropleth", "scattermap", "choroplethmapbox"]) {
      const html = await outputOf(display(figure(type)));
      assert.match(html, /A chart[\s\S]*needs the network/, type);
      assert.doesNotMatch(html, /data-nb-plot/, type);
    }
    for (const type of ["heatmap", "treemap"])
      assert.match(await outputOf(display(figure(type))), /data-nb-plot/, type);
  });

  it("shows a figure that isn't one as text", async () => {
    assert.match(
      await outputOf(display({ "application/vnd.plotly.v1+json": { data: "x" }, "text/plain": "Broken" })),
      /Broken/,
    );
  });

  it("shows errors with the colours of their traceback", async () => {
    const html = await outputOf({
      output_type: "error",
      ename: "TypeError",
      evalue: "bad <b>",
      traceback: [],
    });
    assert.match(html, /TypeError: bad &lt;b&gt;/);
    assert.match(
      await outputOf({
        output_type: "error",
        ename: "E",
        evalue: "",
        traceback: ["\u001b[31mE\u001b[0m", "at"],
      }),
      /<span class="nb-fg-red">E<\/span>\nat/,
    );
  });

  it("lets no data end the block it is in", async () => {
    const html = await outputOf(
      display({
        "application/vnd.plotly.v1+json": {
          data: [{ y: [1], name: "</script><script>alert(1)</script><!--" }],
        },
      }),
    );
    assert.equal(html.match(/<\/script>/g)?.length, 1);
    assert.doesNotMatch(html, /<script>alert/);
  });
});

describe("HTML export of extreme outputs", () => {
  it("shows what is nested too deeply as text", async () => {
    assert.match(await outputOf(display({ "text/html": "<div>".repeat(20_000) })), /<pre>\s*&lt;div&gt;/);
    let value: unknown = 1;
    for (let level = 0; level < 20_000; level += 1) value = [value];
    assert.match(await outputOf(display({ "application/json": value })), /nested too deeply/);
    const page = await exportHtml(notebook([markdown("<div>".repeat(20_000))]), { title: "Deep" });
    assert.match(page, /&lt;div&gt;/);
  });

  it("shows a large JSON value as text", async () => {
    assert.match(
      await outputOf(display({ "application/json": Array.from({ length: 5000 }, (_, index) => index) })),
      /<pre[^>]*aria-label="JSON"/,
    );
  });

  it("keeps all of 100,000 printed lines", async () => {
    const html = await outputOf(
      stream(Array.from({ length: 100_000 }, (_, index) => `line ${index}\n`).join("")),
    );
    assert.match(html, /line 0\n/);
    assert.match(html, /line 99999</);
    assert.match(html, /Show all 100000 lines/);
  });
});
