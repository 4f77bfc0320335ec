/** @file Where SQLite and Postgres need other words: JSON made by the database, and locks of rows. */

export interface Dialect {
  /** A JSON object of keys and values that alternate. */
  readonly object: (fields: string) => string;
  /** A JSON array of the rows that `from` has, in the order of its key; null where there are none. */
  readonly list: (element: string, from: string, order: string) => string;
  /** The JSON of all rows, which are in that order already, with commas between; null where there are none. */
  readonly joinedInOrder: (element: string, order: string) => string;
  /** A JSON object without the fields that are null, which MLflow's answers do not have either. */
  readonly withoutNulls: (json: string) => string;
  /** A float64 as a JSON number that reads back exactly. */
  readonly number: (column: string) => string;
  /** A text that is JSON as a part of JSON. */
  readonly json: (text: string) => string;
  /** `LIKE` without an escape character, cases told apart. */
  readonly like: string;
  /** At the end of a SELECT: others wait to change the row until the transaction ends. */
  readonly forUpdate: string;
  /** How many rows one INSERT takes best. */
  readonly rowsPerInsert: number;
}

/**
 * SQLite: transactions that write come one after the other, so nothing is locked. Numbers have 17 significant digits, which is
 * every float64 exactly; SQLite's own JSON has 15.
 */
export const sqlite: Dialect = {
  object: (fields) => `json_object(${fields})`,
  list: (element, from, order) =>
    `json((SELECT nullif(json_group_array(${element} ORDER BY ${order}), '[]') FROM ${from}))`,
  joinedInOrder: (element) => `group_concat(${element})`,
  withoutNulls: (json) => `json_patch('{}', ${json})`,
  number: (column) => `json(format('%!.17g', ${column}))`,
  json: (text) => `json(${text})`,
  like: "LIKE ?",
  forUpdate: "",
  rowsPerInsert: 100,
};

/** Postgres: its JSON has the shortest number that reads back exactly. */
export const postgres: Dialect = {
  object: (fields) => `json_build_object(${fields})`,
  list: (element, from, order) => `(SELECT json_agg(${element} ORDER BY ${order}) FROM ${from})`,
  joinedInOrder: (element, order) => `string_agg(CAST(${element} AS text), ',' ORDER BY ${order})`,
  withoutNulls: (json) => `json_strip_nulls(${json})`,
  number: (column) => `to_json(${column})`,
  json: (text) => `CAST(${text} AS json)`,
  like: "LIKE ? ESCAPE ''",
  forUpdate: "FOR UPDATE",
  rowsPerInsert: 1000,
};

/** What `build` makes of a dialect, made once for each. */
export function perDialect<T>(build: (dialect: Dialect) => T): (dialect: Dialect) => T {
  const [ofSqlite, ofPostgres] = [build(sqlite), build(postgres)];
  return (dialect) => (dialect === sqlite ? ofSqlite : ofPostgres);
}
