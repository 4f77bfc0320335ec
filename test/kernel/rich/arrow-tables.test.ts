/** @file Tables and record batches of Apache Arrow as they are: displayed, described, paged, sorted, filtered, profiled. */
import assert from "node:assert/strict";
import type * as Arrow from "apache-arrow";
import { openDatabase } from "../../../ml/data/index.ts";
import { renderValue } from "../../../kernel/child/rich/index.ts";
import { engineTable } from "../../../kernel/child/tables/engine-tables.ts";
import { objectScope } from "../../../kernel/child/variables/scope.ts";
import { VariableService } from "../../../kernel/child/variables/variable-service.ts";

// As the library loads it: by its other entry, the package's objects are none of its own classes.
const arrow = await import("apache-arrow");

const rowCount = 1000;
const rows = <T>(value: (row: number) => T): T[] => Array.from({ length: rowCount }, (_, row) => value(row));

/** Two's complement of the number of hundredths, in four words. */
function decimals(hundredths: (row: number) => number): Arrow.Vector {
  const words = new Uint32Array(new BigInt64Array(rowCount * 2).buffer);
  const wide = new BigInt64Array(words.buffer);
  for (let row = 0; row < rowCount; row += 1) {
    wide[row * 2] = BigInt(hundredths(row));
    wide[row * 2 + 1] = hundredths(row) < 0 ? -1n : 0n;
  }
  const type = new arrow.Decimal(2, 10, 128);
  return new arrow.Vector([arrow.makeData({ type, length: rowCount, data: words })]);
}

const { Bool, DateDay, Field, Float32, Int32, Int64, List, Map_: MapType, Struct } = arrow;
const { TimestampMicrosecond, Utf8, vectorFromArray } = arrow;

function table(): Arrow.Table {
  const pairs = new Struct([new Field("key", new Utf8()), new Field("value", new Int32())]);
  return new arrow.Table({
    id: vectorFromArray(
      rows((row) => (row % 10 === 3 ? null : row)),
      new Int32(),
    ),
    big: vectorFromArray(
      rows((row) => BigInt(row) * 10_000_000_000n),
      new Int64(),
    ),
    city: vectorFromArray(rows((row) => ["서울", "Zürich", "Perth"][row % 3])),
    late: vectorFromArray(
      rows((row) => row % 2 === 0),
      new Bool(),
    ),
    day: vectorFromArray(
      rows((row) => new Date(Date.UTC(2001, 0, 1 + row))),
      new DateDay(),
    ),
    at: vectorFromArray(
      rows((row) => Date.UTC(2001, 0, 1, row)),
      new TimestampMicrosecond("UTC"),
    ),
    price: decimals((row) => row * 125 - 500),
    pair: vectorFromArray(
      rows((row) => [row, row + 1]),
      new List(new Field("item", new Int32())),
    ),
    vector: vectorFromArray(
      rows((row) => Array.from({ length: 300 }, () => row)),
      new List(new Field("item", new Float32())),
    ),
    place: vectorFromArray(
      rows((row) => ({ name: "a", at: row })),
      new Struct([new Field("name", new Utf8()), new Field("at", new Int32())]),
    ),
    tags: vectorFromArray(
      rows((row) => new Map([["k", row]])),
      new MapType(new Field("entries", pairs)),
    ),
  });
}

describe("Arrow tables", () => {
  const flights = table();
  const [batch] = flights.batches;
  const service = new VariableService(objectScope({ flights, batch }));
  const column = (name: string): number => flights.schema.fields.findIndex((field) => field.name === name);
  const first = async (
    name: string,
    query: Partial<Parameters<VariableService["page"]>[1]>,
  ): Promise<unknown> => {
    const page = await service.page(["flights"], { offset: 0, limit: 1, sort: [], filters: [], ...query });
    return page.rows[0]?.[column(name)];
  };

  it("and record batches are described with their rows, columns and the bytes of their buffers", () => {
    const [all, one] = service.list().variables;
    assert.deepEqual(
      [all?.type, all?.shape, all?.pageable, all?.preview.slice(0, 38)],
      ["Table", "1,000 × 11", true, "id: number, big: bigint, city: string,"],
    );
    assert.deepEqual([one?.type, one?.shape, one?.pageable], ["RecordBatch", "1,000 × 11", true]);
    // Three hundred floats a row, and not what a look at some of the objects would guess.
    assert.ok((all?.bytes ?? 0) > 1_200_000 && (all?.bytes ?? 0) < 1_500_000, `${all?.bytes} bytes`);
    const words = flights.select(["city"]);
    const [small] = new VariableService(objectScope({ words })).list().variables;
    assert.ok((small?.bytes ?? 0) > 4000 && (small?.bytes ?? 0) < 5000, `${small?.bytes} bytes`);
  });

  it("show their head, nested values as JavaScript has them", async () => {
    const text = String((await renderValue(flights))["text/plain"]);
    assert.match(text, /^\s*id\s+big\s+city\s+late\s+day\s+at\s+price\s+pair\s+vector\s+place\s+tags/);
    assert.match(text, /\(2\) \[1, 2\]/);
    assert.match(text, /\(300\) \[1, 1, 1/);
    assert.match(text, /\{name: "a", at: 1\}/);
    assert.match(text, /Map\(1\) \{"k" => 1\}/);
    assert.match(String((await renderValue(batch))["text/html"]), /1,000 rows × 11 columns/);
  });

  it("give pages whose cells are values", async () => {
    const page = await service.page(["flights"], { offset: 3, limit: 1, sort: [], filters: [] });
    assert.deepEqual([page.rowCount, page.totalRowCount, page.offset], [1000, 1000, 3]);
    assert.deepEqual(page.rows[0]?.slice(0, 8), [
      null,
      { kind: "bigint", text: "30000000000" },
      "서울",
      false,
      { kind: "date", text: "2001-01-04T00:00:00.000Z" },
      { kind: "date", text: "2001-01-01T03:00:00.000Z" },
      -1.25,
      { kind: "value", text: "(2) [3, 4]", type: "Array" },
    ]);
    assert.deepEqual(page.columns.map(({ name, type, nativeType }) => [name, type, nativeType]).slice(2, 7), [
      ["city", "string", "Dictionary<Int32, Utf8>"],
      ["late", "boolean", "Bool"],
      ["day", "date", "Date32<DAY>"],
      ["at", "date", "Timestamp<MICROSECOND, UTC>"],
      ["price", "number", "Decimal(10, 2)"],
    ]);
    const past = await service.page(["flights"], { offset: 5000, limit: 10, sort: [], filters: [] });
    assert.deepEqual(past.rows, []);
  });

  it("have decimals that are too large for a number as their digits", () => {
    const type = new arrow.Decimal(2, 38, 128);
    const words = Uint32Array.of(
      0xffff_ffff,
      0xffff_ffff,
      0xffff,
      0,
      1,
      0,
      0xffff_ffff,
      0xffff_ffff,
      250,
      0,
      0,
      0,
    );
    const large = new arrow.Vector([arrow.makeData({ type, length: 3, data: words })]);
    const found = engineTable(new arrow.Table({ large }));
    assert.deepEqual([0, 1, 2].map(found?.reader(0) ?? String), [
      "12089258196146291747061.75",
      "-184467440737095516.15",
      2.5,
    ]);
  });

  it("are sorted and filtered by values, nulls last", async () => {
    for (const [name, low, high] of [
      ["id", 0, 999],
      ["price", -5, 1243.75],
      ["city", "Perth", "서울"],
      [
        "day",
        { kind: "date", text: "2001-01-01T00:00:00.000Z" },
        { kind: "date", text: "2003-09-27T00:00:00.000Z" },
      ],
    ] as const) {
      assert.deepEqual(await first(name, { sort: [{ column: name, descending: false }] }), low);
      assert.deepEqual(await first(name, { sort: [{ column: name, descending: true }] }), high);
      const last = { offset: 999, sort: [{ column: "id", descending: name === "price" }] };
      assert.equal(await first("id", last), null);
    }
    const count = async (...filters: Parameters<VariableService["page"]>[1]["filters"]): Promise<unknown> =>
      (await service.page(["flights"], { offset: 0, limit: 1, sort: [], filters })).rowCount;
    assert.equal(await count({ column: "price", op: "<", value: 0 }), 4);
    assert.equal(await count({ column: "city", op: "=", value: "서울" }), 334);
    assert.equal(await count({ column: "day", op: ">=", value: "2003-09-01" }), 27);
    assert.equal(
      await count({ column: "id", op: "is-null" }, { column: "late", op: "=", value: false }),
      100,
    );
    await assert.rejects(
      async () => await count({ column: "none", op: "is-null" }),
      /there is no column "none"/,
    );
  });

  it("have profiles", async () => {
    const { columns, rowCount: looked } = await service.profile(["flights"], ["id", "price", "city"], []);
    assert.equal(looked, 1000);
    const [id, price, city] = columns;
    assert.deepEqual([id?.nulls, id?.min, id?.max, id?.histogram?.length], [100, 0, 999, 20]);
    assert.deepEqual([price?.mean, price?.distinct], [619.375, 1000]);
    assert.deepEqual(city?.top?.[0], { value: "서울", count: 334 });
  });

  it("of many batches are read across them, as toArrow() gives them", async () => {
    const database = await openDatabase();
    try {
      const query =
        "SELECT i::INTEGER AS i, i % 7 AS week, (i / 4)::DECIMAL(9, 2) AS part FROM range(300000) t(i)";
      const made = await (await database.table(query)).toArrow();
      assert.ok(made.batches.length > 1);
      const scope = new VariableService(objectScope({ made, none: made.slice(0, 0) }));
      assert.equal(scope.list().variables[0]?.shape, "300,000 × 3");
      const sort = [{ column: "week", descending: true }];
      const page = await scope.page(["made"], { offset: 42_856, limit: 2, sort, filters: [] });
      assert.deepEqual(
        page.rows.map(([i]) => i),
        [299_998, 5],
      );
      const empty = await scope.page(["none"], { offset: 0, limit: 10, sort, filters: [] });
      assert.deepEqual([empty.rowCount, empty.rows, empty.columns.length], [0, [], 3]);
    } finally {
      database.close();
    }
  });

  it("that break while they are read say so in the cell", async () => {
    const broken = {
      schema: { fields: [{ name: "a", type: "Int32" }] },
      numRows: 2,
      slice: () => broken,
      getChildAt: () => ({
        get: () => {
          throw new Error("the buffer is gone");
        },
      }),
    };
    const scope = new VariableService(objectScope({ broken }));
    assert.equal(scope.list().variables[0]?.shape, "2 × 1");
    const page = await scope.page(["broken"], { offset: 0, limit: 1, sort: [], filters: [] });
    assert.deepEqual(page.rows[0], [{ kind: "unreadable", text: "the buffer is gone" }]);
  });
});
