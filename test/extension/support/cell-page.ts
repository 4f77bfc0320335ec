/** @file One cell of the notebook in front, as a person uses it. */
import { setTimeout as delay } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import type { FrameLocator, Locator, Page } from "playwright-core";
import { waitUntil } from "./wait-until.ts";

/** What a cell's status bar says of its run. */
export type CellStatus = "none" | "pending" | "executing" | "success" | "error";

interface Box {
  readonly y: number;
  readonly height: number;
}

/** An output's element, and where its row and itself begin. */
interface PlacedOutput {
  readonly id: string;
  readonly row: number;
  readonly y: number;
}

/** Where an element of the window is now; undefined where it is not, for the list takes rows away at any moment. */
async function boxNow(locator: Locator): Promise<Box | undefined> {
  return await locator.evaluateAll((elements) => {
    const rect = elements[0]?.getBoundingClientRect();
    return rect && { y: rect.y, height: rect.height };
  });
}

const runPatience = 120_000;
/** Milliseconds in which it shows that the list moves. */
const settling = 200;
/** Pixels that a notch of the wheel scrolls. */
const notchHeight = 50;
const statuses: readonly CellStatus[] = ["pending", "executing", "success", "error"];

export class CellPage {
  readonly index: number;
  /** The cell's row in the list; it is there only while it is in sight. */
  readonly row: Locator;
  readonly #page: Page;
  readonly #outputs: FrameLocator;
  readonly #list: Locator;

  constructor(page: Page, list: Locator, outputs: FrameLocator, index: number) {
    this.#page = page;
    this.#list = list;
    this.#outputs = outputs;
    this.index = index;
    this.row = list.locator(`.monaco-list-row[role="listitem"][data-index="${index}"]`);
  }

  /** Scrolls the cell into sight. */
  async reveal(): Promise<void> {
    await waitUntil(`cell ${this.index} to come into sight`, async () => {
      const distance = await this.#distanceFromSight();
      if (distance === 0) return true;
      if (distance !== undefined) await this.#scroll(distance);
      return false;
    });
  }

  /** Makes the cell the one that commands are about, without editing it. */
  async select(): Promise<void> {
    await this.reveal();
    const editor = this.row.locator(".monaco-editor .view-lines").first();
    if (await editor.isVisible()) {
      // Not by the bar on its left, which folds the cell.
      await editor.click({ position: { x: 2, y: 4 } });
      await this.#page.keyboard.press("Escape");
    } else {
      const described = (await this.row.getAttribute("aria-describedby")) ?? "";
      await this.#outputs.locator(`[id="${described.replace("aria-markup-cell-", "")}"]`).click();
    }
    await this.row.and(this.#page.locator(".focused")).waitFor({ state: "attached" });
  }

  /** Presses the cell's run button, and waits until the run has ended. */
  async run(): Promise<void> {
    await this.reveal();
    const count = await this.executionCount();
    // A run can be too short to be seen, and a new kernel can count to the same number again.
    let hasStarted = (await this.status()) === "none";
    await this.startRun();
    await waitUntil(
      `cell ${this.index} to have run`,
      async () => {
        const state = await this.#state();
        if (state === undefined) return false;
        const { count: now, status } = state;
        hasStarted ||= now !== count || status === "executing" || status === "pending";
        return hasStarted && /^\d+$/.test(now) && (status === "success" || status === "error");
      },
      runPatience,
    );
  }

  /** Presses the cell's run button. */
  async startRun(): Promise<void> {
    await this.select();
    await this.row.locator(".run-button-container .codicon-notebook-execute").click();
  }

  /** Presses a button of the cell's toolbar, by the beginning of its name. */
  async action(name: string): Promise<void> {
    await this.select();
    await this.row.hover();
    await this.row.locator(`a.action-label[aria-label^="${name}"]`).first().click();
  }

  /** Replaces the cell's text by typing. */
  async edit(text: string): Promise<void> {
    await this.reveal();
    await this.row.locator(".monaco-editor .view-lines").first().click();
    await this.row.locator(".monaco-editor.focused").waitFor();
    await this.#page.keyboard.press("ControlOrMeta+a");
    await this.#page.keyboard.insertText(text);
  }

  /** The text of the cell's editor, as far as it is in sight. */
  async text(): Promise<string> {
    const lines = await this.row.locator(".view-lines .view-line").evaluateAll((elements) =>
      elements.map((line) => ({
        top: line instanceof HTMLElement ? Number.parseFloat(line.style.top) : 0,
        text: line.textContent,
      })),
    );
    return lines
      .sort((a, b) => a.top - b.top)
      .map(({ text }) => text.replaceAll("\u00a0", " "))
      .join("\n");
  }

  /** What stands in the brackets beside the cell: a number, `*`, or nothing. */
  async executionCount(): Promise<string> {
    await this.row.first().waitFor({ state: "attached" });
    return (await this.#state())?.count ?? "";
  }

  /** What the cell's status bar says of its run; "none" where the cell is out of sight. */
  async status(): Promise<CellStatus> {
    return (await this.#state())?.status ?? "none";
  }

  /** Both at one moment: a short run shows for half a second, and a window that is busy answers slowly. */
  async #state(): Promise<{ readonly count: string; readonly status: CellStatus } | undefined> {
    const found = await this.row.evaluateAll(([row]) =>
      row === undefined
        ? undefined
        : {
            label: row.querySelector(".execution-count-label")?.textContent ?? "",
            icons: [...row.querySelectorAll(".cell-status-item .codicon")].map((icon) => icon.className),
          },
    );
    if (found === undefined) return undefined;
    const icons = found.icons.join(" ");
    const status = statuses.find((each) => icons.includes(`codicon-notebook-state-${each}`)) ?? "none";
    return { count: found.label.replaceAll(/[[\]\s]/g, ""), status };
  }

  /** Waits for a status, and for the cell to come into sight. */
  async waitForStatus(status: CellStatus, patience = runPatience): Promise<void> {
    await this.reveal();
    await waitUntil(
      `cell ${this.index} to be "${status}"`,
      async () => (await this.status()) === status,
      patience,
    );
  }

  /** The items of the cell's status bar, as text. */
  async statusBar(): Promise<readonly string[]> {
    return await this.row.locator(".cell-status-item").allInnerTexts();
  }

  /** Waits for the cell's outputs, and returns their place in the page of outputs. */
  async output(): Promise<Locator> {
    let found: PlacedOutput | undefined;
    await waitUntil(`an output of cell ${this.index}`, async () => {
      await this.reveal();
      const before = await this.#placedOutput();
      if (before === undefined) {
        await this.#scrollToTop();
        return false;
      }
      // Outputs above it that have just been drawn move the list and the page of outputs, one after the other.
      await delay(settling);
      found = await this.#placedOutput();
      return isDeepStrictEqual(found, before);
    });
    return this.#outputs.locator(`[id="${found?.id ?? ""}"]`);
  }

  /** The text of the cell's outputs. */
  async outputText(): Promise<string> {
    return (await (await this.output()).innerText()).trimEnd();
  }

  /** Waits until the cell's outputs hold a text. */
  async waitForOutput(text: string): Promise<void> {
    const output = await this.output();
    await output.getByText(text).first().waitFor({ state: "attached" });
  }

  /** The page of outputs knows cells by ids that the list doesn't show: what lies under a row belongs to it. */
  async #placedOutput(): Promise<PlacedOutput | undefined> {
    const row = await boxNow(this.row);
    if (row === undefined) return undefined;
    const next = this.#list.locator(`.monaco-list-row[role="listitem"][data-index="${this.index + 1}"]`);
    const end = (await boxNow(next))?.y ?? Infinity;
    const top = (await this.#outputs.locator("body").boundingBox())?.y;
    const outputs = await this.#outputs.locator(".cell_container").evaluateAll((containers) =>
      containers.flatMap((container) => {
        const rect = container.querySelector(".output_container")?.getBoundingClientRect();
        const from = document.body.getBoundingClientRect().top;
        return rect === undefined || rect.height === 0 ? [] : [{ id: container.id, y: rect.top - from }];
      }),
    );
    // Scrolling meanwhile would put another cell's output there.
    if (top === undefined || (await boxNow(this.row))?.y !== row.y) return undefined;
    const output = outputs.find(({ y }) => top + y >= row.y && top + y < end);
    return output && { id: output.id, row: row.y, y: top + output.y };
  }

  /** Outputs are drawn when they come into sight, and they lie below the cell. */
  async #scrollToTop(): Promise<void> {
    const [row, list] = await Promise.all([boxNow(this.row), boxNow(this.#list)]);
    if (row === undefined || list === undefined || row.y - list.y < 100) return;
    await this.#scroll(notchHeight);
  }

  /** Turns the wheel over the list's left edge, where no editor or output would take it: VS Code scrolls by notches. */
  async #scroll(distance: number): Promise<void> {
    await this.#list.hover({ position: { x: 8, y: 100 } });
    for (let notch = 0; notch < Math.abs(distance) / notchHeight; notch += 1)
      await this.#page.mouse.wheel(0, distance);
  }

  /** How far to scroll for the cell to be in sight: 0 where it is; undefined where the list shows nothing yet. */
  async #distanceFromSight(): Promise<number | undefined> {
    return await this.#list.evaluateAll(([list], index) => {
      const rows = [...(list?.querySelectorAll('.monaco-list-row[role="listitem"]') ?? [])];
      const [first] = rows;
      if (list === undefined || first === undefined) return undefined;
      const { top, height } = list.getBoundingClientRect();
      const row = rows.find((each) => each.getAttribute("data-index") === String(index));
      // Not by all that is in sight: a cell that has never been drawn may have been thought taller.
      if (row === undefined) return (Number(first.getAttribute("data-index")) < index ? 0.7 : -0.7) * height;
      const place = row.getBoundingClientRect().top - top;
      return place >= -1 && place + 40 <= height ? 0 : place - height / 4;
    }, this.index);
  }
}
