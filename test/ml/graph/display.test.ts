import assert from "node:assert/strict";
import * as v from "valibot";
import { objectScope } from "../../../kernel/child/variables/scope.ts";
import { VariableService } from "../../../kernel/child/variables/variable-service.ts";
import { pageSchema } from "../../../kernel/protocol.ts";
import { renderValue } from "../../../kernel/child/rich/index.ts";
import * as g from "../../../ml/graph/index.ts";
import { Tensor } from "../../../ml/graph/index.ts";
import { input } from "../../../ml/graph/value.ts";
import { pageable, type Pageable } from "../../../ml/pageable.ts";

async function shown(x: Tensor): Promise<{ text: string; html: string }> {
  const bundle = await renderValue(x, { warn: (message) => assert.fail(message) });
  return { text: String(bundle["text/plain"]), html: String(bundle["text/html"]) };
}

describe("a tensor in a notebook", () => {
  it("is computed and printed in brackets, as NumPy prints", async () => {
    const { text } = await shown(
      g
        .tensor([
          [1, 2.5],
          [-3.25, 100],
        ])
        .mul(2),
    );
    assert.equal(text, "Tensor float32 [2 × 2]\n[[  2.0,   5.0],\n [ -6.5, 200.0]]");
  });

  it("whole floats, integers, bools, halves and scalars", async () => {
    assert.equal((await shown(g.tensor([1, 2, 3]))).text, "Tensor float32 [3]\n[1., 2., 3.]");
    assert.equal((await shown(g.tensor([1, -2], "int64"))).text, "Tensor int64 [2]\n[ 1, -2]");
    assert.equal((await shown(g.tensor([1, 0], "bool"))).text, "Tensor bool [2]\n[ true, false]");
    assert.equal((await shown(g.tensor([1.5], "float16"))).text, "Tensor float16 [1]\n[1.5]");
    assert.equal((await shown(g.tensor(3))).text, "Tensor float32 scalar\n3.");
    assert.equal((await shown(g.zeros([0, 3]))).text, "Tensor float32 [0 × 3]\n[]");
  });

  it("numbers of very different sizes have exponents; what is no number has its name", async () => {
    assert.equal(
      (await shown(g.tensor([1e-7, 1, NaN, -Infinity]))).text,
      "Tensor float32 [4]\n[1.0000e-7, 1.0000e+0,       nan,      -inf]",
    );
  });

  it("more axes stand in blocks; of long ones both ends are shown", async () => {
    const cube = await shown(g.arange(8).reshape([2, 2, 2]));
    assert.equal(
      cube.text,
      "Tensor float32 [2 × 2 × 2]\n[[[0., 1.],\n  [2., 3.]],\n\n [[4., 5.],\n  [6., 7.]]]",
    );
    const { text, html } = await shown(g.arange(1_000_000).reshape([1000, 1000]));
    assert.match(text, /^Tensor float32 \[1000 × 1000\]\n\[\[ +0\., +1\., +2\., \.\.\., +997\./);
    assert.ok(text.length < 1000 && html.length < 30_000, "bounded");
    assert.match(html, /⋮/);
    assert.match(html, />999999\.</);
  });

  it("as a table for two axes, without colours of its own", async () => {
    const { html } = await shown(
      g.tensor([
        [1, 2],
        [3, 4],
      ]),
    );
    assert.equal([...html.matchAll(/<td/g)].length, 4);
    assert.doesNotMatch(html, /color|background/);
  });

  it("what needs an input says so", async () => {
    const { text } = await shown(new Tensor(input("x", "float32", ["batch", 3])).mul(2));
    assert.match(text, /^Tensor float32 \[batch × 3\]\nnot computed: .*"x"/);
  });

  it("text is escaped", async () => {
    const { html } = await shown(g.fromData("string", ["<b>"], [1]));
    assert.ok(html.includes("&lt;b&gt;") && !html.includes('<b>"') && !html.includes('"<b>'));
  });
});

describe("a tensor in the data viewer", () => {
  const table = (x: Tensor): Pageable => {
    const offered = x[pageable]();
    assert.ok(offered);
    return offered;
  };
  const all = { offset: 0, limit: 10, sort: [], filters: [] };

  it("is paged by the rows of its last axis", async () => {
    const viewed = table(g.arange(12).reshape([2, 2, 3]));
    assert.deepEqual(
      viewed.columns.map(({ name, type, nativeType }) => [name, type, nativeType]),
      ["0", "1", "2"].map((name) => [name, "number", "float32"]),
    );
    assert.equal(viewed.rowCount, 4);
    assert.deepEqual(await viewed.page({ ...all, offset: 1, limit: 2 }), {
      rows: [
        [3, 4, 5],
        [6, 7, 8],
      ],
      rowCount: 4,
    });
  });

  it("sorts with NaN last, and filters", async () => {
    const viewed = table(g.tensor([3, NaN, 1, 2]));
    const sort = (descending: boolean) => [{ column: "value", descending }];
    assert.deepEqual((await viewed.page({ ...all, sort: sort(false) })).rows, [[1], [2], [3], [NaN]]);
    assert.deepEqual((await viewed.page({ ...all, sort: sort(true) })).rows, [[3], [2], [1], [NaN]]);
    const kept = await viewed.page({ ...all, filters: [{ column: "value", op: ">=", value: 2 }] });
    assert.deepEqual(kept, { rows: [[3], [2]], rowCount: 2 });
    const wide = table(g.tensor([1, 2], "int64"));
    assert.deepEqual((await wide.page({ ...all, filters: [{ column: "value", op: "=", value: 2 }] })).rows, [
      [2n],
    ]);
  });

  it("is listed and paged by the kernel's variable view", async () => {
    const service = new VariableService(objectScope({ x: g.ones([2, 3]).mul(2) }));
    const [listed] = service.list().variables;
    assert.deepEqual([listed?.type, listed?.shape, listed?.pageable], ["Tensor", "2 × 3", true]);
    const page = v.parse(pageSchema, await service.page(["x"], all));
    assert.deepEqual(
      [page.rowCount, page.rows],
      [
        2,
        [
          [2, 2, 2],
          [2, 2, 2],
        ],
      ],
    );
  });

  it("offers nothing where sizes are not known", () => {
    assert.equal(new Tensor(input("x", "float32", ["batch", 3]))[pageable](), undefined);
  });
});
