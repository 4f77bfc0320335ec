/** @file A table with every kind of column, and pipelines on it, for tests of packages. */
import { openDatabase, type Database, type Table } from "../../../ml/data/index.ts";
import {
  columns,
  dateParts,
  imputer,
  oneHot,
  passthrough,
  standardScaler,
} from "../../../ml/features/index.ts";
import { linearRegression, logisticRegression } from "../../../ml/linear/index.ts";
import {
  pipeline,
  type FittedClassificationPipeline,
  type FittedRegressionPipeline,
} from "../../../ml/pipeline/index.ts";
import { gradientBoostingClassifier } from "../../../ml/trees/index.ts";

/** Loans: texts, dates, times, truth values and numbers, with missing ones among them. */
export async function loanTable(database: Database): Promise<Table> {
  return await database.table(`
    SELECT
      (20 + i * 7 % 50)::INTEGER AS age,
      CASE WHEN i % 5 = 0 THEN NULL ELSE 900.5 + i * 37 % 4000 END AS income,
      CASE WHEN i % 7 = 0 THEN NULL ELSE ['cook', 'pilot', 'Bäcker 🥐'][1 + i % 3] END AS job,
      DATE '2019-12-30' + (i % 900)::INTEGER AS since,
      CASE WHEN i % 11 = 0 THEN NULL ELSE TIMESTAMP '2026-01-31 23:59:59.25' + INTERVAL (i % 100) HOUR END AS seen,
      i % 3 = 0 AS married,
      CASE WHEN i % 4 = 0 THEN NULL ELSE i % 8 < 4 END AS owns,
      CASE WHEN i % 6 = 0 THEN NULL ELSE i % 9 END::BIGINT AS children,
      (i % 13)::FLOAT AS rate,
      CASE WHEN (i * 7 % 50) + (i % 3) * 9 + i % 13 < 30 THEN 'bad' ELSE 'good' END AS status,
      i % 13 < 5 AS late,
      100.0::DOUBLE + i * 37 % 4000 + (i % 3) * 50 AS amount
    FROM range(400) t(i) ORDER BY i`);
}

const features = columns({
  age: standardScaler(),
  income: [imputer("median", { indicator: true }), standardScaler()],
  job: oneHot({ handleUnknown: "ignore" }),
  since: dateParts("year", "month"),
  seen: [dateParts("hour"), imputer("mean")],
  married: passthrough(),
  owns: [imputer("mostFrequent")],
  children: [imputer("mean"), standardScaler()],
  rate: standardScaler(),
});

/** Tells "bad" from "good" loans. */
export async function statusPipeline(table: Table): Promise<FittedClassificationPipeline> {
  return await pipeline(features, logisticRegression()).fit(table, { target: "status" });
}

/** Tells whether loans are late: classes are truth values. */
export async function latePipeline(table: Table): Promise<FittedClassificationPipeline> {
  const boosting = gradientBoostingClassifier({ nEstimators: 8, maxDepth: 3 });
  return await pipeline(features, boosting).fit(table, { target: "late" });
}

/** Tells the amount of loans. */
export async function amountPipeline(table: Table): Promise<FittedRegressionPipeline> {
  return await pipeline(features, linearRegression()).fit(table, { target: "amount" });
}

/** Calls back with the table in a database that is closed afterwards. */
export async function withLoans<T>(use: (table: Table) => Promise<T>): Promise<T> {
  using database = await openDatabase();
  return await use(await loanTable(database));
}
