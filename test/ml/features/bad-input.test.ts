/** @file What features refuse, and what they make of values that models must live with. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InvalidInputError } from "../../../ml/errors.ts";
import {
  FileChangedError,
  openDatabase,
  read,
  tableSource,
  type Database,
  type TableSource,
} from "../../../ml/data/index.ts";
import {
  binning,
  columns,
  cross,
  dateParts,
  from,
  hashing,
  imputer,
  loadFeatures,
  minMaxScaler,
  oneHot,
  ordinal,
  passthrough,
  powerScaler,
  quantileScaler,
  standardScaler,
  targetEncoder,
  tensorFunction,
} from "../../../ml/features/index.ts";
import { assertSameFeatures } from "./assert-features.ts";
import { runOnnx } from "./run-onnx.ts";

describe("features of bad input", () => {
  let database: Database;
  before(async () => {
    database = await openDatabase();
  });
  after(() => database.close());

  const table = async (sql: string): Promise<TableSource> => await tableSource(database, sql);
  const of = async (column: string, ...values: readonly string[]): Promise<TableSource> =>
    await table(`SELECT * FROM (VALUES ${values.map((value) => `(${value})`).join(", ")}) t(${column})`);
  const refused = async (promise: Promise<unknown>, message: RegExp): Promise<void> =>
    await assert.rejects(promise, (error) => {
      assert.ok(error instanceof InvalidInputError, String(error));
      assert.match(error.message, message);
      return true;
    });

  it("no rows to fit on are an error; no rows to transform are an empty matrix", async () => {
    const empty = await table("SELECT 1.5::DOUBLE AS x, 'a' AS job WHERE false");
    const features = columns({ x: standardScaler(), job: oneHot() });
    await refused(features.fit(empty), /no rows/);
    const fitted = await features.fit(await table("SELECT 1.5::DOUBLE AS x, 'a' AS job"));
    const { data, rows } = await fitted.transform(empty);
    assert.deepEqual([rows, data.length], [0, 0]);
  });

  it("infinite numbers are an error of the fit, and stay what they are afterwards, also in ONNX", async () => {
    const infinite = await of("x", "'inf'::DOUBLE", "'-inf'::DOUBLE", "1", "2", "NULL", "'nan'::DOUBLE");
    for (const step of [
      standardScaler(),
      minMaxScaler(),
      binning(),
      oneHot(),
      quantileScaler(),
      powerScaler(),
    ])
      await refused(columns({ x: step }).fit(infinite), /column "x" holds infinite numbers, 2 of them/);
    const fitted = await columns({
      scaled: from("x", standardScaler()),
      bins: from("x", binning({ bins: 2 })),
      ranks: from("x", quantileScaler({ quantiles: 3 })),
      known: from("x", ordinal({ unknown: -1 })),
    }).fit(await of("x", "1::DOUBLE", "2", "3", "NULL"));
    const { data } = await fitted.transform(infinite);
    assertSameFeatures(data.slice(0, 8), [Infinity, 1, 1, -1, -Infinity, 0, 0, -1]);
    assert.ok(data.slice(16).every(Number.isNaN));
    assertSameFeatures(await runOnnx(fitted, infinite), data, "ONNX");
  });

  it("what is too large for float32 is an error", async () => {
    const fitted = await columns({ x: passthrough() }).fit(await of("x", "1::DOUBLE"));
    await refused(fitted.transform(await of("x", "1e300::DOUBLE")), /too large for float32/);
  });

  it("numbers whose squares are no numbers are an error of what needs them", async () => {
    const numbers = await of("x", "1e300::DOUBLE", "1", "2");
    await refused(columns({ x: standardScaler() }).fit(numbers), /too large/);
    await refused(columns({ x: powerScaler() }).fit(numbers), /too large/);
    const fitted = await columns({ x: binning({ bins: 2 }) }).fit(numbers);
    assert.deepEqual([...(await fitted.transform(numbers)).data], [1, 0, 1]);
  });

  it("powers of values that lie far from 0, or are two", async () => {
    const left = await table("SELECT 2020 - exp((i % 100) / 20.0)::DOUBLE AS x FROM range(1000) r(i)");
    const fitted = await columns({ x: powerScaler() }).fit(left);
    const { data } = await fitted.transform(left);
    assert.ok(Math.abs(data.reduce((sum, value) => sum + value, 0)) < 1e-2);
    assert.ok(Math.abs(data.reduce((sum, value) => sum + value ** 2, 0) / data.length - 1) < 1e-5);
    assertSameFeatures(await runOnnx(fitted, left), data, "ONNX");
    const two = await table("SELECT (i % 2)::DOUBLE AS x FROM range(100) r(i)");
    const ofTwo = await columns({ x: powerScaler() }).fit(two);
    assertSameFeatures((await ofTwo.transform(two)).data.slice(0, 2), [-1, 1]);
  });

  it("columns that are not there, or of another type", async () => {
    const people = await table("SELECT 1.5::DOUBLE AS income, 'a' AS job, [1] AS list");
    await refused(columns({ list: oneHot() }).fit(people), /"list" is of type list/);
    await refused(columns({}).fit(people), /names no column/);
    const fitted = await columns({ income: standardScaler(), job: oneHot() }).fit(people);
    await refused(fitted.transform(await table("SELECT 1.5 AS income")), /no column "job"/);
    await refused(
      fitted.transform(await table("SELECT 'x' AS income, 'a' AS job")),
      /type string; .* float64/,
    );
    await refused(fitted.transform(await table("SELECT 1 AS income, 2 AS job")), /type int32; .* string/);
    const whole = await fitted.transform(await table("SELECT 2 AS income, 'a' AS job"));
    assert.deepEqual([...whole.data], [0.5, 1]);
  });

  it("a missing whole number where the fit saw none is an error, but for an imputer", async () => {
    const fitted = await columns({ x: standardScaler(), y: [imputer("mean"), standardScaler()] }).fit(
      await of("x, y", "1, 1", "3, 3"),
    );
    assert.deepEqual(
      fitted.inputs.map(({ dtype }) => dtype),
      ["int64", "float64"],
    );
    await refused(fitted.transform(await of("x, y", "NULL, 1")), /column "x" has a missing value/);
    const later = await of("x, y", "2, NULL");
    assert.deepEqual([...(await fitted.transform(later)).data], [0, 0]);
    assert.deepEqual([...(await runOnnx(fitted, later))], [0, 0]);
  });

  it("unknown categories are an error that names them, unless the encoder knows what to do", async () => {
    const jobs = await of("job, level", "'cook', 1", "'it''s', 2", "NULL, 2");
    const fitted = await columns({ job: oneHot() }).fit(jobs);
    await refused(fitted.transform(await of("job", "'pi\"lot'")), /column "job" holds "pi"lot", which/);
    const levels = await columns({ level: ordinal() }).fit(jobs);
    await refused(levels.transform(await of("level", "1", "7")), /column "level" holds "7"/);
    const later = await of("job, level", "'cook', 1", "'pilot', 9", "'cook', 9", "NULL, 2", "'cook', 2");
    const all = await columns({
      job: oneHot({ handleUnknown: "ignore" }),
      level: oneHot({ handleUnknown: "ignore" }),
      pairs: from(["job", "level"], cross()),
      mean: from("level", targetEncoder()),
      hash: from("job", hashing({ features: 3 })),
    }).fit(
      await table(
        "SELECT *, level::DOUBLE AS y FROM (VALUES ('cook', 1), ('it''s', 2), (NULL, 2)) t(job, level)",
      ),
      {
        target: "y",
      },
    );
    const { data, columns: names } = await all.transform(later);
    const row = (at: number): number[] =>
      Array.from(data.subarray(at * names.length, (at + 1) * names.length));
    assert.deepEqual(row(1).slice(0, 8), [0, 0, 0, 0, 0, 0, 0, 0]);
    assert.deepEqual(row(4).slice(5, 8), [0, 0, 0], "both are known, the pair is not");
    assert.deepEqual(row(3).slice(9), [0, 0, 0], "what is missing has no hash");
    assertSameFeatures(await runOnnx(all, later), data, "ONNX");
  });

  it("columns without a value, and constant ones", async () => {
    const none = await of("x, t", "NULL::DOUBLE, NULL::VARCHAR", "NULL, NULL");
    for (const strategy of ["mean", "median", "mostFrequent"] as const)
      await refused(columns({ x: imputer(strategy as "mean") }).fit(none), /column "x" holds no value/);
    await refused(columns({ x: binning() }).fit(none), /no value/);
    await refused(columns({ x: quantileScaler() }).fit(none), /no value/);
    const fitted = await columns({
      x: standardScaler(),
      low: from("x", minMaxScaler()),
      power: from("x", powerScaler()),
      filled: from("x", imputer({ constant: 4 })),
      t: oneHot(),
    }).fit(none);
    const { data, columns: names } = await fitted.transform(none);
    assert.deepEqual(names.slice(3), ["x", "t=null"]);
    assertSameFeatures(data.slice(0, 5), [Number.NaN, Number.NaN, Number.NaN, 4, 1]);
    assertSameFeatures(await runOnnx(fitted, none), data, "ONNX");
    const same = await of("x", "7::DOUBLE", "7", "7");
    const constant = await columns({
      scaled: from("x", standardScaler()),
      bins: from("x", binning()),
      power: from("x", powerScaler()),
      ranks: from("x", quantileScaler()),
      kMeans: from("x", binning({ strategy: "kMeans" })),
    }).fit(same);
    assertSameFeatures((await constant.transform(same)).data.slice(0, 5), [0, 0, 0, 0, 0]);
    assertSameFeatures(await runOnnx(constant, same), (await constant.transform(same)).data, "ONNX");
  });

  it("infinite dates are missing ones, and 0 has one sign", async () => {
    const days = await of("d, x", "DATE 'infinity', 0::DOUBLE", "DATE '2024-02-29', '-0.0'::DOUBLE");
    const fitted = await columns({ d: dateParts("day"), x: oneHot() }).fit(days);
    assert.deepEqual(fitted.names, ["d day", "x=0"]);
    assert.deepEqual([...(await fitted.transform(days)).data], [Number.NaN, 1, 29, 1]);
    const whole = await columns({ d: dateParts("day") }).fit(await of("d", "DATE '2024-02-29'"));
    await refused(whole.transform(days), /"d" has a missing value/);
  });

  it("targets that are missing, infinite or no numbers", async () => {
    const features = columns({ job: targetEncoder() });
    await refused(features.fit(await of("job", "'a'")), /needs a target/);
    await refused(
      features.fit(await of("job, y", "'a', 1", "'b', NULL"), { target: "y" }),
      /missing or infinite/,
    );
    await refused(
      features.fit(await of("job, y", "'a', 'inf'::DOUBLE"), { target: "y" }),
      /missing or infinite/,
    );
    await refused(
      features.fit(await of("job, y", "'a', 'yes'", "'b', NULL"), { target: "y" }),
      /missing or infinite/,
    );
    await refused(
      features.fit(await of("job, y", "'a', 'yes'"), { target: "y" }),
      /the target has one class only, "yes"/,
    );
    await refused(
      features.fit(await table("SELECT 'a' AS job, 'b' AS y WHERE false"), { target: "y" }),
      /no rows/,
    );
    const three = await of("job, y", "'a', 'x'", "'b', 'y'", "'b', 'z'");
    const as = async (targetType: "continuous" | "binary", rows: TableSource): Promise<unknown> =>
      await columns({ job: targetEncoder({ targetType }) }).fit(rows, { target: "y" });
    await refused(as("continuous", three), /texts is not continuous/);
    await refused(as("binary", three), /has 3 classes, and targetType "binary" takes two/);
    const infinite = await of("job, y", "'a', 'inf'::DOUBLE", "'a', 1", "'b', 'nan'::DOUBLE");
    await refused(as("binary", infinite), /missing or infinite/);
    assert.throws(() => targetEncoder({ targetType: "two" as "binary" }), /"two" is none of auto/);
    assert.throws(
      () =>
        loadFeatures({
          version: 1,
          inputs: [{ name: "job", type: "VARCHAR", dtype: "string" }],
          routes: [
            { columns: ["job"], steps: [{ kind: "targetEncoder", state: { columns: [{ means: 1 }] } }] },
          ],
        }),
      InvalidInputError,
    );
    const grouped = (await database.table("SELECT 'a' AS job, 1 AS y")).groupBy("job", "y").aggregate({});
    await refused(features.fitTransform(grouped, { target: "y", folds: 1 }), /no number of folds/);
  });

  it("settings and chains that can't work", async () => {
    const people = await table("SELECT 1.5::DOUBLE AS x, 'a' AS job, DATE '2024-01-01' AS day");
    assert.throws(() => binning({ bins: 1 }), InvalidInputError);
    const zero = await of("job", "'a' || chr(0)", "'a'");
    await refused(columns({ job: oneHot() }).fit(zero), /zero byte/);
    await refused(
      columns({ job: oneHot() }).fit(await of("job", "9223372036854775807")),
      /cast such numbers/,
    );
    assert.throws(() => minMaxScaler({ range: [1, 1] }), /not below/);
    assert.throws(() => hashing({ features: 0 }), InvalidInputError);
    await refused(columns({ job: imputer({ constant: "b" }) }).fit(people), /gives texts .* encode them/);
    await refused(
      columns({ x: [quantileScaler(), standardScaler()] }).fit(people),
      /quantileScaler must be the last/,
    );
    await refused(
      columns({ x: powerScaler("boxCox") }).fit(await of("x", "0::DOUBLE", "1")),
      /takes positive/,
    );
    await refused(columns({ day: dateParts("hour") }).fit(people), /without a time/);
    // @ts-expect-error it must give [rows, features]
    const sums = columns({ x: tensorFunction((x) => x.sum(1)) });
    await refused(sums.fit(people), /must give \[rows, features\]/);
  });

  it("a file that has changed since it was read is an error", async () => {
    const folder = mkdtempSync(join(tmpdir(), "tenon-features-"));
    try {
      const path = join(folder, "people.csv");
      writeFileSync(path, "income,job\n10.5,cook\n20,pilot\n");
      const people = await read(path);
      const features = columns({ income: standardScaler(), job: oneHot() });
      const fitted = await features.fit(people);
      assert.deepEqual([...(await fitted.transform(people)).data], [-1, 1, 0, 1, 0, 1]);
      writeFileSync(path, "income,job\n10.5,cook\n20,pilot\n30,cook\n");
      await assert.rejects(features.fit(people), FileChangedError);
      await assert.rejects(fitted.transform(people), FileChangedError);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("a matrix that no array holds is an error", async () => {
    const ids = await columns({ id: oneHot() }).fit(await table("SELECT i AS id FROM range(5000) r(i)"));
    await refused(
      ids.transform(await table("SELECT i % 5000 AS id FROM range(4000000) r(i)")),
      /too many for one matrix/,
    );
  }).timeout(60_000);

  it("a function on tensors is kept with the features", async () => {
    const numbers = await of("a, b", "1::DOUBLE, 2::DOUBLE", "3, NULL");
    const fitted = await columns({
      logs: from(
        ["a", "b"],
        imputer({ constant: 5 }),
        tensorFunction((x) => x.abs().add(1).log()),
      ),
    }).fit(numbers);
    const { data } = await loadFeatures(JSON.parse(JSON.stringify(fitted))).transform(numbers);
    assertSameFeatures(data, [2, 3, 4, 6].map(Math.log));
    assertSameFeatures(await runOnnx(fitted, numbers), data, "ONNX");
  });

  it("JSON that is no fitted features", async () => {
    const fitted = await columns({ x: standardScaler() }).fit(await of("x", "1::DOUBLE"));
    const json = JSON.parse(JSON.stringify(fitted));
    assert.throws(() => loadFeatures(null), /no fitted features/);
    assert.throws(() => loadFeatures({ ...json, version: 2 }), /version/);
    const [route] = json.routes;
    const withStep = (step: unknown): unknown => ({ ...json, routes: [{ ...route, steps: [step] }] });
    assert.throws(() => loadFeatures(withStep({ kind: "magic", state: {} })), /"magic" is not known/);
    assert.throws(
      () => loadFeatures(withStep({ kind: "standardScaler", state: { centers: ["1"] } })),
      /centers/,
    );
    assert.throws(() => loadFeatures({ ...json, routes: [{ ...route, columns: ["y"] }] }), /no input "y"/);
  });

  it("more rows than a batch, in order, also where only the tensor program computes", async () => {
    const many = await table("SELECT i::DOUBLE AS x, 'v' || i % 7 AS job FROM range(20000) r(i)");
    const fitted = await columns({ x: quantileScaler({ quantiles: 2 }), job: oneHot() }).fit(many);
    const { data, rows } = await fitted.transform(many);
    assert.equal(rows, 20_000);
    for (const at of [0, 8191, 8192, 19_999]) {
      assertSameFeatures([data[at * 8] ?? Number.NaN], [at / 19_999]);
      assert.equal(data[at * 8 + 1 + (at % 7)], 1);
    }
  });
});
