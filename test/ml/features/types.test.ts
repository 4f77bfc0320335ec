/**
 * @file Mistakes that must not compile: each marked line is an error of the type checker, which `npm run typecheck`
 * verifies by refusing a mark without one. They run too, and say the same.
 */
import assert from "node:assert/strict";
import { openDatabase, type Database, type Table } from "../../../ml/data/index.ts";
import {
  binning,
  columns,
  dateParts,
  from,
  hashing,
  imputer,
  oneHot,
  polynomial,
  standardScaler,
  targetEncoder,
} from "../../../ml/features/index.ts";

type PeopleColumns = {
  readonly income: "float64";
  readonly age: "int32";
  readonly job: "string";
  readonly born: "date";
};

describe("types of features", () => {
  let database: Database;
  let people: Table<PeopleColumns>;
  before(async () => {
    database = await openDatabase();
    const table = await database.table(
      "SELECT * FROM (VALUES (10.5::DOUBLE, 31::INTEGER, 'cook', DATE '2000-01-02')) t(income, age, job, born)",
    );
    // SAFETY: these are its columns.
    people = table as Table<PeopleColumns>;
  });
  after(() => database.close());

  it("take what fits the table's columns", async () => {
    const features = columns({
      income: [imputer("median", { indicator: true }), standardScaler()],
      job: [imputer({ constant: "none" }), targetEncoder()],
      born: dateParts("year", "month"),
      hashed: from("job", hashing({ features: 4 })),
      products: from(["income", "income"], polynomial(), standardScaler()),
      months: from("born", dateParts("month"), binning({ bins: 3 }), oneHot()),
    });
    const fitted = await features.fit(people, { target: "age" });
    assert.equal(fitted.names.length, 1 + 1 + 2 + 4 + 5 + 1);
  });

  it("refuse a misspelt column", async () => {
    const one = columns({ incom: standardScaler() });
    // @ts-expect-error there is no column "incom"
    await assert.rejects(one.fit(people), /did you mean "income"\?/);
    const listed = columns({ p: from(["age", "agee"], polynomial()) });
    // @ts-expect-error there is no column "agee"
    await assert.rejects(listed.fit(people), /no column "agee"/);
  });

  it("refuse a transformer on a column of another type", async () => {
    const scaled = columns({ job: standardScaler() });
    // @ts-expect-error a transformer of column "job" does not take string
    await assert.rejects(scaled.fit(people), /takes numbers, and column "job" holds texts/);
    const dates = columns({ age: dateParts("year") });
    // @ts-expect-error a transformer of column "age" does not take int32
    await assert.rejects(dates.fit(people), /takes dates/);
    const hashed = columns({ age: hashing() });
    // @ts-expect-error a transformer of column "age" does not take int32
    await assert.rejects(hashed.fit(people), /takes texts/);
    const filled = columns({ job: [imputer("mostFrequent"), standardScaler()] });
    // @ts-expect-error texts are texts after an imputer too
    await assert.rejects(filled.fit(people), /holds texts/);
    const median = columns({ job: imputer("median") });
    // @ts-expect-error texts have no median
    await assert.rejects(median.fit(people), /no median/);
    const both = columns({ p: from(["age", "job"], polynomial()) });
    // @ts-expect-error one of the two holds texts
    await assert.rejects(both.fit(people), /holds texts/);
  });

  it("refuse a target among the features, or one that isn't there", async () => {
    const features = columns({ age: standardScaler() });
    // @ts-expect-error "age" is the target: no feature may be made of it
    await assert.rejects(features.fit(people, { target: "age" }), /no feature may be made of it/);
    // @ts-expect-error there is no column "incom"
    await assert.rejects(features.fitTransform(people, { target: "incom" }), /did you mean "income"/);
    const unknown = await database.table("SELECT 1.5::DOUBLE AS age");
    // @ts-expect-error as above, also where the table's columns are unknown
    await assert.rejects(features.fit(unknown, { target: "age" }), /no feature may be made of it/);
  });

  it("take a table of unknown columns as it is", async () => {
    const unknown = await database.table("SELECT 1.5::DOUBLE AS x");
    const fitted = await columns({ x: standardScaler() }).fit(unknown);
    assert.deepEqual(fitted.names, ["x"]);
  });
});
