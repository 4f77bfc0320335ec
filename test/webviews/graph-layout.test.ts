import assert from "node:assert/strict";
import { graphLayout } from "../../webviews/notebook-graph/graph-layout.ts";
import type { GraphEdge } from "../../webviews/notebook-graph/protocol.ts";
import { cellSize } from "../../webviews/notebook-graph/layered-layout.ts";

const layout = (ids: readonly string[], edges: readonly GraphEdge[]) => graphLayout(ids, edges, 640);
const edge = (from: string, to: string) => ({ from, to, names: [from] });

describe("the layout of a notebook's graph", () => {
  it("puts each cell below those that it uses, without overlaps", () => {
    const ids = "abcdefgh".split("");
    const edges = [
      ["a", "b"],
      ["a", "c"],
      ["b", "d"],
      ["c", "d"],
      ["a", "e"],
      ["d", "e"],
      ["f", "e"],
    ].map(([from = "", to = ""]) => edge(from, to));
    const { cells, edges: placed, width, height } = layout(ids, edges);
    assert.equal(cells.size, ids.length);
    for (const { from, to, points } of placed) {
      assert.ok((cells.get(from)?.y ?? 0) < (cells.get(to)?.y ?? 0), `${from} above ${to}`);
      const heights = points.map(({ y }) => y);
      assert.deepEqual(
        heights,
        heights.toSorted((a, b) => a - b),
        "edges go down",
      );
    }
    const places = [...cells.values()];
    for (const [index, one] of places.entries()) {
      assert.ok(one.x >= cellSize.width / 2 && one.x <= width - cellSize.width / 2);
      assert.ok(one.y >= cellSize.height / 2 && one.y <= height - cellSize.height / 2);
      for (const other of places.slice(index + 1)) {
        const apart =
          Math.abs(one.x - other.x) >= cellSize.width || Math.abs(one.y - other.y) >= cellSize.height;
        assert.ok(apart, "cells overlap");
      }
    }
  });

  it("crosses no edges where that can be avoided", () => {
    const edges = [edge("a", "y"), edge("b", "x"), edge("a", "z"), edge("b", "z")];
    const { cells } = layout("abxyz".split(""), edges);
    const x = (id: string): number => cells.get(id)?.x ?? 0;
    assert.equal(Math.sign(x("a") - x("b")), Math.sign(x("y") - x("x")));
    assert.equal(Math.sign(x("a") - x("b")), Math.sign(x("z") - x("x")));
    assert.equal(Math.sign(x("a") - x("b")), Math.sign(x("y") - x("z")));
  });

  it("of a notebook with no cells, or none that are linked, is small", () => {
    assert.equal(layout([], []).cells.size, 0);
    const { cells, width } = layout("abcdefg".split(""), []);
    assert.equal(cells.size, 7);
    assert.ok(width < 4 * cellSize.width);
  });

  it("puts what does not hang together side by side as far as the page is wide, else below", () => {
    const { cells, width } = layout("abcdefgh".split(""), [edge("a", "b"), edge("c", "d"), edge("e", "f")]);
    const y = (id: string): number => cells.get(id)?.y ?? 0;
    assert.equal(y("a"), y("c"));
    assert.ok(y("g") > y("b"), "single cells come last");
    assert.ok(width <= 640);
    assert.ok(graphLayout(["a", "b"], [], 0).width < 3 * cellSize.width, "a narrow page");
  });

  it("of 500 cells that all use the first shares the way-points", () => {
    const ids = Array.from({ length: 500 }, (_, index) => `${index}`);
    const edges = ids
      .slice(1)
      .flatMap((id, index) => (index === 0 ? [edge("0", id)] : [edge("0", id), edge(`${index}`, id)]));
    const { edges: placed } = layout(ids, edges);
    const points = new Set(placed.flatMap(({ points }) => points.map(({ x, y }) => `${x},${y}`)));
    assert.ok(points.size < 2000, `${points.size} places`);
  });
});
