import assert from "node:assert/strict";
import { inspect } from "node:util";
import type { MimeBundle } from "../../../kernel/child/protocol.ts";
import { renderValue } from "../../../kernel/child/rich/index.ts";

function render(value: unknown): MimeBundle {
  const bundle = renderValue(value);
  assert.ok(!(bundle instanceof Promise), "expected a synchronous bundle");
  return bundle;
}

function text(value: unknown): string {
  return String(render(value)["text/plain"]);
}

function html(value: unknown): string {
  return String(render(value)["text/html"]);
}

describe("renderValue", () => {
  it("shows nothing for undefined", () => {
    assert.deepEqual(render(undefined), {});
  });

  it("shows scalars as plain text only, as util.inspect writes them", () => {
    for (const [value, expected] of [
      [2, "2"],
      [-0, "-0"],
      ["a'b", `"a'b"`],
      [true, "true"],
      [null, "null"],
      [12n, "12n"],
      [Symbol("s"), "Symbol(s)"],
      [Number.NaN, "NaN"],
    ] as const) {
      assert.deepEqual(render(value), { "text/plain": expected });
    }
  });

  it("has no colours in text", () => {
    assert.equal(text({ a: 1, b: ["x"] }), "{ a: 1, b: [ 'x' ] }");
  });

  it("shows arrays of objects as a table with counts, types and aligned numbers", () => {
    const rows = Array.from({ length: 25 }, (_, index) => ({ name: `n${index}`, size: index / 4 }));
    const shown = html(rows);
    assert.equal(shown.match(/<tr>/g)?.length, 21);
    assert.match(shown, /25 rows × 2 columns, the first 20 rows shown/);
    assert.match(shown, /<th class="tn-n">size<small>number<\/small>/);
    assert.match(shown, /<td class="tn-n">0\.25<\/td>/);
    const lines = text(rows).split("\n");
    assert.equal(lines[0], "    name  size");
    assert.equal(lines[3], " 1  n1    0.25");
  });

  it("unites the columns of rows that differ", () => {
    const shown = html([{ a: 1 }, { b: "x" }, null]);
    assert.match(shown, /3 rows × 2 columns/);
  });

  it("keeps text as it is where rows hold objects", () => {
    assert.equal(text([{ a: { b: 1 } }]), "[ { a: { b: 1 } } ]");
  });

  it("leaves arrays of scalars to text", () => {
    assert.deepEqual(Object.keys(render([1, 2, 3])), ["text/plain"]);
    assert.deepEqual(render([]), { "text/plain": "[]" });
  });

  it("shows arrays of numeric rows as a table", () => {
    assert.match(html([[1, 2.5], new Float32Array([3, 4])]), /2 rows × 2 columns/);
  });

  it("escapes everything that comes from data", () => {
    const attack = `<img src=x onerror="alert(1)">'&`;
    class Named {
      [attack] = attack;
    }
    const error = new Error(attack);
    error.name = attack;
    const named = Object.defineProperty(() => attack, "name", { value: attack });
    for (const value of [
      [{ [attack]: attack }],
      [new Named()],
      new Map([[attack, { [attack]: attack }]]),
      new Set([attack]),
      error,
      named,
      { type: attack, dims: [1], data: [attack], location: attack },
      {
        schema: { fields: [{ name: attack, type: attack }] },
        numRows: 1,
        slice() {},
        getChildAt: () => ({ get: () => attack }),
      },
    ]) {
      const shown = html(value);
      assert.ok(shown.includes("&lt;img"), `not shown: ${shown}`);
      assert.ok(!shown.includes("<img"), shown);
      assert.ok(!/="[^"]*<img/.test(shown), shown);
    }
  });

  it("summarises typed arrays", () => {
    const array = Float32Array.from({ length: 1000 }, (_, index) => index);
    assert.equal(
      text(array),
      "Float32Array(1,000) [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, … 997, 998, 999]\nmin 0  max 999  mean 499.5",
    );
    assert.equal(text(new Uint8Array([1, 2])), "Uint8Array(2) [ 1, 2 ]");
    assert.match(html(array), /<i>mean<\/i>499\.5/);
  });

  it("counts NaN in summaries apart", () => {
    const array = Float64Array.from({ length: 200 }, (_, index) => (index < 50 ? Number.NaN : 4));
    assert.match(text(array), /min 4 {2}max 4 {2}mean 4 {2}NaN 50$/);
  });

  it("shows Plotly figures by their MIME type, with typed arrays as lists", () => {
    const bundle = render({
      data: [{ type: "scatter", x: new Float32Array([1, 2]), y: [1n, Number.NaN] }],
      layout: { title: { text: "ROC" } },
    });
    assert.deepEqual(bundle["application/vnd.plotly.v1+json"], {
      data: [{ type: "scatter", x: [1, 2], y: [1, null] }],
      layout: { title: { text: "ROC" } },
      config: { responsive: true },
    });
    assert.equal(bundle["text/plain"], 'Plotly figure "ROC": 1 trace (scatter)');
    assert.equal(render({ data: [1, 2], layout: {} })["application/vnd.plotly.v1+json"], undefined);
  });

  it("describes tensors", () => {
    const tensor = {
      type: "float32",
      dims: [2, 3],
      data: Float32Array.from([1, 2, 3, 4, 5, 6]),
      location: "cpu",
    };
    assert.equal(text(tensor), "Tensor float32 [2 × 3]\n[1, 2, 3, 4, 5, 6]\nmin 1  max 6  mean 3.5");
    const far = {
      type: "float32",
      dims: [2],
      location: "gpu-buffer",
      get data() {
        throw new Error("on the GPU");
      },
    };
    assert.equal(text(far), "Tensor float32 [2] on gpu-buffer");
    const eager = { dtype: "int32", shape: [2], dataSync: () => Int32Array.from([7, 8]) };
    assert.match(text(eager), /^Tensor int32 \[2\]\n\[7, 8\]/);
  });

  it("makes PNG images of RGBA pixels", () => {
    const data = new Uint8ClampedArray(2 * 2 * 4).fill(200);
    const png = Buffer.from(String(render({ data, width: 2, height: 2 })["image/png"]), "base64");
    assert.equal(png.subarray(1, 4).toString(), "PNG");
    assert.equal(png.readUInt32BE(16), 2);
  });

  it("shows dates, functions, errors, Maps and Sets", () => {
    assert.equal(text(new Date(0)), "1970-01-01T00:00:00.000Z");
    assert.equal(text(new Date(Number.NaN)), "Invalid Date");
    assert.match(
      html(function add(a: number) {
        return a;
      }),
      /<b>function add<\/b>/,
    );
    assert.equal(text(Math.max), "[Function: max]");
    assert.match(text(new Error("boom", { cause: new Error("why") })), /boom[\s\S]*why/);
    assert.match(html(new Map([["k", 1]])), /Map of 1 entry/);
    assert.match(html(new Set(["k"])), /Set of 1 entry/);
  });

  it("shows errors as the kernel describes them", () => {
    const bundle = renderValue(new Error("x"), { describeError: () => "\u001b[31mmapped\u001b[0m <stack>" });
    assert.ok(!(bundle instanceof Promise));
    assert.equal(bundle["text/plain"], "mapped <stack>");
    assert.match(String(bundle["text/html"]), />mapped &lt;stack&gt;</);
  });
});

describe("Jupyter.display", () => {
  const symbol = Symbol.for("Jupyter.display");

  it("is honoured, synchronous or not, and made fit for the wire", async () => {
    const bundle = {
      "text/html": ["<b>", "x</b>"],
      "image/png": new Uint8Array([1, 2]),
      "application/json": { big: 10n, when: new Date(0), self: null },
      "no mime type": 1,
    };
    const expected = {
      "text/html": "<b>x</b>",
      "image/png": "AQI=",
      "application/json": { big: 10, when: "1970-01-01T00:00:00.000Z", self: null },
    };
    const { "text/plain": _, ...shown } = render({ [symbol]: () => bundle });
    assert.deepEqual(shown, expected);
    const { "text/plain": __, ...later } = await renderValue({ [symbol]: async () => bundle });
    assert.deepEqual(later, expected);
  });

  it("may show nothing", () => {
    assert.deepEqual(render({ [symbol]: () => ({}) }), {});
  });

  it("falls back to the default with one note when it fails", async () => {
    for (const method of [
      () => {
        throw new Error("no");
      },
      async () => {
        throw new Error("no");
      },
      () => "no bundle",
      () => ({ "no mime type": 1 }),
    ]) {
      const notes: string[] = [];
      const bundle = await renderValue({ a: 1, [symbol]: method }, { warn: (note) => notes.push(note) });
      assert.match(String(bundle["text/plain"]), /a: 1/);
      assert.equal(notes.length, 1);
    }
  });
});

describe("renderValue with hostile values", () => {
  const traps = new Proxy(
    {},
    Object.fromEntries(
      Object.getOwnPropertyNames(Reflect).map((name) => [
        name,
        () => {
          throw new Error(`trap ${name}`);
        },
      ]),
    ),
  );
  const revoked = (target: object): object => {
    const { proxy, revoke } = Proxy.revocable(target, {});
    revoke();
    return proxy;
  };
  let getterCalls = 0;
  const withGetter = (): object => ({
    get danger(): never {
      getterCalls += 1;
      throw new Error("getter ran");
    },
    fine: 1,
  });
  const cyclic: Record<string, unknown> = { name: "loop" };
  cyclic["self"] = cyclic;
  const cyclicMap = new Map<unknown, unknown>();
  cyclicMap.set(cyclicMap, cyclicMap);
  const liar = new Error("x");
  // The stack is written on first reading, from the message as it then is.
  assert.ok(liar.stack);
  Object.defineProperty(liar, "message", {
    get() {
      throw new Error("message");
    },
  });
  Object.defineProperty(liar, "stack", {
    get() {
      throw new Error("stack");
    },
  });

  const values: Record<string, unknown> = {
    "a proxy whose traps all throw": traps,
    "an array of such proxies": [traps, traps],
    "a revoked proxy of an object": revoked({}),
    "a revoked proxy of an array": revoked([]),
    "a revoked proxy of a function": revoked(() => undefined),
    "an array of revoked proxies": [revoked({}), revoked([])],
    "a throwing getter": withGetter(),
    "rows with throwing getters": [withGetter(), withGetter()],
    "a cycle": cyclic,
    "rows with a cycle": [cyclic],
    "a Map of itself": cyclicMap,
    "a null prototype": Object.assign(Object.create(null), { a: 1 }),
    "rows with null prototypes": [Object.assign(Object.create(null), { a: 1 })],
    "a throwing inspect method": {
      [inspect.custom]() {
        throw new Error("inspect");
      },
    },
    "an error that throws on reading": liar,
    "an error with a symbol for a message": Object.assign(new Error("x"), { message: Symbol("m") }),
    "a sparse array": Object.assign([], { 5: { a: 1 }, 1_000_000: { a: 2 } }),
    "a constructor that throws": {
      get constructor() {
        throw new Error("constructor");
      },
    },
    "a fake data frame": new Proxy(
      {},
      {
        get: () => () => {
          throw new Error("frame");
        },
      },
    ),
    "a fake Arrow table": {
      schema: { fields: [null, { name: "a" }] },
      numRows: 3,
      slice() {},
      getChildAt() {
        throw new Error("child");
      },
    },
    "a fake tensor": { type: "float32", dims: [Number.NaN, -1], data: [] },
    "a fake figure": { data: [{ x: traps }], layout: cyclic },
    "a pageable that throws": {
      [Symbol.for("tenon.pageable")]() {
        throw new Error("pageable");
      },
    },
    "a pageable with a wrong page": {
      [Symbol.for("tenon.pageable")]: () => ({ columns: [{ name: "a" }], page: () => null }),
    },
    "a class instance with private fields": new (class {
      #hidden = 1;
      get hidden() {
        return this.#hidden;
      }
    })(),
    "a detached array": (() => {
      const array = new Uint8Array(8);
      structuredClone(array.buffer, { transfer: [array.buffer] });
      return array;
    })(),
    "a lone surrogate": "\ud800",
    "a date with a throwing method": Object.assign(new Date(0), {
      toISOString() {
        throw new Error("date");
      },
    }),
    "a Map with a lying size": Object.defineProperty(new Map([[1, 2]]), "size", {
      get() {
        throw new Error("size");
      },
    }),
  };

  for (const [name, value] of Object.entries(values)) {
    it(`shows ${name}`, async () => {
      getterCalls = 0;
      const bundle = await renderValue(value, { warn: () => undefined });
      assert.equal(typeof bundle["text/plain"], "string");
      assert.equal(getterCalls, 0);
      JSON.stringify(bundle);
    });
  }

  it("shows the head of what is vast, in a text of bounded length", () => {
    const wide = Object.fromEntries(Array.from({ length: 100_000 }, (_, index) => [`k${index}`, { index }]));
    const tree = (depth: number): unknown =>
      depth === 0 ? 1 : Array.from({ length: 20 }, () => tree(depth - 1));
    let chain: object = {};
    for (let depth = 0; depth < 50_000; depth += 1) chain = { chain };
    const values = [
      wide,
      tree(4),
      chain,
      "x".repeat(5_000_000),
      new Map(Array.from({ length: 200_000 }, (_, index) => [index, { index }])),
      Array.from({ length: 300_000 }, (_, index) => ({ index, [`c${index % 500}`]: index })),
      { big: 7n ** 200_000n },
    ];
    for (const value of values) {
      const bundle = render(value);
      assert.ok(JSON.stringify(bundle).length < 400_000, JSON.stringify(bundle).slice(0, 100));
    }
    assert.match(text(wide), /\.\.\. 99900 more properties/);
  });
});
