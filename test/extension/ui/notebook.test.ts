/** @file Running a TypeScript notebook as a person does. */
import assert from "node:assert/strict";
import { notebookFile } from "../support/notebook-file.ts";
import type { NotebookPage } from "../support/notebook-page.ts";
import { waitUntil } from "../support/wait-until.ts";
import { useWorkbench } from "../support/use-workbench.ts";
import type { Workbench } from "../support/workbench.ts";

describe("a notebook in VS Code", function () {
  this.timeout(600_000);
  let workbench: Workbench;
  let page: NotebookPage;

  useWorkbench({
    files: {
      "run.ipynb": notebookFile(
        "const rows = [{ city: '서울', n: 1 }, { city: 'Bern', n: 2 }];\nrows",
        "for (let i = 0; i < 3; i++) console.log('line', i);",
        "display.markdown('**bold**'); const status = display('first'); status.update('second');",
        "const wrong: number = 'text';",
        "'after'",
        "function fails(): never {\n  throw new RangeError('too far');\n}\nfails()",
        "const answer = prompt('name?'); 'got ' + answer",
        "while (true) {}",
        "rows.length",
      ),
    },
    ready: async (opened) => {
      workbench = opened;
      page = await workbench.openNotebook("run.ipynb");
    },
  });

  it("shows tables, streams and displays that change", async () => {
    await page.cell(0).run();
    await page.cell(0).waitForOutput("서울");
    await page.cell(1).run();
    assert.equal(await page.cell(1).outputText(), "line 0\nline 1\nline 2");
    await page.cell(2).run();
    await page.cell(2).waitForOutput("second");
    assert.doesNotMatch(await page.cell(2).outputText(), /first/);
    await workbench.screenshot("notebook-outputs");
  });

  it("does not run a cell with type errors, and links to the place", async () => {
    await page.cell(3).run();
    assert.equal(await page.cell(3).status(), "error");
    await page.cell(3).waitForOutput("not assignable");
    const output = await page.cell(3).output();
    assert.match((await output.locator("a").first().getAttribute("href")) ?? "", /vscode-notebook-cell/);
    await workbench.screenshot("notebook-type-error");
  });

  it("shows an error of the cell's own with its line", async () => {
    await page.cell(5).run();
    await page.cell(5).waitForOutput("too far");
    const output = await page.cell(5).output();
    await output.getByText("line 2").first().waitFor();
  });

  it("asks for input", async () => {
    await page.cell(6).startRun();
    await workbench.quickInput("Ada");
    await page.cell(6).waitForOutput("got Ada");
  });

  it("waits on where the palette takes the question away, and asks again or is interrupted", async () => {
    await page.cell(6).startRun();
    await workbench.quickWidget().locator("input").first().waitFor();
    await workbench.commands("Tenon");
    const waits = workbench.notification("A cell waits for an answer");
    await waits.getByRole("button", { name: "Answer" }).click();
    await workbench.quickInput("Grace");
    await page.cell(6).waitForOutput("got Grace");
    await page.cell(6).startRun();
    await workbench.quickWidget().locator("input").first().waitFor();
    await workbench.page.keyboard.press("Escape");
    await waits.getByRole("button", { name: "Interrupt" }).click();
    await page.cell(6).waitForStatus("error");
  });

  it("interrupts a loop and keeps its names", async () => {
    await page.cell(7).startRun();
    await page.cell(7).waitForStatus("executing");
    await page.toolbar("Interrupt");
    await page.cell(7).waitForStatus("error");
    await page.cell(8).run();
    await page.cell(8).waitForOutput("2");
  });

  it("restarts: the names are gone", async () => {
    await workbench.command("Tenon: Restart Kernel");
    await page.cell(8).run();
    assert.equal(await page.cell(8).status(), "error");
    await page.cell(8).waitForOutput("Cannot find name 'rows'");
  });
});

describe("a figure in VS Code", function () {
  this.timeout(600_000);
  let workbench: Workbench;

  const cell =
    "display.plotly({ data: [{ y: [1, 3, 2], name: 'loss' }], layout: { title: { text: 'Loss' } } });";
  useWorkbench({
    files: { "plot.ipynb": notebookFile(cell) },
    ready: (opened) => {
      workbench = opened;
    },
  });

  it("draws a Plotly figure, in each theme", async () => {
    const plot = await workbench.openNotebook("plot.ipynb");
    await plot.cell(0).run();
    const output = await plot.cell(0).output();
    await output.locator("[data-drawn] .main-svg").first().waitFor();
    const buttons = output.locator(".modebar-btn");
    const names = await buttons.evaluateAll((all) =>
      all.map((each) => each.getAttribute("data-title") ?? ""),
    );
    assert.ok(names.some((name) => /PNG/.test(name)));
    assert.ok(!names.some((name) => /share|cloud/i.test(name)), names.join());
    for (const theme of ["dark", "high contrast", "light"] as const) {
      await workbench.setTheme(theme);
      await workbench.screenshot(`notebook-plotly-${theme.replace(" ", "-")}`);
    }
  });

  it("keeps its height when the window resizes", async () => {
    const figure = (await workbench.notebook().cell(0).output()).locator("[data-drawn] .main-svg").first();
    const size = async (): Promise<readonly (string | null)[]> => [
      await figure.getAttribute("width"),
      await figure.getAttribute("height"),
    ];
    const [width, height] = await size();
    assert.equal(height, "420");
    const { page } = workbench;
    const before = page.viewportSize();
    await page.setViewportSize({ width: 1000, height: 700 });
    await waitUntil("the figure to be narrower", async () => (await size())[0] !== width);
    assert.equal((await size())[1], height);
    if (before) await page.setViewportSize(before);
    await waitUntil("the figure to be as wide as before", async () => (await size())[0] === width);
    assert.equal((await size())[1], height);
  });
});
