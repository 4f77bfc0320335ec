import assert from "node:assert/strict";
import * as v from "valibot";
import { childListSchema, pageSchema, profileSchema, variableListSchema } from "../../../kernel/protocol.ts";
import type {
  Filter,
  Page,
  Pageable,
  PageRequest,
  Profile,
  Sort,
  Variable,
} from "../../../kernel/protocol.ts";
import { objectScope } from "../../../kernel/child/variables/scope.ts";
import { VariableService } from "../../../kernel/child/variables/variable-service.ts";

function describeOne(value: unknown): Variable {
  const [variable] = new VariableService(objectScope({ value })).list().variables;
  assert.ok(variable !== undefined);
  return variable;
}

async function page(
  value: unknown,
  query: { offset?: number; limit?: number; sort?: Sort[]; filters?: Filter[] } = {},
): Promise<Page> {
  const { offset = 0, limit = 100, sort = [], filters = [] } = query;
  const result = await new VariableService(objectScope({ value })).page(["value"], {
    offset,
    limit,
    sort,
    filters,
  });
  return v.parse(pageSchema, JSON.parse(JSON.stringify(result)));
}

async function profile(value: unknown, columns?: string[]): Promise<Profile> {
  const result = await new VariableService(objectScope({ value })).profile(["value"], columns, []);
  return v.parse(profileSchema, JSON.parse(JSON.stringify(result)));
}

describe("variables: list", () => {
  it("gives type, shape, size and preview", () => {
    class Point {
      readonly x = 1;
    }
    const cases: [unknown, Partial<Variable>][] = [
      [1, { type: "number", preview: "1", expandable: false, pageable: false, bytes: 8 }],
      ["a\nb", { type: "string", preview: '"a\\nb"', expandable: false }],
      [null, { type: "null", preview: "null" }],
      [new Point(), { type: "Point", preview: "Point {x: 1}", expandable: true, pageable: false }],
      [[1, 2, 3], { type: "number[]", shape: "3", preview: "(3) [1, 2, 3]", pageable: true }],
      [[{ a: 1, b: 2 }], { type: "object[]", shape: "1 × 2", pageable: true }],
      [[new Point()], { type: "Point[]", shape: "1 × 1" }],
      [new Float32Array(1000), { type: "Float32Array", shape: "1,000", bytes: 4024, pageable: true }],
      [new Map([["k", 1]]), { type: "Map", shape: "1", preview: 'Map(1) {"k" => 1}', expandable: true }],
      [() => 1, { type: "function", expandable: false }],
      [new Date(0), { type: "Date", preview: "1970-01-01T00:00:00.000Z", expandable: false }],
      [
        { type: "float32", dims: [2, 3], data: new Float32Array(6), location: "cpu" },
        { type: "Tensor<float32>", shape: "2 × 3", pageable: true, bytes: 24 },
      ],
    ];
    for (const [value, expected] of cases) {
      const variable = describeOne(value);
      for (const [key, wanted] of Object.entries(expected)) {
        assert.deepEqual(Reflect.get(variable, key), wanted, `${key} of ${JSON.stringify(variable)}`);
      }
    }
  });

  it("estimates sizes near the truth", () => {
    const rows = Array.from({ length: 10_000 }, (_, index) => ({ index, name: `row ${index}` }));
    const bytes = describeOne(rows).bytes ?? 0;
    assert.ok(bytes > 500_000 && bytes < 2_000_000, String(bytes));
  });

  it("describes hostile values", () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    const cyclic: unknown[] = [];
    cyclic.push(cyclic);
    const values = {
      proxy,
      cyclic,
      getter: {
        get x() {
          throw new Error("ran");
        },
      },
      nothing: Object.create(null),
      traps: new Proxy(
        {},
        {
          get() {
            throw new Error("trap");
          },
          ownKeys() {
            throw new Error("trap");
          },
        },
      ),
      pageable: {
        [Symbol.for("tenon.pageable")]() {
          throw new Error("pageable");
        },
      },
      long: "x".repeat(1_000_000),
      wide: Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`k${index}`, index])),
    };
    const service = new VariableService(objectScope(values));
    const list = v.parse(variableListSchema, JSON.parse(JSON.stringify(service.list())));
    assert.equal(list.variables.length, Object.keys(values).length);
    for (const variable of list.variables) {
      assert.ok(variable.preview.length <= 200);
      v.parse(childListSchema, JSON.parse(JSON.stringify(service.children(variable.path, 0, 100))));
    }
  });
});

describe("variables: children", () => {
  const service = new VariableService(
    objectScope({
      data: {
        list: Array.from({ length: 500 }, (_, index) => index),
        map: new Map<unknown, unknown>([
          ["a", 1],
          [{ id: 1 }, 2],
        ]),
        error: new Error("boom", { cause: "why" }),
      },
    }),
  );

  it("pages through arrays", () => {
    const { children, total } = service.children(["data", "list"], 490, 100);
    assert.equal(total, 500);
    assert.deepEqual(
      children.map((child) => child.name),
      ["490", "491", "492", "493", "494", "495", "496", "497", "498", "499"],
    );
    assert.deepEqual(children[0]?.path, ["data", "list", 490]);
  });

  it("opens Maps, entries with objects for keys too", () => {
    const { children } = service.children(["data", "map"], 0, 10);
    assert.deepEqual(
      children.map((child) => child.name),
      ["a", "{id: 1}"],
    );
    const entry = service.children(children[1]?.path ?? ["?"], 0, 10).children;
    assert.deepEqual(
      entry.map((child) => [child.name, child.preview]),
      [
        ["key", "{id: 1}"],
        ["value", "2"],
      ],
    );
    assert.equal(service.children(entry[0]?.path ?? ["?"], 0, 10).children[0]?.name, "id");
  });

  it("opens errors", () => {
    const names = service.children(["data", "error"], 0, 10).children.map((child) => child.name);
    assert.deepEqual(names, ["message", "stack", "cause"]);
  });

  it("says where a path leads nowhere", () => {
    assert.throws(() => service.children(["nope"], 0, 10), /there is no variable "nope"/);
    assert.throws(() => service.children(["data", "list", 3, "x"], 0, 10), /there is no "x" in 3/);
  });
});

describe("variables: page", () => {
  const rows = [
    { name: "b", size: 2, when: new Date("2020-01-02T00:00:00Z"), big: 10n, ok: true },
    { name: "a", size: Number.NaN, when: null, big: 9n, ok: false },
    { name: "C", size: -1, when: new Date("2020-01-01T00:00:00Z"), big: 11n, ok: true },
    { name: undefined, size: 2, when: new Date(Number.NaN), big: null, ok: null },
  ];
  const names = async (query: Parameters<typeof page>[1]): Promise<unknown[]> =>
    (await page(rows, query)).rows.map((row) => (typeof row[0] === "string" ? row[0] : null));

  it("carries what JSON has no word for", async () => {
    const { rows: cells } = await page([
      { v: undefined },
      { v: Number.NaN },
      { v: -0 },
      { v: 5n },
      { v: new Date(0) },
      { v: { a: [1] } },
      { v: "x".repeat(2000) },
      {
        get v() {
          throw new Error("ran");
        },
      },
    ]);
    assert.deepEqual(
      cells.slice(0, 6).map(([cell]) => cell),
      [
        { kind: "undefined" },
        { kind: "number", text: "NaN" },
        { kind: "number", text: "-0" },
        { kind: "bigint", text: "5" },
        { kind: "date", text: "1970-01-01T00:00:00.000Z" },
        { kind: "value", text: "{a: (1) [1]}", type: "Object" },
      ],
    );
    assert.equal(Object(cells[6]?.[0]).length, 2000);
    assert.deepEqual(cells[7], [{ kind: "unreadable", text: "[Getter]" }]);
  });

  it("gives columns with types and a window of rows", async () => {
    const result = await page(rows, { offset: 1, limit: 2 });
    assert.deepEqual(result.columns, [
      { name: "name", type: "string" },
      { name: "size", type: "number" },
      { name: "when", type: "date" },
      { name: "big", type: "bigint" },
      { name: "ok", type: "boolean" },
    ]);
    assert.equal(result.rows.length, 2);
    assert.equal(result.totalRowCount, 4);
    assert.deepEqual((await page(rows, { offset: 100 })).rows, []);
  });

  it("sorts with nulls last in both directions, stable, by several columns", async () => {
    const by = (column: string, descending = false): Sort => ({ column, descending });
    assert.deepEqual(await names({ sort: [by("size")] }), ["C", "b", null, "a"]);
    assert.deepEqual(await names({ sort: [by("size", true)] }), ["b", null, "C", "a"]);
    assert.deepEqual(await names({ sort: [by("name")] }), ["C", "a", "b", null]);
    assert.deepEqual(await names({ sort: [by("when", true)] }), ["b", "C", "a", null]);
    assert.deepEqual(await names({ sort: [by("big")] }), ["a", "b", "C", null]);
    assert.deepEqual(await names({ sort: [by("size", true), by("name", true)] }), ["b", null, "C", "a"]);
  });

  it("filters by comparison, text, presence and choice", async () => {
    const cases: [Filter[], unknown[]][] = [
      [[{ column: "size", op: ">", value: 0 }], ["b", null]],
      [[{ column: "size", op: "<=", value: "-1" }], ["C"]],
      [[{ column: "size", op: "=", value: 2 }], ["b", null]],
      [[{ column: "size", op: "!=", value: 2 }], ["a", "C"]],
      [[{ column: "name", op: "contains", value: "c" }], ["C"]],
      [[{ column: "when", op: ">=", value: "2020-01-02" }], ["b"]],
      [[{ column: "when", op: "is-null" }], ["a", null]],
      [[{ column: "when", op: "is-not-null" }], ["b", "C"]],
      [[{ column: "name", op: "one-of", values: ["a", "b", "z"] }], ["b", "a"]],
      [[{ column: "big", op: ">", value: "9" }], ["b", "C"]],
      [[{ column: "ok", op: "=", value: true }], ["b", "C"]],
      [
        [
          { column: "ok", op: "=", value: true },
          { column: "size", op: "<", value: 0 },
        ],
        ["C"],
      ],
      [[{ column: "size", op: "=", value: "word" }], []],
    ];
    for (const [filters, expected] of cases)
      assert.deepEqual(await names({ filters }), expected, JSON.stringify(filters));
  });

  it("says which column is unknown, and what is no table", async () => {
    await assert.rejects(page(rows, { sort: [{ column: "nope", descending: false }] }), /no column "nope"/);
    await assert.rejects(page(3), /no table/);
    await assert.rejects(page({ a: 1 }), /no table/);
  });

  it("pages typed arrays, matrices, Maps, tensors and columns of engines", async () => {
    assert.deepEqual(
      (await page(new Float64Array([3, 1, 2]), { sort: [{ column: "value", descending: true }] })).rows,
      [[3], [2], [1]],
    );
    assert.deepEqual((await page(new BigInt64Array([3n]))).rows, [[{ kind: "bigint", text: "3" }]]);
    assert.deepEqual(
      (
        await page([
          [1, 2],
          [3, 4],
        ])
      ).rows,
      [
        [1, 2],
        [3, 4],
      ],
    );
    assert.deepEqual((await page(new Map([["a", 1]]))).rows, [["a", 1]]);
    assert.deepEqual(
      (await page({ type: "int32", dims: [2, 2], data: Int32Array.from([1, 2, 3, 4]), location: "cpu" }))
        .rows,
      [
        [1, 2],
        [3, 4],
      ],
    );
    const column = (values: unknown[]): object => ({ get: (row: number) => values[row] });
    const arrow = {
      schema: {
        fields: [
          { name: "x", type: "Int32" },
          { name: "x", type: "Utf8" },
        ],
      },
      numRows: 2,
      slice() {},
      getChildAt: (index: number) => [column([2, 1]), column(["a", "b"])][index],
    };
    const result = await page(arrow, { sort: [{ column: "x", descending: false }] });
    assert.deepEqual(result.columns, [
      { name: "x", type: "number", nativeType: "Int32" },
      { name: "x (2)", type: "string", nativeType: "Utf8" },
    ]);
    assert.deepEqual(result.rows, [
      [1, "b"],
      [2, "a"],
    ]);
  });

  it("pages, sorts and filters a million rows, and keeps the order for the next page", async () => {
    const many = Array.from({ length: 1_000_000 }, (_, index) => ({
      id: index,
      score: (index * 7919) % 1_000_003,
    }));
    const service = new VariableService(objectScope({ many }));
    const query = {
      limit: 3,
      sort: [{ column: "score", descending: true }],
      filters: [{ column: "id", op: "<" as const, value: 900_000 }],
    };
    const first = await service.page(["many"], { ...query, offset: 0 });
    assert.equal(first.rowCount, 900_000);
    const expected = many
      .slice(0, 900_000)
      .sort((left, right) => right.score - left.score)
      .slice(0, 6);
    assert.deepEqual(
      first.rows,
      expected.slice(0, 3).map((row) => [row.id, row.score]),
    );
    // The kept order answers for rows that have been changed since, until the cell ends.
    const swapped = many[expected[3]?.id ?? 0];
    assert.ok(swapped !== undefined);
    swapped.score = -1;
    const kept = await service.page(["many"], { ...query, offset: 3 });
    assert.deepEqual(kept.rows[0], [swapped.id, -1]);
    service.cellEnded();
    const fresh = await service.page(["many"], { ...query, offset: 3 });
    assert.deepEqual(fresh.rows[0], [expected[4]?.id, expected[4]?.score]);
  });
});

describe("variables: a value that pages itself", () => {
  class Remote {
    readonly requests: PageRequest[] = [];
    [Symbol.for("tenon.pageable")](): Pageable {
      return {
        columns: [{ name: "n", type: "number", nativeType: "BIGINT" }],
        rowCount: 1e9,
        page: async (request) => {
          this.requests.push(request);
          return { rows: [[request.offset], [7n]], rowCount: 5 };
        },
      };
    }
  }

  it("is asked with sort and filters, and its rows become cells", async () => {
    const remote = new Remote();
    const sort = [{ column: "n", descending: true }];
    const filters: Filter[] = [{ column: "n", op: ">", value: 3 }];
    const result = await page(remote, { offset: 2, limit: 10, sort, filters });
    assert.deepEqual(remote.requests, [{ offset: 2, limit: 10, sort, filters }]);
    assert.deepEqual(result.rows, [[2], [{ kind: "bigint", text: "7" }]]);
    assert.deepEqual([result.rowCount, result.totalRowCount], [5, 1e9]);
    const variable = describeOne(remote);
    assert.deepEqual(
      [variable.shape, variable.pageable, variable.preview],
      ["1,000,000,000 × 1", true, "n: number"],
    );
  });

  it("is profiled by its head where it has no profile", async () => {
    const result = await profile(new Remote());
    assert.equal(result.sampled, true);
    assert.equal(result.columns[0]?.count, 2);
  });

  it("is told when its page or profile is wrong", async () => {
    const wrong = (parts: object): object => ({
      [Symbol.for("tenon.pageable")]: () => ({
        columns: [{ name: "a", type: "number" }],
        rowCount: 1,
        page: () => null,
        ...parts,
      }),
    });
    await assert.rejects(page(wrong({})), /page is not \{ rows, rowCount \}/);
    await assert.rejects(profile(wrong({ profile: () => ({ columns: 3 }) })), /profile is wrong/);
  });
});

describe("variables: profile", () => {
  it("computes statistics of numbers as NumPy does", async () => {
    const values = [1, 2, 3, 4, 10, Number.NaN, null];
    const {
      columns: [column],
    } = await profile(values.map((x) => ({ x })));
    assert.ok(column !== undefined);
    assert.deepEqual(
      [column.count, column.nulls, column.min, column.max, column.mean, column.distinct],
      [7, 2, 1, 10, 4, 5],
    );
    // np.std([1,2,3,4,10], ddof=1); np.quantile([1,2,3,4,10], [.05,.25,.5,.75,.95])
    assert.ok(Math.abs((column.standardDeviation ?? 0) - 3.5355339059327378) < 1e-12);
    assert.deepEqual(
      column.quantiles?.map(({ value }) => Number(value.toFixed(10))),
      [1.2, 2, 3, 4, 8.8],
    );
    assert.equal(column.histogram?.length, 20);
    assert.equal(
      column.histogram?.reduce((sum, bin) => sum + bin.count, 0),
      5,
    );
    assert.deepEqual(
      [column.histogram?.[0]?.from, column.histogram?.at(-1)?.to, column.histogram?.at(-1)?.count],
      [1, 10, 1],
    );
  });

  it("stays accurate for numbers far from zero", async () => {
    const {
      columns: [column],
    } = await profile([1e9 + 1, 1e9 + 2, 1e9 + 3].map((x) => ({ x })));
    assert.ok(Math.abs((column?.standardDeviation ?? 0) - 1) < 1e-6);
  });

  it("counts the most frequent values and orders dates and text", async () => {
    const rows = ["b", "a", "b", undefined].map((name, index) => ({
      name,
      when: new Date(Date.UTC(2020, 0, 1 + index)),
    }));
    const {
      columns: [name, when],
    } = await profile(rows);
    assert.deepEqual(name?.top, [
      { value: "b", count: 2 },
      { value: "a", count: 1 },
    ]);
    assert.deepEqual([name?.min, name?.max, name?.nulls, name?.distinct], ["a", "b", 1, 2]);
    assert.deepEqual(when?.min, { kind: "date", text: "2020-01-01T00:00:00.000Z" });
  });

  it("looks at a sample of what is long, and at chosen columns only", async () => {
    const result = await profile(new Float64Array(2_000_000).fill(3));
    assert.equal(result.sampled, true);
    assert.equal(result.columns[0]?.mean, 3);
    assert.deepEqual(
      (await profile([{ a: 1, b: 2 }], ["b"])).columns.map((column) => column.name),
      ["b"],
    );
    await assert.rejects(profile([{ a: 1 }], ["nope"]), /no column "nope"/);
  });

  it("has something to say of empty and infinite columns", async () => {
    const { columns } = await profile([
      { a: null, b: Infinity },
      { a: undefined, b: 1 },
    ]);
    assert.deepEqual(columns[0], { name: "a", type: "empty", count: 2, nulls: 2, distinct: 0 });
    assert.deepEqual(columns[1]?.max, { kind: "number", text: "Infinity" });
  });
});

describe("variables: changes", () => {
  it("tells what came, went and changed", () => {
    const scope: Record<string, unknown> = { kept: 1, changed: [1], gone: true };
    const service = new VariableService(objectScope(scope));
    service.remember();
    assert.equal(service.changes(), undefined);
    scope["changed"] = [1, 2];
    scope["fresh"] = "x";
    delete scope["gone"];
    const changes = service.changes();
    assert.deepEqual(
      changes?.added.map((variable) => variable.name),
      ["fresh"],
    );
    assert.deepEqual(
      changes?.changed.map((variable) => variable.preview),
      ["(2) [1, 2]"],
    );
    assert.deepEqual(changes?.removed, ["gone"]);
    assert.equal(service.changes(), undefined);
  });
});
