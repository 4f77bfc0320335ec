/** @file Exported pages in a real browser: they draw, nothing of a notebook runs, nothing is requested, and they are accessible. */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { AxeResults } from "axe-core";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { exportHtml } from "../../cli/export-html/export-html.ts";
import type { JsonObject, Notebook } from "../../jupyter/notebook-file.ts";
import { hostileMarkdown, hostileMarkup } from "../export-html/hostile-markup.ts";
import { code, display, markdown, notebook, sampleNotebook } from "../export-html/sample-notebook.ts";
import { launchChromium } from "../support/chromium.ts";

interface OpenPage {
  readonly page: Page;
  /** Everything that went wrong or out: script errors, policy violations, requests to other places than the file. */
  readonly problems: string[];
}

const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

describe("notebook page in Chromium", function () {
  this.timeout(120_000);
  let browser: Browser;
  let folder: string;
  let files = 0;

  before(async function () {
    browser = await launchChromium(this);
    folder = mkdtempSync(join(tmpdir(), "tenon-page-"));
  });
  after(async () => {
    await browser?.close();
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  });

  async function open(source: Notebook, options: BrowserContextOptions = {}): Promise<OpenPage> {
    files += 1;
    const path = join(folder, `page-${files}.html`);
    writeFileSync(path, await exportHtml(source, { title: "Exported notebook" }));
    const context = await browser.newContext(options);
    const page = await context.newPage();
    const problems: string[] = [];
    const own = pathToFileURL(path).href;
    page.on("pageerror", (error) => problems.push(`error: ${error.message}`));
    page.on("console", (message) => {
      if (message.type() === "error") problems.push(`console: ${message.text()}`);
    });
    page.on("request", (request) => {
      if (!request.url().startsWith(own) && !/^(?:data|blob):/.test(request.url()))
        problems.push(`request: ${request.url()}`);
    });
    await page.exposeFunction("EXECUTED", () => problems.push("a notebook's script ran"));
    await page.goto(own);
    await page.waitForFunction(
      () => document.querySelectorAll("[data-nb-plot]:not([data-nb-drawn])").length === 0,
      undefined,
      { timeout: 60_000 },
    );
    return { page, problems };
  }

  async function close({ page }: OpenPage): Promise<void> {
    await page.context().close();
  }

  it("draws the sample without an error or a request, in light, dark and on a phone", async () => {
    const looks: readonly (readonly [name: string, options: BrowserContextOptions])[] = [
      ["light", { colorScheme: "light", viewport: { width: 1280, height: 900 } }],
      ["dark", { colorScheme: "dark", viewport: { width: 1280, height: 900 } }],
      [
        "phone",
        { colorScheme: "light", viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true },
      ],
    ];
    mkdirSync("test/output", { recursive: true });
    for (const [name, options] of looks) {
      const opened = await open(sampleNotebook(), options);
      assert.deepEqual(opened.problems, [], name);
      assert.equal((await opened.page.locator(".main-svg").count()) > 0, true, name);
      assert.equal(await opened.page.locator('.modebar-btn[data-title^="Share"]').count(), 0, name);
      const overflow = await opened.page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(overflow <= 0, `${name}: the page is ${overflow}px wider than the screen`);
      await opened.page.screenshot({ path: `test/output/notebook-page-${name}.png`, fullPage: true });
      await close(opened);
    }
  });

  for (const colorScheme of ["light", "dark"] as const)
    it(`has no accessibility violation in ${colorScheme}`, async () => {
      const opened = await open(sampleNotebook(), { colorScheme });
      // Evaluated through the debugger, which the page's policy doesn't concern.
      await opened.page.evaluate(axeSource);
      const results = await opened.page.evaluate(async () => {
        // SAFETY: axe-core, evaluated just before, puts itself on the window.
        const { axe } = window as unknown as {
          axe: { run(context: Document, options: object): Promise<AxeResults> };
        };
        return axe.run(document, {
          runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
        });
      });
      const found = results.violations.flatMap(({ id, nodes }) =>
        nodes.map((node) => `${id}: ${node.html.slice(0, 160)} ${node.failureSummary ?? ""}`),
      );
      assert.deepEqual(found, []);
      await close(opened);
    });

  it("runs and requests nothing of hostile outputs and Markdown", async () => {
    const outputs = hostileMarkup.map((source, index) =>
      code(`hostile(${index});`, [display({ "text/html": source })]),
    );
    const cells = [...hostileMarkup, ...hostileMarkdown].map((source) => markdown(source));
    const svg =
      '<svg xmlns="http://www.w3.org/2000/svg" onload="EXECUTED()"><script>EXECUTED()</script><image href="https://leak.invalid/in-svg.png"/></svg>';
    const plot = {
      data: [
        {
          type: "scatter",
          y: [1, 2],
          name: '<a href="javascript:EXECUTED()">x</a><img src=x onerror=EXECUTED()>',
        },
      ],
      layout: {
        title: { text: '<a href="javascript:EXECUTED()">t</a>' },
        images: [{ source: "data:image/svg+xml,<svg onload='EXECUTED()'/>", x: 0, y: 1, sizex: 1, sizey: 1 }],
      },
    };
    const last = code("images();", [
      display({ "image/svg+xml": svg }),
      display({ "application/vnd.plotly.v1+json": plot }),
    ]);
    const opened = await open(notebook([...outputs, ...cells, last]));
    const targets = opened.page.locator(
      'main a[href]:not([href^="http"]), main summary, .nb-html svg *, .nb-markdown svg *',
    );
    await targets.evaluateAll((elements) => {
      for (const element of elements)
        element.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true }));
    });
    await opened.page.waitForTimeout(1000);
    assert.deepEqual(opened.problems, []);
    await close(opened);
  });

  it("keeps outputs in their place", async () => {
    const cover =
      '<p style="position:absolute;inset:-2000px;z-index:9;background:red">cover</p><style>body, main, :root { display: none } p { color: rgb(1, 2, 3) }</style>';
    const opened = await open(
      notebook([markdown("# Title\n\nown text"), code("1;", [display({ "text/html": cover })])]),
    );
    const topmost = await opened.page.evaluate(
      () => document.elementFromPoint(200, 20)?.closest("header") !== null,
    );
    assert.ok(topmost, "the header is covered");
    assert.ok(await opened.page.getByText("own text").isVisible());
    assert.notEqual(
      await opened.page.getByText("own text").evaluate((element) => getComputedStyle(element).color),
      "rgb(1, 2, 3)",
    );
    assert.equal(
      await opened.page
        .getByText("cover", { exact: true })
        .evaluate((element) => getComputedStyle(element).color),
      "rgb(1, 2, 3)",
    );
    await close(opened);
  });

  it("covers no code with how long a cell ran", async () => {
    const opened = await open(notebook([code(`const line = "${"long ".repeat(60)}";`)]));
    const { duration, line } = await opened.page.evaluate(() => ({
      duration: document.querySelector(".nb-duration")?.getBoundingClientRect(),
      line: document.querySelector(".nb-source code")?.getClientRects()[0],
    }));
    assert.ok(duration && line && duration.width > 0);
    assert.ok(duration.bottom <= line.top, `${duration.bottom} is below ${line.top}`);
    await close(opened);
  });

  it("switches the theme, remembers it, and redraws charts in it", async () => {
    const opened = await open(sampleNotebook(), { colorScheme: "light" });
    const { page } = opened;
    const ground = (): Promise<string> =>
      page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
    const chartText = (): Promise<string> =>
      page
        .locator(".gtitle")
        .first()
        .evaluate((element) => getComputedStyle(element).fill);
    const [lightGround, lightText] = [await ground(), await chartText()];
    await page.getByRole("button", { name: "Dark theme" }).press("Enter");
    await page.waitForFunction((before) => {
      const title = document.querySelector(".gtitle");
      return title !== null && getComputedStyle(title).fill !== before;
    }, lightText);
    assert.notEqual(await ground(), lightGround);
    const dark = await ground();
    await page.reload();
    assert.equal(await ground(), dark);
    assert.equal(await page.getByRole("button", { name: "Dark theme" }).getAttribute("aria-pressed"), "true");
    assert.deepEqual(opened.problems, []);
    await close(opened);
  });

  it("copies code, hides code, and opens long outputs, by keyboard", async () => {
    const opened = await open(sampleNotebook(), { permissions: ["clipboard-read", "clipboard-write"] });
    const { page } = opened;
    await page.getByRole("button", { name: "Copy the code" }).last().press("Enter");
    await page.locator(".nb-copied").waitFor();
    assert.match(await page.evaluate(() => navigator.clipboard.readText()), /^display\.markdown\(/);
    const long = page.getByRole("region", { name: "Printed output" });
    const closedHeight = (await long.boundingBox())?.height ?? 0;
    await page.getByRole("button", { name: "Show all 41 lines" }).press("Enter");
    assert.ok(((await long.boundingBox())?.height ?? 0) > closedHeight);
    await page.getByRole("button", { name: "Show less" }).press("Enter");
    await page.getByRole("button", { name: "Hide code" }).press("Enter");
    assert.equal(await page.locator(".nb-input:visible").count(), 0);
    await close(opened);
  });

  it("draws every kind of figure in the theme's colours without an error or a request", async () => {
    const kinds: readonly JsonObject[] = [
      {
        data: [
          { type: "sankey", node: { label: ["a", "b"] }, link: { source: [0], target: [1], value: [3] } },
        ],
      },
      { data: [{ type: "parcoords", dimensions: [{ values: [1, 2] }, { values: [2, 1] }] }] },
      { data: [{ type: "sunburst", labels: ["a", "b"], parents: ["", "a"], values: [2, 1] }] },
      { data: [{ type: "scatterpolar", r: [1, 2], theta: [10, 90] }] },
      { data: [{ type: "violin", y: [1, 2, 2, 3] }], layout: { width: 3000 } },
    ];
    const white = {
      data: [{ y: [1, 2] }],
      layout: {
        title: { text: "White" },
        paper_bgcolor: "#ffffff",
        plot_bgcolor: "white",
        font: { color: "#333" },
        xaxis: { gridcolor: "#e8e8e8" },
      },
    };
    const cells = [white, ...kinds].map((figure) =>
      code("", [display({ "application/vnd.plotly.v1+json": figure })]),
    );
    const opened = await open(notebook(cells), { colorScheme: "dark" });
    const { page } = opened;
    assert.deepEqual(opened.problems, []);
    assert.equal(await page.locator('[data-nb-drawn=""]').count(), cells.length);
    const fill = (selector: string): Promise<string> =>
      page
        .locator(selector)
        .first()
        .evaluate((element) => getComputedStyle(element).fill);
    assert.equal(await fill(".gtitle"), "rgb(230, 228, 224)");
    assert.equal(
      await page
        .locator(".main-svg")
        .first()
        .evaluate((element) => getComputedStyle(element).backgroundColor),
      "rgba(0, 0, 0, 0)",
    );
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
    await close(opened);
  });

  it("can be read without its script", async () => {
    const { page } = await openWithoutScript();
    assert.ok(await page.getByRole("heading", { name: "Predicting long flight delays" }).isVisible());
    assert.ok(await page.getByText("ROC curve").first().isVisible());
    assert.equal(await page.locator("button:visible").count(), 0);
    await page.context().close();
  });

  async function openWithoutScript(): Promise<{ page: Page }> {
    const path = join(folder, "without-script.html");
    writeFileSync(path, await exportHtml(sampleNotebook(), { title: "Exported notebook" }));
    const context = await browser.newContext({ javaScriptEnabled: false });
    const page = await context.newPage();
    await page.goto(pathToFileURL(path).href);
    return { page };
  }

  it("prints in light colours, whole", async () => {
    const opened = await open(sampleNotebook(), { colorScheme: "dark" });
    const pdf = await opened.page.pdf({ format: "A4" });
    assert.ok((pdf.toString("latin1").match(/\/Type \/Page\b/g)?.length ?? 0) >= 3);
    await opened.page.emulateMedia({ media: "print" });
    const color = await opened.page.evaluate(
      () => getComputedStyle(document.documentElement).backgroundColor,
    );
    assert.equal(color, "rgb(255, 255, 255)");
    const clipped = await opened.page.evaluate(
      () =>
        [...document.querySelectorAll(".nb-long")].filter(
          (element) => element.scrollHeight > element.clientHeight + 1,
        ).length,
    );
    assert.equal(clipped, 0);
    await close(opened);
  });
});
