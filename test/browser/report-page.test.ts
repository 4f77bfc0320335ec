/** @file Reports on tables in a real browser: whole, offline, accessible in every theme, and by keyboard. */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { AxeResults } from "axe-core";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { comparisonDisplay } from "../../ml/data/compare/comparison-display.ts";
import { compare } from "../../ml/data/compare/index.ts";
import { openDatabase } from "../../ml/data/database.ts";
import { profile } from "../../ml/data/profile/index.ts";
import { displaySource } from "../../ml/data/source-display.ts";
import { tableSource } from "../../ml/data/table-source.ts";
import { launchChromium } from "../support/chromium.ts";

/** A table with every kind of column, missing values and warnings; `shift` moves it. */
const table = (
  shift: number,
): string => `SELECT i AS id, CASE WHEN i % 7 = 0 THEN NULL ELSE sin(i) + ${shift} END AS wave,
  exp(sin(i * 3) * 3) AS tail, i % 5 + ${shift * 10} AS few, ['Oslo', 'Riga', 'Lund', 'Bonn'][(i * i + i % ${3 + shift * 10})::INTEGER % 4 + 1] AS town,
  CASE WHEN i % 3 = 0 THEN NULL ELSE 'street ' || i % 90 END AS street, i % 4 = 0 AS flag, DATE '2024-01-01' + (i % 300)::INTEGER AS day,
  (i % 50)::VARCHAR AS digits, 'k' || i AS "a rather long name of a column that holds keys", 1 AS same FROM range(2000) t(i)`;

const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

describe("report pages in Chromium", function () {
  this.timeout(120_000);
  let browser: Browser;
  let folder: string;
  const files: Record<string, string> = {};

  before(async function () {
    browser = await launchChromium(this);
    folder = mkdtempSync(join(tmpdir(), "tenon-report-"));
    using database = await openDatabase();
    const [a, b] = [await tableSource(database, table(0)), await tableSource(database, table(0.2))];
    const seen = await profile(a);
    files["profile"] = join(folder, "profile.html");
    await seen.save(files["profile"]);
    files["comparison"] = join(folder, "comparison.html");
    const comparison = await compare(a, b, { key: "id", names: ["before", "after"] });
    await comparison.save(files["comparison"]);
    files["compared"] = join(folder, "compared.html");
    const compact = comparisonDisplay(comparison.data);
    writeFileSync(files["compared"], `<!doctype html><title>compared</title>${String(compact["text/html"])}`);
    const display = await displaySource(a);
    files["display"] = join(folder, "display.html");
    writeFileSync(files["display"], `<!doctype html><title>display</title>${String(display["text/html"])}`);
    mkdirSync("test/output", { recursive: true });
  });
  after(async () => {
    await browser?.close();
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  });

  async function open(
    name: string,
    options: BrowserContextOptions = {},
  ): Promise<{ page: Page; problems: string[] }> {
    const context = await browser.newContext(options);
    const page = await context.newPage();
    const problems: string[] = [];
    const own = pathToFileURL(files[name] ?? "").href;
    page.on("pageerror", (error) => problems.push(`error: ${error.message}`));
    page.on("console", (message) => {
      if (message.type() === "error") problems.push(`console: ${message.text()}`);
    });
    page.on("request", (request) => {
      if (!request.url().startsWith(own) && !request.url().startsWith("data:"))
        problems.push(`request: ${request.url()}`);
    });
    await page.goto(own);
    return { page, problems };
  }

  for (const name of ["profile", "comparison"]) {
    it(`${name}: is whole without an error or a request, on a screen and on a phone`, async () => {
      const looks: readonly (readonly [string, BrowserContextOptions])[] = [
        ["light", { colorScheme: "light", viewport: { width: 1280, height: 900 } }],
        ["dark", { colorScheme: "dark", viewport: { width: 1280, height: 900 } }],
        [
          "phone",
          { colorScheme: "light", viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true },
        ],
      ];
      for (const [look, options] of looks) {
        const { page, problems } = await open(name, options);
        assert.deepEqual(problems, []);
        assert.equal(await page.locator("article h3").count(), 11);
        const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        assert.ok(overflow <= 0, `${look}: the page is ${overflow}px wider than the screen`);
        await page.screenshot({ path: `test/output/report-${name}-${look}.png`, fullPage: true });
        await page.context().close();
      }
    });

    for (const theme of ["light", "dark", "contrast"])
      it(`${name}: has no accessibility violation in ${theme}`, async () => {
        const { page } = await open(name);
        await page.getByLabel("Theme").selectOption(theme);
        // Evaluated through the debugger, which the page's policy doesn't concern.
        await page.evaluate(axeSource);
        const results = await page.evaluate(async () => {
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
        await page.context().close();
      });
  }

  it("sorts, filters and remembers the theme, by keyboard", async () => {
    const { page, problems } = await open("profile", { colorScheme: "light" });
    const names = page.locator("table[data-rp-sort] tbody tr:visible th");
    const before = await names.allTextContents();
    const missing = page.getByRole("button", { name: "Missing" });
    await missing.press("Enter");
    await missing.press("Enter");
    assert.equal(
      await page.getByRole("columnheader", { name: "Missing" }).getAttribute("aria-sort"),
      "descending",
    );
    assert.equal((await names.first().textContent())?.trim(), "street");
    await missing.press("Enter");
    assert.deepEqual(await names.allTextContents(), before);
    await page.getByLabel("Columns with").fill("TOWN");
    assert.equal(await names.count(), 1);
    assert.equal(await page.locator("article:visible").count(), 1);
    assert.equal((await page.getByRole("status").textContent())?.trim(), "1 column");
    const ground = (): Promise<string> =>
      page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
    await page.getByLabel("Theme").selectOption("contrast");
    assert.equal(await ground(), "rgb(0, 0, 0)");
    await page.reload();
    assert.equal(await ground(), "rgb(0, 0, 0)");
    await page.getByLabel("Theme").selectOption("system");
    assert.notEqual(await ground(), "rgb(0, 0, 0)");
    assert.deepEqual(problems, []);
    await page.context().close();
  });

  it("can be read without its script, in forced colours, and on paper", async () => {
    const plain = await open("profile", { javaScriptEnabled: false });
    assert.ok(await plain.page.getByRole("heading", { name: "Associations" }).isVisible());
    assert.equal(await plain.page.locator("select:visible, input:visible").count(), 0);
    await plain.page.context().close();
    const { page } = await open("comparison", { forcedColors: "active" });
    const bar = page.locator(".rp-histogram rect").first();
    const [fill, ground] = await bar.evaluate((element) => [
      getComputedStyle(element).fill,
      getComputedStyle(document.documentElement).backgroundColor,
    ]);
    assert.notEqual(fill, ground);
    const pdf = await page.pdf({ format: "A4" });
    assert.ok((pdf.toString("latin1").match(/\/Type \/Page\b/g)?.length ?? 0) >= 2);
    await page.context().close();
  });

  it("a table's display does in light and dark", async () => {
    for (const [name, ground, text] of [
      ["light", "#ffffff", "#3b3b3b"],
      ["dark", "#1f1f1f", "#cccccc"],
    ] as const) {
      const { page, problems } = await open("display", { viewport: { width: 1280, height: 500 } });
      await page.addStyleTag({
        content: `body { background: ${ground}; color: ${text}; font: 13px system-ui, sans-serif } table { border-collapse: collapse }`,
      });
      assert.deepEqual(problems, []);
      assert.equal(await page.getByRole("img", { name: /^Histogram of wave/ }).count(), 1);
      await page.screenshot({ path: `test/output/table-display-${name}.png` });
      await page.context().close();
    }
  });

  it("a comparison's display shows its verdicts in a notebook's narrow column", async () => {
    const { page } = await open("compared", { viewport: { width: 900, height: 500 } });
    await page.addStyleTag({
      content: "body { font: 15px system-ui, sans-serif } table { border-collapse: collapse }",
    });
    const moved = page.getByRole("row", { name: /^few / });
    assert.match((await moved.textContent()) ?? "", /shifted\s*$/);
    const box = await moved.boundingBox();
    assert.ok(box && box.x + box.width <= 900, `it ends at ${(box?.x ?? 0) + (box?.width ?? 0)}`);
    await page.context().close();
  });
});
