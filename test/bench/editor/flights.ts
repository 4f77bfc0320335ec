/** @file 3,000,000 flights in DuckDB: looked at in the data viewer's window, in the kernel alone, and by pandas. */
import { join } from "node:path";
import type { FrameLocator } from "playwright-core";
import { VariablesClient } from "../../../extension/data/variables-client.ts";
import { startKernel } from "../../kernel/kernel-fixture.ts";
import { repositoryRoot } from "../../support/repository.ts";
import type { Workbench } from "../../extension/support/workbench.ts";
import type { CaseName, RecordValue } from "./cases.ts";
import type { PeerAction, PythonPeer } from "./python-peer.ts";
import { type Sight, timeToSight } from "./stopwatch.ts";

const file = join(repositoryRoot, "node_modules/vega-datasets/data/flights-3m.parquet");

/** The cell that opens the table. */
export const flightsCell = `import { openDatabase, sqlText } from "tenon/data";
const db = await openDatabase({ memoryLimit: "1GB" });
const flights = await db.relation("FROM " + sqlText(${JSON.stringify(file)}));`;

/** Opens the data viewer on the table. */
export async function openFlights(workbench: Workbench, notebook: string): Promise<FrameLocator> {
  const page = await workbench.openNotebook(notebook);
  await page.cell(0).run();
  await workbench.page.locator(".activitybar").getByRole("tab", { name: "Tenon" }).click();
  const view = await workbench.webview("Variables");
  const label = view.locator(".label").getByText("flights", { exact: true });
  await view.locator(".rows .row").filter({ has: label }).getByRole("button").click();
  const table = await workbench.webview("3,000,000 rows");
  await table.getByText("3,000,000 rows", { exact: true }).waitFor();
  return table;
}

/** One round in the window. */
export async function measureViewer(
  workbench: Workbench,
  table: FrameLocator,
  record: RecordValue,
): Promise<void> {
  const body = table.locator("body");
  const time = async (name: CaseName, sight: Sight, act: () => Promise<void>): Promise<void> =>
    record(name, "tenon", await timeToSight(body, body, sight, act));
  const column = (name: string) => table.locator(".column", { hasText: name });
  const first = table.locator("#cell-0-2");
  // Statistics that are still being made would take part.
  await column("distance").locator(".histogram").waitFor();
  await column("origin").locator(".top").first().waitFor();
  await table.locator("#cell-0-0").click();
  await time("page", { selector: '.row:not(.loading) [id="cell-2999999-4"]', text: "" }, async () => {
    await workbench.page.keyboard.press("Control+End");
  });
  await workbench.page.keyboard.press("Control+Home");
  await first.waitFor();
  const unsorted = await first.innerText();
  const clear = async (): Promise<void> => {
    await table.getByRole("button", { name: "Clear Filters and Order" }).click();
    await table.getByText("3,000,000 rows", { exact: true }).waitFor();
    await first.getByText(unsorted, { exact: true }).waitFor();
  };
  await time(
    "sort",
    { selector: '.row:not(.loading) [id="cell-0-2"]', text: unsorted, isOther: true },
    async () => await column("distance").locator(".name").click(),
  );
  await clear();
  await column("origin")
    .getByRole("button", { name: /Filter and/ })
    .click();
  await table.locator(".panel input").fill("ORD");
  await time(
    "filter",
    { selector: ".row-count", text: "of 3,000,000 rows" },
    async () => await table.locator(".panel input").press("Enter"),
  );
  await workbench.page.keyboard.press("Escape");
}

/** One round in the kernel alone, by what the window asks it, and the same work by pandas in memory. */
export async function measureFlightsKernel(
  python: PythonPeer,
  rounds: number,
  record: RecordValue,
): Promise<void> {
  const kernel = await startKernel({ directory: repositoryRoot });
  try {
    const variables = new VariablesClient(kernel.client);
    await variables.connect();
    await python.time("load", file);
    const path = ["flights"];
    const top = { offset: 0, limit: 100, sort: [], filters: [] };
    const chicago = { column: "origin", op: "contains" as const, value: "ORD" };
    const questions: readonly (readonly [CaseName, PeerAction, () => Promise<unknown>])[] = [
      ["kernelPage", "page", async () => await variables.page(path, { ...top, offset: 2_999_900 })],
      [
        "kernelSort",
        "sort",
        async () => await variables.page(path, { ...top, sort: [{ column: "distance", descending: false }] }),
      ],
      ["kernelFilter", "filter", async () => await variables.page(path, { ...top, filters: [chicago] })],
      [
        "kernelProfile",
        "profile",
        async () => await variables.profile(path, { columns: ["distance"], filters: [] }),
      ],
    ];
    for (let round = 0; round < rounds; round += 1) {
      // A relation remembers its last order and counts: each round has a new one.
      const reply = await kernel.client.execute(flightsCell).reply;
      if (reply.status !== "ok") throw new Error("the flights could not be opened");
      for (const [name, action, ask] of questions) {
        const start = performance.now();
        await ask();
        record(name, "tenon", performance.now() - start);
        record(name, "pandas", await python.time(action));
      }
    }
  } finally {
    await kernel.stop();
  }
}
