/** @file On random tables of all types of columns the exported model gives what `transform` gives, row by row. */
import assert from "node:assert/strict";
import { openDatabase, tableSource, type Database } from "../../../ml/data/index.ts";
import {
  binning,
  columns,
  cross,
  dateCycles,
  dateParts,
  from,
  hashing,
  imputer,
  loadFeatures,
  oneHot,
  ordinal,
  passthrough,
  polynomial,
  powerScaler,
  quantileScaler,
  robustScaler,
  standardScaler,
  targetEncoder,
} from "../../../ml/features/index.ts";
import { Random } from "../../../ml/random.ts";
import { assertSameFeatures } from "./assert-features.ts";
import { referenceTable, type ReferenceColumns } from "./reference-table.ts";
import { runOnnx } from "./run-onnx.ts";

const texts = [
  "a",
  "b",
  "A",
  "é",
  "é",
  "日本語",
  "it's",
  '"',
  " a",
  "a ",
  "0",
  "null",
  "NaN",
  "\u{1F600}",
  "\t",
  "%",
];

/** A table whose columns hold whatever their type can; a share of the values is missing. */
function randomColumns(random: Random, rows: number, missing: number): ReferenceColumns {
  const whole = (limit: number): number => Math.floor(random.uniform() * limit);
  const makers: Readonly<Record<string, readonly [type: string, make: () => number | string | boolean]>> = {
    double: ["DOUBLE", () => random.normal() * 10 ** (whole(6) - 3)],
    float: ["FLOAT", () => Math.fround(whole(8) / 10)],
    decimal: ["DECIMAL(12, 3)", () => whole(1e6) / 1000],
    small: ["TINYINT", () => whole(9) - 4],
    large: ["BIGINT", () => whole(2 ** 53)],
    unsigned: ["UBIGINT", () => whole(5)],
    flag: ["BOOLEAN", () => random.uniform() < 0.5],
    text: ["VARCHAR", () => texts[whole(texts.length)] ?? ""],
    kind: ["ENUM('x', 'y', 'z')", () => "xyz"[whole(3)] ?? "x"],
    day: ["DATE", () => new Date((whole(200_000) - 100_000) * 86_400_000).toISOString().slice(0, 10)],
    time: ["TIMESTAMP", () => new Date((random.uniform() - 0.4) * 1e13).toISOString().slice(0, 23)],
  };
  return Object.fromEntries(
    Object.entries(makers).map(([name, [type, make]]) => {
      const values = Array.from({ length: rows }, () => (random.uniform() < missing ? null : make()));
      return [name, { type, values }];
    }),
  );
}

const features = columns({
  double: standardScaler(),
  float: oneHot({ handleUnknown: "ignore" }),
  decimal: robustScaler(),
  small: ordinal({ unknown: -1 }),
  large: passthrough(),
  unsigned: oneHot({ handleUnknown: "infrequent", minFrequency: 0.25 }),
  flag: oneHot({ handleUnknown: "ignore", drop: "ifBinary" }),
  text: oneHot({ handleUnknown: "ignore", minFrequency: 3 }),
  kind: [imputer("mostFrequent"), ordinal({ unknown: 9 })],
  day: dateParts("year", "month", "day", "weekday", "dayOfYear"),
  time: dateParts("year", "month", "day", "weekday", "dayOfYear", "hour", "minute"),
  cycles: from("time", dateCycles("month", "weekday", "hour", "minute")),
  filled: from(["double", "float", "small"], imputer("median", { indicator: true }), polynomial()),
  bins: from(["double", "decimal"], binning({ bins: 4 }), oneHot({ handleUnknown: "ignore" })),
  even: from("double", binning({ bins: 7, strategy: "uniform" })),
  ranks: from(["double", "float"], quantileScaler({ quantiles: 10 })),
  normal: from("small", quantileScaler({ quantiles: 10, distribution: "normal" })),
  power: from(["float", "small"], powerScaler()),
  hashed: from(["text", "kind"], hashing({ features: 4 })),
  crossed: from(["text", "flag", "small"], cross({ minFrequency: 2 })),
  target: from(["text", "small", "flag", "float"], targetEncoder()),
});

describe("features of random tables", () => {
  let database: Database;
  before(async () => {
    database = await openDatabase();
  });
  after(() => database.close());

  for (let seed = 1; seed <= 4; seed++)
    it(`are the same as ONNX: seed ${seed}`, async () => {
      const random = new Random(seed);
      const missing = seed % 2 === 0 ? 0.15 : 0;
      const fittedOn = randomColumns(random, 120, missing);
      const target =
        seed > 2
          ? { type: "DOUBLE", values: Array.from({ length: 120 }, () => random.normal()) }
          : {
              type: "VARCHAR",
              values: Array.from(
                { length: 120 },
                () => ["no", "yes", "日本"][Math.floor(random.uniform() * 3)] ?? "",
              ),
            };
      const table = await referenceTable(database, "fitted", { ...fittedOn, y: target });
      const { fitted, matrix } = await features.fitTransform(table, { target: "y" });
      assert.equal(matrix.data.length, 120 * fitted.names.length);
      const later = await referenceTable(database, "later", randomColumns(random, 60, missing));
      for (const each of [await tableSource(database, "FROM fitted"), later]) {
        const { data } = await fitted.transform(each);
        assertSameFeatures(await runOnnx(fitted, each), data, "ONNX");
        const stored = loadFeatures(JSON.parse(JSON.stringify(fitted)));
        assert.deepEqual((await stored.transform(each)).data, data);
      }
    });
});
