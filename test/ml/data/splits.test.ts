import assert from "node:assert/strict";
import { join } from "node:path";
import {
  col,
  count,
  fromArrays,
  mean,
  openDatabase,
  quantile,
  read,
  sql,
  sum,
  type Database,
  type Table,
} from "../../../ml/data/index.ts";
import { repositoryRoot } from "../../support/repository.ts";

const flightsFile = join(repositoryRoot, "node_modules/vega-datasets/data/flights-3m.parquet");

describe("samples and splits", function () {
  this.timeout(120_000);
  let database: Database;
  let flights: Table;
  let derived: Table;
  before(async () => {
    database = await openDatabase({ threads: 2 });
    flights = (await read(flightsFile, { database })).derive({ id: sql("row_number() OVER ()", "int64") });
    // A join's rows come in another order each time: chance is of their content.
    derived = flights.groupBy("origin", "destination").aggregate({ n: count(), delay: mean(col("delay")) });
  });
  after(() => database.close());

  const sizes = async (parts: Readonly<Record<string, Table>>): Promise<number[]> =>
    await Promise.all(Object.values(parts).map(async (part) => await part.count()));

  it("are the same for the same seed, others for another, and never overlap", async () => {
    for (const [table, key, exact] of [
      [flights, ["id"], false],
      [flights.limit(999), ["id"], true],
      [derived, ["origin", "destination"], true],
    ] as const) {
      const total = await table.count();
      const split = (seed: number) => table.split({ train: 0.7, validation: 0.1, test: 0.2 }, { seed });
      const parts = split(1);
      const [train = 0, validation = 0, test = 0] = await sizes(parts);
      assert.equal(train + validation + test, total);
      const slack = exact ? 1 : total / 1000;
      assert.ok(
        Math.abs(train - 0.7 * total) <= slack && Math.abs(test - 0.2 * total) <= slack,
        `${train} of ${total}`,
      );
      assert.equal(await parts.train.join(parts.test, { on: key, how: "semi" }).count(), 0);
      assert.equal(await parts.train.join(split(1).train, { on: key, how: "anti" }).count(), 0);
      const common = await parts.test.join(split(2).test, { on: key, how: "semi" }).count();
      assert.ok(common > 0.15 * test && common < 0.25 * test, `${common} of ${test}`);
    }
  });

  it("with equal rows lose and double none", async () => {
    const table = await fromArrays({ x: Array.from({ length: 1000 }, (_, row) => row % 2) }, { database });
    const { a, b } = table.split({ a: 0.3, b: 0.7 }, { seed: 4 });
    assert.deepEqual(await sizes({ a, b }), [300, 700]);
    assert.ok(((await a.aggregate({ s: sum(col("x")) }).rows())[0]?.s ?? 0) > 100);
  });

  it("do not depend on the last bit of a sum, nor on numbers too large for it", async () => {
    const part = async (last: number): Promise<unknown> =>
      await (
        await database.table(`SELECT i, exp(i / 100) * ${last} AS x FROM range(20000) t(i)`)
      )
        .split({ a: 0.5, b: 0.5 }, { seed: 1 })
        .a.sort("i")
        .select("i")
        .rows();
    assert.notEqual(1 + 2 ** -52, 1);
    assert.deepEqual(await part(1), await part(1 + 2 ** -52));
  });

  it("keep the shares of strata to the row, and groups whole", async () => {
    const small = flights.limit(20_000);
    const { train, test } = small.split({ train: 0.8, test: 0.2 }, { seed: 3, stratifyBy: "origin" });
    const counted = (table: Table, name: string) => table.groupBy("origin").aggregate({ [name]: count() });
    const strata = await counted(small, "all")
      .join(counted(train, "train"), { on: "origin", how: "left" })
      .join(counted(test, "test"), { on: "origin", how: "left" })
      .rows();
    for (const stratum of strata) {
      const [all, inTrain] = [Number(stratum["all"]), Number(stratum["train"] ?? 0)];
      assert.equal(inTrain + Number(stratum["test"] ?? 0), all);
      assert.ok(Math.abs(inTrain - 0.8 * all) <= 0.5 + 1e-9, `${inTrain} of ${all}`);
    }
    const groups = flights.split({ train: 0.8, test: 0.2 }, { seed: 3, groupBy: "origin" });
    assert.equal(await groups.train.join(groups.test, { on: "origin", how: "semi" }).count(), 0);
    assert.equal(
      (await sizes(groups)).reduce((a, b) => a + b),
      3_000_000,
    );
    const origins = await groups.test.select("origin").distinct().count();
    const allOrigins = await flights.select("origin").distinct().count();
    assert.ok(Math.abs(origins - 0.2 * allOrigins) <= 1, `${origins} of ${allOrigins}`);
  });

  it("in time put the earlier rows first", async () => {
    const { train, test } = flights.split({ train: 0.75, test: 0.25 }, { time: "date" });
    const edge = async (table: Table, name: "max" | "min"): Promise<unknown> =>
      (
        await table
          .aggregate({
            edge: name === "max" ? quantile(col("date").epoch(), 1) : quantile(col("date").epoch(), 0),
          })
          .rows()
      )[0]?.["edge"];
    assert.ok(Number(await edge(train, "max")) < Number(await edge(test, "min")));
    const [first = 0, second = 0] = await sizes({ train, test });
    assert.equal(first + second, 3_000_000);
    assert.ok(Math.abs(first - 2_250_000) < 3000);
    const holes = await fromArrays({ t: [1, null, 2, 3, 4], x: [1, 2, 3, 4, 5] }, { database });
    assert.deepEqual(await sizes(holes.split({ a: 0.5, b: 0.5 }, { time: "t" })), [3, 2]);
  });

  it("samples have the size that is asked for", async () => {
    assert.equal(await flights.sample({ rows: 1234 }, { seed: 1 }).count(), 1234);
    const share = flights.sample({ fraction: 0.01 }, { seed: 1 });
    const size = await share.count();
    assert.ok(Math.abs(size - 30_000) < 1000, `${size}`);
    assert.deepEqual(
      await share.aggregate({ s: sum(col("id")) }).rows(),
      await flights
        .sample({ fraction: 0.01 }, { seed: 1 })
        .aggregate({ s: sum(col("id")) })
        .rows(),
    );
    assert.equal(await flights.sample({ fraction: 0 }, { seed: 1 }).count(), 0);
    assert.equal(await flights.sample({ fraction: 1 }, { seed: 1 }).count(), 3_000_000);
  });
});
