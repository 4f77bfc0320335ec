/** @file Widgets as a person uses them, in VS Code's window: the sample, two views, binary state, bad days. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { AxeResults } from "axe-core";
import type { Locator } from "playwright-core";
import { requireChromium } from "../../support/chromium.ts";
import { repositoryRoot } from "../../support/repository.ts";
import { parseNotebook } from "../../../jupyter/notebook-file.ts";
import { code, notebookFile } from "../support/notebook-file.ts";
import type { NotebookPage } from "../support/notebook-page.ts";
import { waitUntil } from "../support/wait-until.ts";
import { Workbench } from "../support/workbench.ts";

const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const sample = readFileSync(join(repositoryRoot, "samples/extras/anywidget-counter.ipynb"));

const slider = `const slider = widget({
  state: { value: 20 },
  esm: \`export default () => ({
    initialize({ model }) { model.doubled = () => model.get("value") * 2; },
    render({ model, el, signal }) {
      const input = Object.assign(document.createElement("input"), { type: "range", min: 0, max: 100 });
      input.setAttribute("aria-label", "value");
      const text = document.createElement("output");
      const show = () => { input.value = model.get("value"); text.textContent = "value " + model.get("value"); };
      input.addEventListener("input", () => { model.set("value", Number(input.value)); model.save_changes(); }, { signal });
      model.on("change:value", show);
      show();
      el.append(input, text);
      return () => el.replaceChildren();
    },
  })\`,
});
slider.on("change:value", (value) => { if (value === 30) console.log("heard " + value); });
slider`;
const bytes = `const bytes = widget({
  state: { data: new Uint8Array([1, 2, 3]) as Uint8Array | DataView },
  esm: \`export default {
    render({ model, el }) {
      const sum = () => {
        const { buffer, byteOffset, byteLength } = model.get("data");
        return new Uint8Array(buffer, byteOffset, byteLength).reduce((total, byte) => total + byte, 0);
      };
      const button = document.createElement("button");
      const show = () => (button.textContent = "sum " + sum());
      button.onclick = () => { model.set("data", new Uint8Array([100, 200])); model.save_changes(); };
      model.on("change:data", show);
      model.on("msg:custom", (content, [first]) => (button.textContent = content.say + " " + first.getUint8(0)));
      show();
      el.append(button);
    },
  }\`,
});
bytes`;
const broken = `widget({ state: {}, esm: \`export default {
  render({ el }) {
    el.textContent = "before";
    throw new RangeError("no such thing");
  },
}\` })`;

const old = notebookFile(
  code("counter", [
    {
      output_type: "execute_result",
      data: {
        "application/vnd.jupyter.widget-view+json": {
          version_major: 2,
          version_minor: 0,
          model_id: "old",
        },
        "text/plain": "Widget {count: 0}",
      },
      metadata: {},
      execution_count: 1,
    },
  ]),
);

describe("widgets in VS Code", function () {
  this.timeout(600_000);
  let workbench: Workbench;
  let page: NotebookPage;
  before(async function () {
    requireChromium(this);
    workbench = await Workbench.open({
      files: {
        "counter.ipynb": sample,
        "widgets.ipynb": notebookFile(
          slider,
          "slider.set({ value: 65 }); slider",
          "while (slider.get('value') !== 45) await new Promise((done) => setTimeout(done, 50)); 'seen'",
          bytes,
          "const data = bytes.get('data'); [data.constructor.name, data.byteLength, new Uint8Array(data.buffer, data.byteOffset, data.byteLength).join()].join(' ')",
          "bytes.set({ data: new Uint8Array([5]) }); bytes.send({ say: 'hello' }, [new Uint8Array([7])])",
          broken,
        ),
        "old.ipynb": old,
      },
    });
  });
  after(async () => await workbench?.close());

  const button = async (cell: number): Promise<Locator> => (await page.cell(cell).output()).locator("button");
  const says = async (where: Locator, text: string): Promise<void> =>
    await where.getByText(text, { exact: true }).first().waitFor();
  const screenshots = async (name: string): Promise<void> => {
    for (const theme of ["dark", "high contrast", "light"] as const) {
      await workbench.setTheme(theme);
      await workbench.screenshot(`${name}-${theme.replace(" ", "-")}`);
    }
  };
  const violations = async (): Promise<readonly string[]> => {
    const body = page.outputs.locator("body");
    await body.evaluate(axeSource);
    const results = await body.evaluate(
      async () =>
        // SAFETY: axe, as evaluated above.
        await (globalThis as unknown as { axe: { run: (what: string) => Promise<AxeResults> } }).axe.run(
          ".tenon-widget-view",
        ),
    );
    return results.violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
  };

  it("the sample: a click reaches the kernel, and what the kernel sets shows", async () => {
    page = await workbench.openNotebook("counter.ipynb");
    await page.cell(1).run();
    const output = await page.cell(1).output();
    await output.getByRole("button", { name: "count is 0" }).click();
    await says(output, "count is 1");
    await output.getByText("from 0 to 1").waitFor();
    await page.cell(3).run();
    await says(await page.cell(1).output(), "count is 100");
    await (await button(1)).click();
    await (await page.cell(1).output()).getByText("from 100 to 110").waitFor();
    assert.deepEqual(await violations(), []);
    await screenshots("widget");
  });

  it("stays live when its tab goes to the background and comes back", async () => {
    await workbench.openFile("widgets.ipynb");
    await workbench.openFile("counter.ipynb");
    page = workbench.notebook();
    await page.shows();
    const output = await page.cell(1).output();
    await output.getByRole("button", { name: "count is 110" }).click();
    await output.getByText("from 110 to 120").waitFor();
  });

  it("stays live when the window is loaded anew", async () => {
    await page.cell(3).run();
    await says(await page.cell(1).output(), "count is 100");
    await page.save();
    await workbench.reload();
    page = await workbench.openNotebook("counter.ipynb");
    // Its state is asked of the kernel: the file has the text of the first state only.
    const output = await page.cell(1).output();
    await output.getByRole("button", { name: "count is 100" }).click();
    await says(output, "count is 110");
    // What the widget's listener changes in the notebook is found again as well.
    await output.getByText("from 100 to 110").waitFor();
    await page.cell(3).run();
    await says(await page.cell(1).output(), "count is 100");
    await (await button(1)).click();
    await (await page.cell(1).output()).getByText("from 100 to 110").waitFor();
    assert.equal(workbench.server.kernels().length, 1);
    // It runs for a moment as its output is changed, and looks as before then.
    await page.cell(1).waitForStatus("success");
    await workbench.screenshot("widget-after-reload");
  });

  it("is saved as Jupyter's widget view, with its text", async () => {
    await page.save();
    const saved = readFileSync(join(workbench.workspace, "counter.ipynb"), "utf8");
    const cell = parseNotebook(saved).cells[1];
    const output = cell?.cell_type === "code" ? cell.outputs.at(-1) : undefined;
    assert.ok(output?.output_type === "execute_result");
    assert.deepEqual(output.data["text/plain"], ["Widget {count: 0, step: 1}"]);
    assert.deepEqual(Object.keys(Object(output.data["application/vnd.jupyter.widget-view+json"])), [
      "model_id",
      "version_major",
      "version_minor",
    ]);
  });

  it("two views of one model move together", async () => {
    page = await workbench.openNotebook("widgets.ipynb");
    await page.cell(0).run();
    await page.cell(1).run();
    const [first, second] = [await page.cell(0).output(), await page.cell(1).output()];
    await says(first, "value 65");
    await says(second, "value 65");
    await second.getByRole("slider").fill("30");
    await says(first, "value 30");
    await says(first, "heard 30");
  });

  it("answers while a cell awaits, and a slider that is dragged ends where it was left", async () => {
    await page.cell(2).startRun();
    await page.cell(2).waitForStatus("executing");
    const first = await page.cell(0).output();
    const input = first.getByRole("slider");
    await input.focus();
    for (let step = 0; step < 15; step += 1) await input.press("ArrowRight");
    await says(await page.cell(1).output(), "value 45");
    await page.waitForIdle();
    assert.equal(await page.cell(2).outputText(), "'seen'");
    await says(await page.cell(0).output(), "value 45");
  });

  it("two editors on one notebook both follow", async () => {
    await workbench.command("View: Split Editor Right");
    const editors = workbench.page.locator(".notebookOverlay").filter({ visible: true });
    await waitUntil("a second editor", async () => (await editors.count()) === 2);
    const outputs = (at: number) =>
      editors
        .nth(at)
        .locator(".monaco-list-rows iframe.webview.ready")
        .contentFrame()
        .frameLocator("#active-frame");
    for (const at of [0, 1]) await outputs(at).getByText("value 45").first().waitFor();
    await outputs(1).getByRole("slider").first().fill("80");
    for (const at of [0, 1]) await outputs(at).getByText("value 80").first().waitFor();
    await workbench.screenshot("widget-two-editors");
    await workbench.command("View: Close Editor");
    page = workbench.notebook();
  });

  it("a restart says that the kernel is gone", async () => {
    await page.toolbar("Restart");
    const output = await page.cell(0).output();
    await says(output, "The kernel that this widget belonged to is gone. Run the cell again.");
    assert.equal(await output.getByRole("slider").count(), 0);
    assert.deepEqual(await violations(), []);
    await screenshots("widget-gone");
    await page.cell(0).run();
    await says(await page.cell(0).output(), "value 20");
  });

  it("binary state and messages go both ways", async () => {
    await page.cell(3).run();
    // Its output lies below the window otherwise.
    await page.cell(4).reveal();
    const output = await page.cell(3).output();
    await output.getByRole("button", { name: "sum 6" }).click();
    await says(output, "sum 300");
    await page.cell(4).run();
    assert.equal(await page.cell(4).outputText(), "'DataView 2 100,200'");
    await page.cell(5).run();
    await says(await page.cell(3).output(), "hello 7");
  });

  it("says what fails in the widget's own code, and where", async () => {
    await page.cell(6).run();
    const output = await page.cell(6).output();
    await says(output, "The widget's own code failed:");
    await output.getByText("RangeError: no such thing").waitFor();
    await output.getByText(/widget\.js:4/).waitFor();
    await workbench.page.mouse.wheel(0, 2000);
    await screenshots("widget-error");
  });

  it("a notebook from a file says it as well", async () => {
    page = await workbench.openNotebook("old.ipynb");
    await says(
      await page.cell(0).output(),
      "The kernel that this widget belonged to is gone. Run the cell again.",
    );
  });
});

describe("widgets in a folder that is not trusted", function () {
  this.timeout(600_000);
  let workbench: Workbench;
  before(async function () {
    requireChromium(this);
    workbench = await Workbench.open({ files: { "old.ipynb": old }, trusted: false });
  });
  after(async () => await workbench?.close());

  it("are not loaded, and say why", async () => {
    const page = await workbench.openNotebook("old.ipynb");
    await page.cell(0).waitForOutput("Nothing runs in this folder until you trust it.");
    await workbench.screenshot("widget-untrusted");
  });
});
