/** @file Variables and data as a person looks at them, in VS Code's window. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { FrameLocator, Locator } from "playwright-core";
import { repositoryRoot } from "../../support/repository.ts";
import { checkThemes, violations } from "../support/axe.ts";
import { notebookFile } from "../support/notebook-file.ts";
import type { NotebookPage } from "../support/notebook-page.ts";
import { waitUntil } from "../support/wait-until.ts";
import { useWorkbench } from "../support/use-workbench.ts";
import type { Workbench } from "../support/workbench.ts";

const table = `const cities = ["서울", "New York", "Zürich", "Nairobi", "São Paulo", "Perth"];
const trips = Array.from({ length: 50_000 }, (_, row) => ({
  id: row + 1,
  start: new Date(Date.UTC(2001, 0, 1) + row * 300_000),
  city: cities[(row * row) % cities.length],
  distance: Math.round(100 * Math.sqrt(row % 977)) / 10,
  delay: row % 11 === 0 ? null : ((row * 7919) % 240) - 30,
  late: row % 3 === 0,
}));`;
const flightsFile = join(repositoryRoot, "node_modules/vega-datasets/data/flights-3m.parquet");
const flights = `import { openDatabase, sqlText } from "tenon/data";
const db = await openDatabase({ memoryLimit: "1GB" });
const flights = await db.relation("FROM " + sqlText(${JSON.stringify(flightsFile)}));`;
const matrix = `const image = {
  type: "float32",
  dims: [28, 28],
  location: "cpu",
  data: Float32Array.from({ length: 784 }, (_, at) => Math.sin((at % 28) / 4) * Math.cos(at / 112)),
};
const tensor = (type: string, dims: number[], data: Uint8Array | Float32Array) => ({ type, dims, location: "cpu", data });
const sky = (at: number) => [at % 48 * 5, Math.floor(at / 48) * 7, 160];
const photo = tensor("uint8", [32, 48, 3], Uint8Array.from(Array.from({ length: 1536 }, (_, at) => sky(at)).flat()));
const digits = tensor("float32", [5, 28, 28], Float32Array.from({ length: 3920 }, (_, at) => Math.floor(at / 784)));`;

describe("variables and data in VS Code", function () {
  this.timeout(600_000);
  let workbench: Workbench;
  let page: NotebookPage;
  let view: FrameLocator;
  let viewer: FrameLocator;
  useWorkbench({
    files: {
      "trips.ipynb": notebookFile(
        table,
        matrix,
        "let answer = 42; const names = new Map([['a', 1], ['b', 2]]);",
        "trips.push({ ...trips[0], id: -5, distance: 5000 }); answer += 1;",
      ),
      "flights.ipynb": notebookFile(flights),
    },
    ready: async (opened) => {
      workbench = opened;
      page = await workbench.openNotebook("trips.ipynb");
    },
  });

  const variable = (name: string): Locator =>
    view.locator(".rows .row").filter({ has: view.locator(".label").getByText(name, { exact: true }) });

  it("says what to do while there are no variables", async () => {
    await workbench.page.locator(".activitybar").getByRole("tab", { name: "Tenon" }).click();
    view = await workbench.webview("Variables");
    await view.getByText("Run a cell, and its variables show here.").waitFor();
    await checkThemes(workbench, view, "variables-empty");
  });

  it("lists the variables with type, shape, memory and value, live after each cell", async () => {
    for (const cell of [0, 1, 2]) await page.cell(cell).run();
    await variable("trips").waitFor();
    await variable("answer").waitFor();
    assert.equal(await variable("trips").locator(".shape").innerText(), "50,000 × 6");
    assert.equal(await variable("trips").locator(".type").innerText(), "object[]");
    assert.match(await variable("trips").locator(".bytes").innerText(), /MB$/);
    assert.equal(await variable("answer").locator(".preview").innerText(), "42");
    await variable("names").locator(".twistie").click();
    await variable("b").or(view.locator(".row[aria-level='2']")).first().waitFor();
    await view.getByRole("button", { name: "Memory" }).click();
    await view.getByRole("button", { name: "Memory" }).click();
    assert.equal(await view.locator(".rows .label").first().innerText(), "trips");
    await checkThemes(workbench, view, "variables");
    await view.getByRole("searchbox").fill("answer");
    assert.equal(await view.locator(".rows .row").count(), 1);
    await view.getByRole("searchbox").fill("");
  });

  it("opens a table: sorted, filtered, with statistics of its columns", async () => {
    await variable("trips").dblclick();
    viewer = await workbench.webview("Data Viewer");
    await viewer.getByText("50,000 rows").waitFor();
    await viewer.locator(".histogram").first().waitFor();
    await viewer.locator(".column", { hasText: "late" }).locator(".top").first().waitFor();
    await checkThemes(workbench, viewer, "data-viewer");
    await viewer.locator(".column", { hasText: "distance" }).locator(".name").click();
    await viewer
      .locator(".column", { hasText: "delay" })
      .locator(".name")
      .click({ modifiers: ["Shift"] });
    for (const theme of ["dark", "high contrast", "light"] as const) {
      await workbench.setTheme(theme);
      await viewer
        .locator(".column", { hasText: "distance" })
        .getByRole("button", { name: /Filter and/ })
        .click();
      await viewer.locator(".panel dl").waitFor();
      await workbench.screenshot(`data-viewer-panel-${theme.replace(" ", "-")}`);
      assert.deepEqual(await violations(viewer), [], theme);
      if (theme !== "light") await workbench.page.keyboard.press("Escape");
    }
    await viewer.locator(".panel input").fill("300");
    await viewer.locator(".panel input").press("Enter");
    await viewer.getByText(/[\d,]+ of 50,000 rows/).waitFor();
    await viewer.locator(".chip").waitFor();
    await workbench.screenshot("data-viewer-filtered");
  });

  it("pins and hides columns, and keeps that while another page is in front", async () => {
    const menu = async (column: string): Promise<void> =>
      await viewer
        .locator(".column", { hasText: column })
        .getByRole("button", { name: /Filter and/ })
        .click();
    const names = async (): Promise<string> =>
      (await viewer.locator(".column .label").allInnerTexts()).join(" ");
    await menu("late");
    await viewer.locator(".panel vscode-button", { hasText: "Pin" }).click();
    await menu("start");
    await viewer.locator(".panel vscode-button", { hasText: "Hide" }).click();
    await waitUntil("the columns", async () => (await names()) === "late id city distance delay");
    await workbench.openFile("trips.ipynb");
    await variable("trips").dblclick();
    viewer = await workbench.webview("3,927 of 50,000 rows");
    await waitUntil("the columns again", async () => (await names()) === "late id city distance delay");
    await viewer.getByRole("button", { name: "Columns 5/6" }).click();
    assert.deepEqual(await violations(viewer), []);
    await workbench.screenshot("data-viewer-columns");
    await viewer.getByRole("button", { name: "Show All" }).click();
    await workbench.page.keyboard.press("Escape");
    await menu("late");
    await viewer.locator(".panel vscode-button", { hasText: "Unpin" }).click();
    await waitUntil("all columns", async () => (await names()) === "id start city distance delay late");
  });

  it("is used by the keyboard: moves, selects and copies", async () => {
    await viewer.getByRole("button", { name: "Clear Filters and Order" }).click();
    await viewer.getByText("50,000 rows", { exact: true }).waitFor();
    await viewer.locator("#cell-0-0").click();
    await workbench.page.keyboard.press("Control+End");
    await viewer.locator("#cell-49999-5.focus").waitFor();
    await workbench.page.keyboard.press("Control+Home");
    await workbench.page.keyboard.press("ArrowUp");
    await workbench.page.keyboard.press("Enter");
    await viewer.getByRole("dialog", { name: "id: Filter and statistics" }).waitFor();
    await workbench.page.keyboard.press("Escape");
    await viewer.locator(".panel").waitFor({ state: "detached" });
    const width = async (): Promise<number> => (await viewer.locator("#head-0").boundingBox())?.width ?? 0;
    const before = await width();
    await workbench.page.keyboard.press("Alt+ArrowRight");
    await waitUntil("a wider column", async () => (await width()) === before + 16);
    await workbench.page.keyboard.press("Alt+ArrowLeft");
    await waitUntil("the column as it was", async () => (await width()) === before);
    await workbench.page.keyboard.press("ArrowDown");
    await workbench.page.keyboard.press("Shift+ArrowDown");
    await workbench.page.keyboard.press("Control+C");
    await waitUntil(
      "the copy",
      async () => (await workbench.page.evaluate(() => navigator.clipboard.readText())) === "1\n2",
    );
  });

  it("shows what a cell changed", async () => {
    await workbench.openFile("trips.ipynb");
    await page.cell(3).run();
    await waitUntil(
      "the new value",
      async () => (await variable("answer").locator(".preview").innerText()) === "43",
    );
    await variable("trips").dblclick();
    await viewer.getByText("50,001 rows", { exact: true }).waitFor();
  });

  it("exports what is shown as CSV", async () => {
    await viewer.getByRole("button", { name: "Export CSV" }).click();
    const input = workbench.quickWidget().locator("input").first();
    // The dialog begins with a name of its own, which comes late.
    await waitUntil("the suggested file", async () => (await input.inputValue()).endsWith("trips.csv"));
    await workbench.quickInput(join(workbench.workspace, "trips.csv"));
    await workbench.notification("50,001 rows are in trips.csv").waitFor();
    const lines = readFileSync(join(workbench.workspace, "trips.csv"), "utf8").trimEnd().split("\r\n");
    assert.equal(lines.length, 50_002);
    assert.equal(lines[1], "1,2001-01-01T00:00:00.000Z,서울,0,,true");
  });

  it("draws a tensor as a heat map with its legend", async () => {
    await workbench.openFile("trips.ipynb");
    await variable("image").getByRole("button").click();
    const map = await workbench.webview("Heat Map");
    await map.getByRole("button", { name: "Heat Map" }).click();
    await map.locator(".legend").waitFor();
    await checkThemes(workbench, map, "data-viewer-heat-map");
  });

  it("shows a tensor with channels as a picture, and goes through a stack", async () => {
    const pixel = async (frame: FrameLocator, x: number, y: number): Promise<readonly number[]> =>
      await frame
        .locator(".canvas canvas")
        .evaluate(
          (canvas, [x, y]) =>
            canvas instanceof HTMLCanvasElement
              ? [...(canvas.getContext("2d")?.getImageData(x, y, 1, 1).data ?? [])]
              : [],
          [x, y] as const,
        );
    await workbench.openFile("trips.ipynb");
    await variable("photo").getByRole("button").click();
    const photo = await workbench.webview("Tensor<uint8> 32 × 48 × 3");
    await photo.getByRole("button", { name: "Heat Map" }).click();
    await photo.locator(".canvas").waitFor();
    assert.deepEqual(await pixel(photo, 47, 31), [235, 217, 160, 255]);
    await workbench.openFile("trips.ipynb");
    await variable("digits").getByRole("button").click();
    const digits = await workbench.webview("Tensor<float32> 5 × 28 × 28");
    await digits.getByRole("button", { name: "Heat Map" }).click();
    await digits.getByRole("slider").fill("4");
    await digits.getByText("4 / 4").waitFor();
    await digits.locator(".legend", { hasText: "4" }).waitFor();
    assert.deepEqual(await violations(digits), []);
    await workbench.screenshot("data-viewer-stack");
  });

  it("reaches all of three million rows that stay in DuckDB", async () => {
    await workbench.openFile("flights.ipynb");
    const flights = workbench.notebook();
    await flights.shows();
    await flights.cell(0).run();
    await variable("flights").getByRole("button").click();
    const table = await workbench.webview("3,000,000 rows");
    await table.getByText("3,000,000 rows", { exact: true }).waitFor();
    // Statistics of three million rows take a moment: a panel that is opened before them shows them when they come.
    await table
      .locator(".column", { hasText: "destination" })
      .getByRole("button", { name: /Filter and/ })
      .click();
    await table.locator(".panel dl").waitFor();
    await workbench.page.keyboard.press("Escape");
    await table.locator("#cell-0-0").click();
    await workbench.page.keyboard.press("Control+End");
    await table.locator("#cell-2999999-4.plain").waitFor();
    await workbench.page.mouse.wheel(0, -240);
    await table.locator("#cell-2999980-4.plain").waitFor();
    await table.locator(".column", { hasText: "distance" }).locator(".name").click();
    await table.locator(".column", { hasText: "distance" }).locator(".name").click();
    await table.locator("#cell-0-2", { hasText: "4962" }).waitFor();
    await table
      .locator(".column", { hasText: "origin" })
      .getByRole("button", { name: /Filter and/ })
      .click();
    await table.locator(".panel .values button").first().click();
    await table.getByText("166,341 of 3,000,000 rows").waitFor();
    await table.locator(".column", { hasText: "distance" }).locator(".histogram").waitFor();
    await workbench.screenshot("data-viewer-flights");
  });

  it("is there again after the window was loaded anew, and says what to do without a kernel", async () => {
    const kernels = (): readonly number[] => workbench.server.kernels().map(({ pid }) => pid);
    const before = kernels();
    await workbench.reload();
    // The kernel went on, so its rows come back with it; what was filtered last VS Code may not have kept yet.
    const rows = /^(166,341 of )?3,000,000 rows$/;
    await (await workbench.webview("Data Viewer")).getByText(rows).waitFor();
    // Its notebook, which stands behind it and is opened only now, goes on with the same kernel.
    await workbench.openFile("flights.ipynb");
    const notebook = workbench.notebook();
    await notebook.shows();
    await notebook.cell(0).run();
    assert.deepEqual(kernels(), before);
    await workbench.page.getByRole("tab", { name: "flights", exact: true }).click();
    const again = await workbench.webview("Data Viewer");
    await again.getByText(rows).waitFor();
    for (const { pid } of workbench.server.kernels()) process.kill(-pid, "SIGKILL");
    await again.getByText(/kernel does not run/).waitFor();
    await checkThemes(workbench, again, "data-viewer-no-kernel");
  });
});
