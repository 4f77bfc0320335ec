/** @file Data frames of Polars as the kernel shows them: displayed, described, paged, sorted, filtered, profiled. */
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { join } from "node:path";
import * as v from "valibot";
import { objectScope } from "../../kernel/child/variables/scope.ts";
import { VariableService } from "../../kernel/child/variables/variable-service.ts";
import { renderValue } from "../../kernel/child/rich/index.ts";
import { nodePackages } from "../support/node-packages.ts";
import { Checks, type InteropSuite } from "./interop-suite.ts";

const version = "0.22.2";

/** The frame is made by Polars' own reader and expressions, where the compiler knows nothing of the package. */
const frameProgram = `
const row = Array.from({ length: 3000 }, (_, index) => index);
const frame = pl.DataFrame({
  id: row.map((i) => (i % 10 === 3 ? null : i)),
  city: row.map((i) => ["서울", "Zürich", "Perth"][i % 3]),
  late: row.map((i) => i % 2 === 0),
  at: row.map((i) => new Date(Date.UTC(2001, 0, 1, i))),
  pair: row.map((i) => [i, i + 1]),
});
return frame.withColumns(
  pl.col("id").cast(pl.UInt64).alias("big"),
  pl.col("at").cast(pl.Date).alias("day"),
  pl.col("at").cast(pl.Time).alias("time"),
  pl.col("city").cast(pl.Categorical).alias("kind"),
  pl.col("id").cast(pl.Decimal(10, 2)).alias("price"),
  frame.select("id", "city").toStruct("place"),
);`;

const namesSchema = v.looseObject({ columns: v.array(v.string()) });

export const polars: InteropSuite = {
  name: "polars",
  about:
    "data frames in the kernel's displays and the data viewer's pages: every type, sorting, filters, profiles",
  peer: `nodejs-polars ${version}`,
  async run() {
    const folder = await nodePackages("polars", { "nodejs-polars": version });
    const load = createRequire(join(folder, "index.js"));
    const loaded: unknown = load("nodejs-polars");
    const frame: unknown = Reflect.construct(Function, ["pl", frameProgram])(
      v.parse(v.looseObject({ default: v.unknown() }), loaded).default,
    );
    const { columns } = v.parse(namesSchema, { columns: Reflect.get(Object(frame), "columns") });
    const service = new VariableService(objectScope({ frame }));
    const page = async (query: Partial<Parameters<VariableService["page"]>[1]>) =>
      await service.page(["frame"], { offset: 0, limit: 1, sort: [], filters: [], ...query });
    const checks = new Checks();
    await checks.check("it is described with rows, columns and Polars' own size", () => {
      const [variable] = service.list().variables;
      assert.deepEqual(
        [variable?.type, variable?.shape, variable?.pageable],
        ["DataFrame", "3,000 × 11", true],
      );
      assert.match(
        variable?.preview ?? "",
        /^id: number, city: string, late: boolean, at: date, pair: object/,
      );
      assert.ok((variable?.bytes ?? 0) > 200_000 && (variable?.bytes ?? 0) < 1_000_000, `${variable?.bytes}`);
    });
    await checks.check("its head is displayed", async () => {
      const text = String((await renderValue(frame))["text/plain"]);
      assert.match(text, /\{id: 1, city: "Zürich"\}/);
      assert.doesNotMatch(text, /not a supported type/);
    });
    await checks.check("cells are values", async () => {
      const { rows, columns: described, rowCount } = await page({ offset: 4 });
      assert.equal(rowCount, 3000);
      assert.deepEqual(rows[0], [
        4,
        "Zürich",
        true,
        { kind: "date", text: "2001-01-01T04:00:00.000Z" },
        { kind: "value", text: "(2) [4, 5]", type: "Array" },
        { kind: "bigint", text: "4" },
        { kind: "date", text: "2001-01-01T00:00:00.000Z" },
        "04:00:00",
        "Zürich",
        4,
        { kind: "value", text: '{id: 4, city: "Zürich"}', type: "Object" },
      ]);
      assert.deepEqual(
        described.map(({ nativeType }) => nativeType),
        [
          "Float64",
          "String",
          "Bool",
          "Datetime(ms)",
          "List(Float64)",
          "UInt64",
          "Date",
          "Time",
          "Categorical",
          "Decimal(10,2)",
          'Struct(Field("id", Float64),Field("city", String))',
        ],
      );
    });
    for (const [name, low, high] of [
      ["id", 0, 2999],
      ["city", "Perth", "서울"],
      ["late", false, true],
      ["big", { kind: "bigint", text: "0" }, { kind: "bigint", text: "2999" }],
      ["time", "00:00:00", "23:00:00"],
      ["price", 0, 2999],
    ] as const)
      await checks.check(`${name} is sorted`, async () => {
        for (const [descending, value] of [
          [false, low],
          [true, high],
        ] as const) {
          const { rows } = await page({ sort: [{ column: name, descending }] });
          assert.deepEqual(rows[0]?.[columns.indexOf(name)], value);
        }
      });
    await checks.check("rows are filtered", async () => {
      for (const [filter, count] of [
        [{ column: "id", op: "is-null" }, 300],
        [{ column: "day", op: ">=", value: "2001-03-01" }, 1584],
        [{ column: "price", op: "<", value: 2.5 }, 3],
        [{ column: "city", op: "contains", value: "서" }, 1000],
      ] as const)
        assert.equal((await page({ filters: [filter] })).rowCount, count, filter.column);
    });
    await checks.check("columns have profiles", async () => {
      const [id, price, city] = (await service.profile(["frame"], ["id", "price", "city"], [])).columns;
      assert.deepEqual([id?.nulls, id?.min, id?.max, id?.histogram?.length], [300, 0, 2999, 20]);
      assert.deepEqual([price?.nulls, price?.type], [300, "number"]);
      assert.deepEqual(city?.top?.length, 3);
    });
    return checks.result;
  },
};
