import assert from "node:assert/strict";
import type { Cell, Column, Page } from "../../kernel/protocol.ts";
import { copiedText, dateText, numberText, shownText } from "../../webviews/data-viewer/cell-text.ts";
import { layoutColumns } from "../../webviews/data-viewer/column-layout.ts";
import { KernelRows } from "../../webviews/data-viewer/kernel-rows.ts";
import { dimensionsOf, isMatrix, pictures } from "../../webviews/data-viewer/matrix-shape.ts";
import type { PageQuery } from "../../webviews/data-viewer/protocol.ts";
import {
  contentHeight,
  isCapped,
  lastTop,
  rowHeight,
  scrollOf,
  topAt,
} from "../../webviews/data-viewer/scroll-position.ts";
import { isSelected, moved } from "../../webviews/data-viewer/selection.ts";
import { memoryText, ordered } from "../../webviews/variables/variable-order.ts";

describe("scroll position", () => {
  it("is pixel for pixel while browsers allow it", () => {
    const extent = { rowCount: 1000, viewport: 480 };
    assert.equal(contentHeight(1000), 24_000);
    assert.equal(topAt(240, extent), 10);
    assert.equal(Math.round(scrollOf(10, extent)), 240);
  });

  it("reaches the first and the last of a billion rows", () => {
    const extent = { rowCount: 1_000_000_000, viewport: 480 };
    assert.ok(isCapped(extent.rowCount));
    assert.ok(contentHeight(extent.rowCount) < 10_000_000);
    assert.equal(topAt(0, extent), 0);
    assert.equal(topAt(contentHeight(extent.rowCount) - 480, extent), 1_000_000_000 - 480 / rowHeight);
    for (const top of [0, 1, 123_456_789.5, lastTop(extent)])
      assert.ok(Math.abs(topAt(scrollOf(top, extent), extent) - top) < 1e-3);
  });

  it("stays at the top where all rows show", () => {
    assert.equal(topAt(50, { rowCount: 3, viewport: 480 }), 0);
    assert.equal(scrollOf(0, { rowCount: 0, viewport: 480 }), 0);
  });
});

describe("rows from the kernel", () => {
  const columns: Column[] = [{ name: "n", type: "number" }];
  const settled = async (): Promise<void> => await new Promise((resolve) => setTimeout(resolve, 5));
  const pageOf = ({ offset, limit }: PageQuery, rowCount: number): Page => ({
    columns,
    rowCount,
    totalRowCount: rowCount,
    offset,
    rows: Array.from({ length: Math.max(0, Math.min(limit, rowCount - offset)) }, (_, at): Cell[] => [
      offset + at,
    ]),
  });

  it("never asks for what was scrolled past", async () => {
    const asked: number[] = [];
    const waiting: (() => void)[] = [];
    const rows = new KernelRows(
      async (query) => {
        asked.push(query.offset);
        await new Promise<void>((resolve) => waiting.push(resolve));
        return pageOf(query, 3_000_000);
      },
      () => {},
      (error) => assert.fail(String(error)),
    );
    const answer = async (): Promise<void> => {
      for (const resolve of waiting.splice(0)) resolve();
      await settled();
    };
    rows.reorder({ sort: [], filters: [] });
    await answer();
    rows.want(0, 30);
    await answer();
    asked.length = 0;
    for (let first = 10_000; first <= 2_900_000; first += 10_000) rows.want(first, first + 30);
    while (waiting.length > 0) await answer();
    assert.ok(asked.length <= 6, `${asked.length} pages`);
    assert.deepEqual(rows.row(2_900_030), [2_900_030]);
  });

  it("drops answers to an older order", async () => {
    const rows = new KernelRows(
      async (query) => {
        const count = query.filters.length === 0 ? 10 : 3;
        await new Promise((resolve) => setTimeout(resolve, query.filters.length === 0 ? 20 : 1));
        return pageOf(query, count);
      },
      () => {},
      (error) => assert.fail(String(error)),
    );
    rows.reorder({ sort: [], filters: [] });
    rows.reorder({ sort: [], filters: [{ column: "n", op: "<", value: 3 }] });
    await new Promise((resolve) => setTimeout(resolve, 40));
    assert.equal(rows.rowCount, 3);
    assert.equal(rows.row(5), undefined);
  });

  it("notices that a cell changed the rows", async () => {
    let rowCount = 5;
    const rows = new KernelRows(
      async (query) => await Promise.resolve(pageOf(query, rowCount)),
      () => {},
      (error) => assert.fail(String(error)),
    );
    rows.reorder({ sort: [], filters: [] });
    await settled();
    assert.equal(await rows.refresh(0), false);
    rowCount = 6;
    assert.equal(await rows.refresh(0), true);
    assert.deepEqual(rows.row(5), [5]);
  });
});

describe("what cells show", () => {
  it("is short for the eye", () => {
    assert.equal(numberText(0.1 + 0.2), "0.3");
    assert.equal(numberText(123_456_789_012), "123456789012");
    assert.equal(dateText("2001-01-31T00:00:00.000Z"), "2001-01-31");
    assert.equal(dateText("2001-01-31T12:30:00.000Z"), "2001-01-31 12:30");
    assert.equal(dateText("2001-01-31T12:30:01.250Z"), "2001-01-31 12:30:01.250");
    assert.equal(dateText("Invalid Date"), "Invalid Date");
    assert.equal(shownText({ kind: "number", text: "NaN" }), "NaN");
  });

  it("is whole for the clipboard", () => {
    assert.equal(copiedText(0.1 + 0.2), "0.30000000000000004");
    assert.equal(copiedText(null), "");
    assert.equal(copiedText("a\tb\nc"), "a b c");
  });
});

describe("columns and selection", () => {
  it("puts pinned columns first and leaves hidden ones out", () => {
    const columns = ["a", "b", "c", "d"].map((name): Column => ({ name, type: "number" }));
    const layout = layoutColumns(columns, { pinned: ["c"], hidden: ["a"], widths: { c: 80 } });
    assert.deepEqual(
      layout.columns.map(({ column, index, left }) => [column.name, index, left]),
      [
        ["c", 2, 0],
        ["b", 1, 0],
        ["d", 3, layout.freeWidth / 2],
      ],
    );
    assert.equal(layout.pinnedWidth, 80);
  });

  it("moves within the grid and up to the header", () => {
    const size = { rowCount: 100, columnCount: 3, pageRows: 20 };
    const key = (name: string, ctrlKey = false): Parameters<typeof moved>[1] => ({
      key: name,
      ctrlKey,
      metaKey: false,
    });
    assert.deepEqual(moved({ row: 0, column: 1 }, key("ArrowUp"), size), { row: -1, column: 1 });
    assert.deepEqual(moved({ row: 95, column: 1 }, key("PageDown"), size), { row: 99, column: 1 });
    assert.deepEqual(moved({ row: 5, column: 0 }, key("End", true), size), { row: 99, column: 2 });
    assert.equal(moved({ row: 5, column: 0 }, key("x"), size), undefined);
    const selection = { anchor: { row: 3, column: 2 }, focus: { row: 1, column: 1 } };
    assert.ok(isSelected(selection, 2, 1));
    assert.ok(!isSelected(selection, 4, 1));
  });
});

describe("matrices", () => {
  const numbers = (count: number): Column[] =>
    Array.from({ length: count }, (_, index) => ({ name: String(index), type: "number" }));

  it("are told from tables, and stacks of pictures from single ones", () => {
    assert.ok(isMatrix(numbers(28)));
    assert.ok(!isMatrix([{ name: "distance", type: "number" }]));
    assert.deepEqual(dimensionsOf("60,000 × 28 × 28"), [60_000, 28, 28]);
    const picture = { count: 1, height: 2, width: 5, channels: 3, isPixelTable: true };
    assert.deepEqual(pictures("Tensor<uint8>", "2 × 5 × 3", 10, 3), picture);
    assert.deepEqual(pictures("Tensor<float32>", "7 × 28 × 28", 196, 28), {
      count: 7,
      height: 28,
      width: 28,
      channels: 1,
      isPixelTable: false,
    });
    assert.equal(pictures("unknown[]", "10", 10, 4).width, 4);
  });
});

describe("the order of variables", () => {
  const make = (name: string, bytes: number, shape: string) => ({
    name,
    path: [name],
    type: "number[]",
    shape,
    bytes,
    preview: "",
    expandable: true,
    pageable: true,
  });
  const variables = [make("a10", 5, "3 × 4"), make("a9", 7000, "1,000"), make("b", 1, "2")];
  const names = (sort: "name" | "bytes" | "shape", filter = ""): readonly string[] =>
    ordered(variables, { filter, sort: { column: sort, descending: false } }).map(({ name }) => name);

  it("is by numbers, not by their digits", () => {
    assert.deepEqual(names("name"), ["a9", "a10", "b"]);
    assert.deepEqual(names("bytes"), ["b", "a10", "a9"]);
    assert.deepEqual(names("shape"), ["b", "a10", "a9"]);
    assert.deepEqual(names("name", "A1"), ["a10"]);
    assert.deepEqual([0, 999, 1500, 25_000_000].map(memoryText), ["0 B", "999 B", "1.5 kB", "25 MB"]);
  });
});
