import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  col,
  ColumnError,
  count,
  fromArrays,
  fromRows,
  lag,
  mean,
  openDatabase,
  quantile,
  rank,
  read,
  sql,
  sum,
  when,
  type CastType,
  type Database,
  type Row,
  type Table,
} from "../../../ml/data/index.ts";
import { batchesOf } from "../../../ml/data/batches.ts";
import { ArrayReader } from "../../../ml/data/table-arrays.ts";
import { pageable } from "../../../ml/pageable.ts";
import { repositoryRoot } from "../../support/repository.ts";

const flightsFile = join(repositoryRoot, "node_modules/vega-datasets/data/flights-3m.parquet");

describe("tables", () => {
  let database: Database;
  before(async () => {
    database = await openDatabase({ threads: 2 });
  });
  after(() => database.close());

  it("compute what is asked in one query, when rows are asked for", async () => {
    const flights = await database.table(
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
    assert.equal(await late.count(), 3);
  });

  it("know the type of every column without asking, for every combination of number types", async () => {
    const types = [
      "int8",
      "int16",
      "int32",
      "int64",
      "uint8",
      "uint16",
      "uint32",
      "uint64",
      "float32",
      "float64",
    ];
    const natives = "TINYINT SMALLINT INTEGER BIGINT UTINYINT USMALLINT UINTEGER UBIGINT FLOAT DOUBLE".split(
      " ",
    );
    const columns = types.map((type, index) => `7::${natives[index]} AS ${type}`);
    columns.push("7::HUGEINT AS int128", "7.25::DECIMAL(9,2) AS dec", "true AS yes");
    const names = [...types, "int128", "dec"];
    const table = await database.table(`SELECT ${columns.join(", ")}`);
    for (const left of names) {
      const one = col(left);
      const derived = table.derive({
        ...Object.fromEntries(names.map((right) => [`add_${right}`, one.add(col(right))])),
        ...Object.fromEntries(names.map((right) => [`mul_${right}`, one.mul(col(right))])),
        ...Object.fromEntries(names.map((right) => [`fill_${right}`, one.fillNull(col(right))])),
        mod: one.mod(2),
        div: one.div(2),
        pow: one.pow(2),
        neg: one.neg(),
        abs: one.abs(),
        floor: one.floor(),
        ceil: one.ceil(),
        round: one.round(1),
        sign: one.sign(),
        clip: one.clip(0, 100),
        half: one.mul(0.5),
        log: one.log(),
        branch: when(col("yes")).then(one).otherwise(1),
        sum: sum(one).over({}),
        mean: mean(one).over({ partitionBy: "yes" }),
        quantile: quantile(one, 0.5).over({}),
        before: lag(one).over({ orderBy: left }),
      });
      // rows() refuses a result whose types are not those of the table.
      const [row] = await derived.rows();
      assert.equal(row?.["half"], left === "dec" ? 3.625 : 3.5, left);
      assert.equal((await table.aggregate({ s: sum(one) }).rows())[0]?.["s"], left === "dec" ? 7.25 : 7);
    }
  });

  it("cast to every type that has a name, and say what the types are", async () => {
    const values: Readonly<Record<CastType, string>> = {
      boolean: "true",
      int8: "1",
      int16: "1",
      int32: "1",
      int64: "1",
      int128: "1",
      uint8: "1",
      uint16: "1",
      uint32: "1",
      uint64: "1",
      float32: "1",
      float64: "1",
      string: "1",
      date: "2024-01-01",
      time: "12:00:00",
      timestamp: "2024-01-01 12:00:00",
      timestamptz: "2024-01-01 12:00:00Z",
      interval: "1 day",
      uuid: "b1a7b8a6-0f0b-4f43-9d0b-111111111111",
      blob: "x",
      json: "{}",
    };
    for (const [type, text] of Object.entries(values) as [CastType, string][]) {
      const table = (await fromArrays({ text: [text] }, { database })).derive({
        cast: col("text").cast(type),
        given: sql("text", type),
        no: col("text").replace(/^/, "?!").tryCast(type),
      });
      const [row] = await table.rows();
      assert.notEqual(row?.cast ?? null, null, type);
      if (!["string", "blob"].includes(type)) assert.equal(row?.no, null, type);
    }
  });

  it("name what is wrong, with the name that was likely meant", async () => {
    const table = await database.table(
      "SELECT 1 AS distance, 'ORD' AS origin, DATE '2024-01-01' AS day, true AS late",
    );
    const wrong: readonly (readonly [() => unknown, RegExp])[] = [
      [() => table.filter(col("distnace").gt(1)), /no column "distnace"; did you mean "distance"\?/],
      [() => table.select("x"), /no column "x"; there are distance, origin, day, late/],
      [() => table.filter(col("origin").gt(1)), /column "origin" is string; 1 is not of its kind/],
      [() => table.filter(col("distance").eq("a")), /column "distance" is int32; "a" is not of its kind/],
      [() => table.filter(col("distance")), /column "distance" is int32; filter needs a boolean/],
      [() => table.derive({ x: col("day").add(1) }), /column "day" is date; "\+" needs a number/],
      [() => table.derive({ x: col("distance").year() }), /column "distance" is int32; year needs a date/],
      [() => table.derive({ x: col("distance").lower() }), /lower needs a string/],
      [
        () => table.derive({ x: col("distance").eq(col("origin")) }),
        /"distance" is int32 and column "origin" string/,
      ],
      [
        () => table.derive({ x: col("distance").fillNull(0.5) }),
        /holds whole numbers \(int32\); 0\.5 is none/,
      ],
      [() => table.derive({ x: col("day").plus(1, "hour") }), /is a date, which has no hours/],
      [
        () => table.derive({ x: sum(col("distance")) as never }),
        /"x" needs a value of each row, not an aggregate/,
      ],
      [() => table.aggregate({ x: col("distance") as never }), /"x" has no single value for a group/],
      [() => table.derive({ x: rank() as never }), /needs over/],
      [() => table.aggregate({ x: sum(sum(col("distance"))) }), /cannot hold another/],
      [() => table.derive({ x: col("distance").cast("number" as never) }), /there is no type "number"/],
      [
        () => table.derive({ x: when(col("late")).then(1).otherwise("a") }),
        /int64 and string have no type in common/,
      ],
      [() => table.union(table.rename({ day: "date" })), /no column "day"/],
      [() => table.join(table, { on: { distance: "origin" } }), /they are never equal/],
      [() => table.split({ a: 0.5, b: 0.4 }, { seed: 1 }), /sum to 1, not to 0\.9/],
      [() => table.split({ a: 1 }, {}), /needs a seed/],
      [() => table.limit(-1), /whole numbers from 0/],
      [() => table.filter("distance > 1" as never), /begin with col\("name"\)/],
    ];
    for (const [make, message] of wrong) assert.throws(make, message);
  });

  it("take any text as a value and any name as a column", async () => {
    const evil = `'; DROP TABLE x; -- "\\ \u{1f600}`;
    const table = await fromArrays({ [evil]: [evil, "other"], b: [1, 2] }, { database });
    const kept = table.filter(col(evil).eq(evil)).derive({ copy: col(evil).concat(evil) });
    assert.deepEqual(await kept.rows(), [{ [evil]: evil, b: 1, copy: evil + evil }]);
    const pivoted = table.pivot({ index: [], on: evil, values: [evil], value: sum(col("b")) });
    assert.deepEqual(await pivoted.rows(), [{ [evil]: 1 }]);
    assert.equal(
      await table
        .filter(col(evil).isIn([evil]))
        .rename({ [evil]: "it's" })
        .sort("it's")
        .count(),
      1,
    );
    const nul = await fromArrays({ x: ["a\0b", "a"] }, { database });
    assert.deepEqual(await nul.filter(col("x").eq("a\0b").and(col("x").contains("\0"))).rows(), [
      { x: "a\0b" },
    ]);
  });

  it("keep texts whole that begin with a byte order mark, short and long ones", async () => {
    const texts = ["\uFEFFx", "\uFEFFlonger than what stands beside its length", "plain", "\uFEFF"];
    const table = await fromRows(texts.map((text, at) => ({ at, text })));
    assert.deepEqual(
      (await table.rows()).map(({ text }) => text),
      texts,
    );
    assert.deepEqual([...(await table.arrays()).text], texts);
    const marked = await table.filter(col("text").eq("\uFEFFx")).rows();
    assert.deepEqual(marked, [{ at: 0, text: "\uFEFFx" }]);
  });

  it("integers beyond what their type holds are an error, never another number", async () => {
    const table = await fromArrays({ x: BigInt64Array.of(2n ** 63n - 1n, 1n) }, { database });
    await assert.rejects(table.derive({ y: col("x").mul(2) }).rows(), /Overflow|out of range/i);
    await assert.rejects(table.aggregate({ y: sum(col("x")) }).rows(), /BIGINT|INT64|range/i);
    assert.deepEqual(await table.aggregate({ y: sum(col("x").cast("int128")) }).rows(), [{ y: 2n ** 63n }]);
  });

  it("give arrays of their types, nulls as NaN in floats and as an error elsewhere", async () => {
    const rows = 5000;
    const table = await database.table(
      `SELECT i::TINYINT AS i8, i::USMALLINT AS u16, i AS i64, i::UBIGINT AS u64, i / 4 AS f64,
         CASE WHEN i % 64 = 63 THEN NULL ELSE i END::FLOAT AS f32, (i / 8)::DECIMAL(9,3) AS dec, i % 2 = 0 AS even,
         'k' || (i % 3) AS name, DATE '1970-01-01' + i::INTEGER AS day, to_timestamp(i) AS at, [i] AS list,
         CASE WHEN i = 4321 THEN NULL ELSE i END AS hole, CASE WHEN i = 4321 THEN NULL ELSE 'x' END AS no_text
       FROM (SELECT r % 100 + r - r % 100 AS i FROM range(${rows}) t(r)) WHERE i < 100 OR true`.replace(
        "i::TINYINT",
        "(i % 100)::TINYINT",
      ),
    );
    const arrays = await table.drop("hole", "no_text").arrays();
    const kinds = Object.entries(arrays).map(([name, array]) => `${name} ${array.constructor.name}`);
    assert.deepEqual(kinds, [
      "i8 Int8Array",
      "u16 Uint16Array",
      "i64 BigInt64Array",
      "u64 BigUint64Array",
      "f64 Float64Array",
      "f32 Float32Array",
      "dec Float64Array",
      "even Uint8Array",
      "name Array",
      "day Int32Array",
      "at BigInt64Array",
      "list Array",
    ]);
    for (const row of [0, 62, 63, 2047, 2048, 4095, 4999]) {
      assert.deepEqual(
        Object.values(arrays).map((array) => array[row]),
        [
          row % 100,
          row,
          BigInt(row),
          BigInt(row),
          row / 4,
          row % 64 === 63 ? Number.NaN : row,
          Number((row / 8).toFixed(3)),
          row % 2 === 0 ? 1 : 0,
          `k${row % 3}`,
          row,
          BigInt(row) * 1_000_000n,
          [BigInt(row)],
        ],
      );
    }
    for (const name of ["hole", "no_text"]) {
      await assert.rejects(table.select(name).arrays(), new RegExp(`column "${name}" is null in row 4321`));
      await assert.rejects(
        async () => {
          for await (const batch of table.select(name).batches({ rows: 1000 })) assert.ok(batch.rowCount > 0);
        },
        new RegExp(`column "${name}" is null in row 4321`),
      );
    }
  });

  it("give texts of every length as they are, those that are met again as one", async () => {
    const table = await database.table(
      `SELECT CASE i % 4 WHEN 0 THEN repeat('é', (i // 4 % 9)::INTEGER) WHEN 1 THEN md5((i % 500)::VARCHAR)[1:(i % 23)::INTEGER]
         WHEN 2 THEN 'a' || chr(0) || i ELSE 'k' || hash(i) END AS t FROM range(20000) r(i)`,
    );
    const { t } = await table.arrays();
    const rows = await table.rows();
    assert.deepEqual(
      t,
      rows.map((row) => row["t"]),
    );
    assert.ok(new Set(t).size > 10_000 && t?.some((text) => typeof text === "string" && text.length > 12));
  });

  it("of categories with long names come from a file's dictionary, nulls among them, over many pieces", async () => {
    const folder = await mkdtemp(join(tmpdir(), "tenon-texts-"));
    const path = join(folder, "texts.parquet");
    const expected = Array.from({ length: 70_000 }, (_, row) =>
      row % 11 === 3 ? null : `a category of many letters, number ${(row * 7) % 60}`,
    );
    const made = await database.table(
      `SELECT i AS row, CASE WHEN i % 11 <> 3 THEN 'a category of many letters, number ' || i * 7 % 60 END AS name
       FROM range(70000) r(i)`,
    );
    await made.writeParquet(path);
    const table: Table = await read(path, { database });
    const { name, row } = await table.filter(col("name").isNotNull()).sort("row").arrays();
    assert.deepEqual(
      name,
      expected.filter((text) => text !== null),
    );
    assert.equal(row?.length, name?.length);
    const masked: (string | null)[] = [];
    for await (const { arrays, masks } of batchesOf(table, 20_000, "masked")) {
      const at = masked.length;
      masked.push(...(arrays["name"] as (string | null)[]));
      const mask = masks.get("name");
      for (let each = at; each < masked.length; each++)
        assert.equal(
          ((mask?.bits[(each - at) >> 3] ?? 255) >> ((each - at) & 7)) & 1,
          expected[each] === null ? 0 : 1,
        );
    }
    assert.deepEqual(masked, expected);
    await rm(folder, { recursive: true });
  });

  it("notice rows that are missing or too many", async () => {
    const columns = [{ name: "x", type: "BIGINT" }];
    const result = await database.ask("SELECT i AS x FROM range(10) t(i)");
    const few = new ArrayReader(columns, 11);
    few.read(result.getChunk(0));
    assert.throws(() => few.finish(), /announced 11 rows and delivered 10; nothing was kept/);
    assert.throws(() => new ArrayReader(columns, 9).read(result.getChunk(0)), /announced 9 rows/);
  });

  it("come in batches, whole and in order, whatever else is written meanwhile", async () => {
    await database.run("CREATE OR REPLACE TABLE growing AS SELECT i, 'n' || i AS t FROM range(300000) r(i)");
    const table = await database.table("FROM growing");
    let next = 0;
    const sizes: number[] = [];
    for await (const batch of table.batches({ rows: 50_000 })) {
      await database.run("INSERT INTO growing SELECT i, 'new' FROM range(1000) r(i)");
      sizes.push(batch.rowCount);
      const ids = batch.arrays["i"];
      assert.ok(ids instanceof BigInt64Array && ids.length === batch.rowCount);
      assert.deepEqual([ids[0], ids.at(-1)], [BigInt(next), BigInt(next + batch.rowCount - 1)]);
      assert.equal(batch.arrays["t"]?.[1], `n${next + 1}`);
      next += batch.rowCount;
    }
    assert.equal(next, 300_000);
    assert.ok(sizes.length >= 5 && sizes.slice(0, -1).every((size) => size >= 50_000));
    assert.equal(await table.count(), 300_000 + 1000 * sizes.length);
    // Leaving early leaves no connection behind that would keep the table.
    for await (const batch of table.batches()) if (batch.rowCount > 0) break;
    await database.run("DROP TABLE growing");
  });

  it("see what USE chose, and temporary tables", async () => {
    using own = await openDatabase();
    await own.run(
      "CREATE SCHEMA other; CREATE TABLE main.t AS SELECT 1 AS a; CREATE TABLE other.t AS SELECT 2 AS a",
    );
    await own.run("USE other; CREATE TEMP TABLE passing AS SELECT 3 AS a");
    const table = await own.table("FROM t");
    assert.deepEqual((await table.arrays())["a"], Int32Array.of(2));
    for await (const { arrays } of table.batches()) assert.deepEqual(arrays["a"], Int32Array.of(2));
    assert.deepEqual((await (await own.table("FROM passing")).arrays())["a"], Int32Array.of(3));
  });

  it("stop when the cell is interrupted", async () => {
    const table = await database.table("SELECT i, hash(i) AS h FROM range(20000000) t(i)");
    const key = Symbol.for("tenon.notebook");
    const ways: readonly ((controller: AbortController) => Promise<unknown>)[] = [
      async () => await table.sort("h").rows(),
      async (controller) => {
        for await (const batch of table.batches()) if (batch.rowCount > 0) controller.abort();
      },
      async () => {
        for await (const batch of table.sort("h").batches()) assert.ok(batch.rowCount > 0);
      },
    ];
    for (const way of ways) {
      const controller = new AbortController();
      Reflect.set(globalThis, key, { version: 1, signal: controller.signal });
      const timer = setTimeout(() => controller.abort(), 200);
      try {
        await assert.rejects(way(controller), { name: "AbortError" });
      } finally {
        clearTimeout(timer);
        Reflect.deleteProperty(globalThis, key);
      }
    }
    assert.equal(await table.limit(3).count(), 3);
  });

  it("larger than what the database may hold in memory are sorted, grouped, written and read", async function () {
    this.timeout(120_000);
    const folder = await mkdtemp(join(tmpdir(), "tenon-large-"));
    try {
      using small = await openDatabase({ memoryLimit: "80MB", threads: 1 });
      // 3 million texts of 32 letters, and their places in memory: twice as much.
      const table = await small.table("SELECT i, md5(i::VARCHAR) AS t FROM range(3000000) r(i)");
      const path = join(folder, "sorted.parquet");
      assert.equal(await table.sort("t").writeParquet(path), 3_000_000);
      const sorted = await read(path, { database: small });
      let last = "";
      let rows = 0;
      for await (const { arrays, rowCount } of sorted.batches()) {
        const texts = arrays["t"];
        assert.ok(Array.isArray(texts) && typeof texts[0] === "string" && texts[0] > last);
        last = String(texts.at(-1));
        rows += rowCount;
      }
      assert.equal(rows, 3_000_000);
      const groups = sorted
        .derive({ start: col("t").slice(0, 2) })
        .groupBy("start")
        .aggregate({ n: count() });
      assert.deepEqual(await groups.aggregate({ groups: count(), rows: sum(col("n")) }).rows(), [
        { groups: 256, rows: 3_000_000 },
      ]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it("are joined to the last row before by texts as by anything else, without a value or a match too", async () => {
    const source = (rows: number, seed: number): string =>
      `SELECT i AS id, CASE hash(i, ${seed}) % 7 WHEN 0 THEN NULL ELSE 'a symbol ' || hash(i, ${seed}) % 9 END AS symbol,
         hash(i, ${seed + 1}) % 2 AS venue, CASE WHEN hash(i, ${seed}) % 13 > 0 THEN (i * 211 % ${rows})::INTEGER END AS "at"
       FROM range(${rows}) t(i)`;
    // A file's rows are in order, so that their texts may be read before: then numbers stand for them.
    const folder = await mkdtemp(join(tmpdir(), "tenon-asof-"));
    const [left, right] = [await database.table(source(400, 1)), await database.table(source(300, 7))];
    await left.writeParquet(join(folder, "left.parquet"));
    const ordered: Table = await read(join(folder, "left.parquet"), { database });
    for (const by of ["symbol", ["venue", "symbol"]] as const)
      for (const direction of ["backward", "forward"] as const) {
        const rows = async (table: Table): Promise<Row[]> =>
          await table.asofJoin(right, { on: "at", by, direction }).sort("id").rows();
        const expected = await rows(left);
        assert.deepEqual(await rows(ordered), expected);
        const matched = expected.filter((row) => row["id_right"] !== null);
        assert.ok(matched.length > 100 && matched.length < 350);
        for (const row of matched) assert.ok(row["at"] !== null && row["symbol"] !== null);
      }
    const volatile = ordered.derive({ symbol: sql("'s' || random()", "string") });
    await assert.rejects(
      volatile.asofJoin(right, { on: "at", by: "symbol" }).rows(),
      /the left table of asofJoin has other rows each time that it is read/,
    );
    await rm(folder, { recursive: true });
  });

  it("give back what a large query held, unless the user has set another limit", async () => {
    using other = await openDatabase({ threads: 1, memoryLimit: "2GB" });
    const large =
      "SELECT max(place) FROM (SELECT row_number() OVER (ORDER BY hash(i)) AS place FROM range(9000000) t(i))";
    const before = process.memoryUsage.rss();
    await other.query(large);
    const held = process.memoryUsage.rss() - before;
    assert.ok(process.resourceUsage().maxRSS * 1024 - before > 300e6, "the query is too small to tell");
    assert.ok(held < 200e6, `${held} bytes are held`);
    await other.run("SET memory_limit = '1GB'");
    await other.query(large);
    const { rows } = await other.query("SELECT current_setting('memory_limit') AS shown");
    assert.deepEqual(rows, [{ shown: "953.6 MiB" }]);
  });

  it("of queries with two columns of one name have two names", async () => {
    const table = await database.table("SELECT 1 AS a, 2 AS a, 3 AS A;");
    assert.deepEqual(await table.rows(), [{ a: 1, a_1: 2, A_2: 3 }]);
    assert.deepEqual(await table.select("a_1").rows(), [{ a_1: 2 }]);
  });

  it("made of what has changed are refused", async () => {
    await database.run("CREATE OR REPLACE TABLE changing AS SELECT 1 AS a");
    const table = await database.table("FROM changing");
    await database.run("CREATE OR REPLACE TABLE changing AS SELECT 'x' AS a");
    await assert.rejects(table.rows(), /column "a" was INTEGER when the table was made, and is VARCHAR now/);
  });

  it("of memory keep every value and null", async () => {
    const table = await fromArrays(
      {
        i8: Int8Array.of(-1, 2, 3),
        u64: BigUint64Array.of(0n, 1n, 2n ** 64n - 1n),
        f32: Float32Array.of(Number.NaN, Infinity, -0),
        plain: [1.5, null, undefined],
        big: [1n, null, -(2n ** 63n)],
        yes: [true, false, null],
        at: [new Date("2024-03-31T01:30:00.123Z"), null, new Date(-1)],
        text: ["", null, "日本"],
        none: [null, null, null],
      },
      { database },
    );
    assert.deepEqual(await table.rows(), [
      {
        i8: -1,
        u64: 0,
        f32: Number.NaN,
        plain: 1.5,
        big: 1,
        yes: true,
        at: new Date("2024-03-31T01:30:00.123Z"),
        text: "",
        none: null,
      },
      { i8: 2, u64: 1, f32: Infinity, plain: null, big: null, yes: false, at: null, text: null, none: null },
      {
        i8: 3,
        u64: 2n ** 64n - 1n,
        f32: -0,
        plain: null,
        big: -(2n ** 63n),
        yes: null,
        at: new Date(-1),
        text: "日本",
        none: null,
      },
    ]);
    const rows = await fromRows(
      [
        { a: 1, b: "x" },
        { a: 2, b: null },
      ],
      { database },
    );
    assert.deepEqual(await rows.rows(), [
      { a: 1, b: "x" },
      { a: 2, b: null },
    ]);
    const refused: readonly (readonly [() => Promise<unknown>, RegExp])[] = [
      [async () => await fromArrays({ a: [1, 2], b: [1] }, { database }), /"b" has 1 values and "a" 2/],
      [
        async () => await fromArrays({ a: [1, "x"] }, { database }),
        /"a" has number and string values, first in row 1/,
      ],
      [async () => await fromArrays({ a: [{} as never] }, { database }), /no text, number, boolean or date/],
      [async () => await fromArrays({ a: [new Date(Number.NaN)] }, { database }), /invalid date/],
      [async () => await fromArrays({}, { database }), /at least one column/],
      [async () => await fromRows([], { database }), /no rows/],
      [async () => await fromRows([{ a: 1 }, { b: 1 } as never], { database }), /row 1 has "b"/],
    ];
    for (const [make, message] of refused) {
      await assert.rejects(make, (error) => error instanceof ColumnError && message.test(error.message));
    }
  });

  it("in two databases cannot be joined", async () => {
    using other = await openDatabase();
    const table = await fromArrays({ a: [1] }, { database });
    const stranger = await fromArrays({ a: [1] }, { database: other });
    assert.throws(() => table.join(stranger, { on: "a" }), /in different databases/);
  });

  it("keep an order through what comes after it", async () => {
    const flights = await read(flightsFile, { database });
    const { delay } = await flights
      .sort(col("delay").desc())
      .filter(col("distance").gt(100))
      .derive({ x: col("delay").add(1) })
      .select("delay")
      .arrays();
    assert.ok(delay instanceof BigInt64Array && delay.length > 2_900_000);
    assert.ok(delay.every((value, row) => row === 0 || value <= (delay[row - 1] ?? 0n)));
  });

  it("are paged by the data viewer and show themselves", async () => {
    const table = (await read(flightsFile, { database })).filter(col("origin").eq("ORD"));
    const offered = table[pageable]();
    const page = await offered.page({
      offset: 0,
      limit: 2,
      sort: [{ column: "delay", descending: true }],
      filters: [{ column: "distance", op: ">", value: 1000 }],
    });
    assert.equal(page.rows.length, 2);
    assert.ok((page.rowCount ?? 0) > 10_000);
    const show = table[Symbol.for("Jupyter.display") as never] as () => Promise<Record<string, string>>;
    const bundle = await show.call(table);
    assert.match(bundle["text/plain"] ?? "", /^date +delay .*no nulls.*ORD.*\n166,341 rows × 5 columns$/s);
    assert.match(bundle["text/html"] ?? "", /<table/);
  });
});
