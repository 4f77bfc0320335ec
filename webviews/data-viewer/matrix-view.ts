/** @file The view of a matrix: reads one picture's rows from the kernel and draws it; a slider chooses among a stack's. */
import type { Cell } from "../../kernel/protocol.ts";
import { element } from "../frame/element.ts";
import { drawHeatMap, mostSide } from "./heat-map.ts";
import type { PictureStack } from "./matrix-shape.ts";
import type { Text } from "./texts.ts";

/** Rows from the kernel. */
export type ReadRows = (offset: number, limit: number) => Promise<readonly (readonly Cell[])[]>;

const rowsPerQuestion = 1000;

export class MatrixView {
  readonly element = element("div", { class: "matrix" });
  readonly #read: ReadRows;
  readonly #text: Text;
  readonly #stack: PictureStack;
  readonly #place = element("div", { class: "picture" });
  readonly #onError: (error: unknown) => void;
  #turn = 0;

  constructor(stack: PictureStack, read: ReadRows, text: Text, onError: (error: unknown) => void) {
    this.#stack = stack;
    this.#read = read;
    this.#text = text;
    this.#onError = onError;
    const { height, width } = stack;
    const notes =
      height > mostSide || width > mostSide
        ? [element("p", { class: "note", text: text("heatMapPart", String(mostSide)) })]
        : [];
    this.element.append(...(stack.count > 1 ? [this.#slider()] : []), ...notes, this.#place);
    this.#show(0);
  }

  #slider(): HTMLElement {
    const last = this.#stack.count - 1;
    const shown = element("output", { text: `0 / ${last.toLocaleString()}` });
    const slider = element("input", {
      attributes: { type: "range", min: 0, max: last, value: 0, "aria-label": this.#text("index") },
    });
    slider.addEventListener("input", () => {
      shown.textContent = `${Number(slider.value).toLocaleString()} / ${last.toLocaleString()}`;
      this.#show(Number(slider.value));
    });
    return element("div", {
      class: "slider",
      children: [element("span", { text: this.#text("index") }), slider, shown],
    });
  }

  #show(index: number): void {
    this.#draw(index).catch(this.#onError);
  }

  async #draw(index: number): Promise<void> {
    const turn = ++this.#turn;
    const { channels } = this.#stack;
    const height = Math.min(this.#stack.height, mostSide);
    const width = Math.min(this.#stack.width, mostSide);
    const values = new Float64Array(height * width * channels).fill(Number.NaN);
    const { isPixelTable } = this.#stack;
    const rowsOfPicture = isPixelTable ? this.#stack.width : 1;
    const first = index * this.#stack.height * rowsOfPicture;
    const count = height * rowsOfPicture;
    for (let offset = 0; offset < count; offset += rowsPerQuestion) {
      const rows = await this.#read(first + offset, Math.min(rowsPerQuestion, count - offset));
      // Another picture was chosen meanwhile.
      if (turn !== this.#turn) return;
      for (const [place, row] of rows.entries()) {
        const line = Math.floor((offset + place) / rowsOfPicture);
        const column = (offset + place) % rowsOfPicture;
        if (column >= width) continue;
        const start = line * width * channels + (isPixelTable ? column * channels : 0);
        const most = isPixelTable ? channels : width;
        for (const [at, cell] of row.slice(0, most).entries()) values[start + at] = numberOf(cell);
      }
    }
    drawHeatMap(this.#place, { values, shape: { ...this.#stack, height, width } }, this.#text);
  }
}

/** What has no number in JSON, such as -0 and infinities, comes as text. */
function numberOf(cell: Cell): number {
  if (typeof cell === "number") return cell;
  return typeof cell === "object" && cell?.kind === "number" ? Number(cell.text) : Number.NaN;
}
