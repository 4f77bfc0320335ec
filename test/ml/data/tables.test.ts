import assert from "node:assert/strict";
import { col, ColumnError, count, mean, openDatabase, when, type Database } from "../../../ml/data/index.ts";

describe("tables", () => {
  let db: Database;
  before(async () => {
    db = await openDatabase();
  });
  after(() => db.close());

  it("compute what is asked in one query, when rows are asked for", async () => {
    const flights = await db.table(
      "SELECT * FROM (VALUES ('ORD', 10, 700), ('ORD', 30, 200), ('LAX', NULL, 300)) t(origin, delay, distance)",
    );
    const late = flights
      .derive({
        late: col("delay").gt(15),
        kind: when(col("distance").ge(300)).then("long").otherwise("short"),
      })
      .groupBy("origin", "kind")
      .aggregate({ flights: count(), delay: mean(col("delay")) })
      .sort("origin", col("kind").desc());
    assert.deepEqual(await late.rows(), [
      { origin: "LAX", kind: "long", flights: 1, delay: null },
      { origin: "ORD", kind: "short", flights: 1, delay: 30 },
      { origin: "ORD", kind: "long", flights: 1, delay: 10 },
    ]);
    assert.deepEqual(
      late.columns.map(({ type }) => type),
      ["VARCHAR", "VARCHAR", "BIGINT", "DOUBLE"],
    );
    assert.equal(await late.count(), 3);
  });

  it("name the column that is meant", async () => {
    const flights = await db.table("SELECT 1 AS distance");
    assert.throws(
      () => flights.filter(col("distnace").gt(1)),
      (error) => error instanceof ColumnError && error.message.includes('did you mean "distance"?'),
    );
  });
});
