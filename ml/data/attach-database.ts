/**
 * @file Other databases beside ours, to read from.
 *
 * Invariant: what a connection string holds (passwords) stands in no error.
 */
import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { QueryError } from "./errors.ts";
import { textLiteral } from "./literals.ts";
import { identifier } from "./relation-sql.ts";

const fileTypes: Readonly<Record<string, "sqlite" | "duckdb">> = {
  sqlite: "sqlite",
  sqlite3: "sqlite",
  db: "sqlite",
  db3: "sqlite",
  duckdb: "duckdb",
  ddb: "duckdb",
};

/**
 * Attaches a database of SQLite's, DuckDB's or Postgres' for reading.
 * @param run runs a statement
 * @throws {@link QueryError} as `Database.attach`
 */
export async function attachDatabase(
  source: string,
  name: string,
  run: (sql: string) => Promise<void>,
): Promise<void> {
  const isServer = /^postgres(?:ql)?:\/\//i.test(source);
  const type = isServer ? "postgres" : fileType(source);
  const place = isServer ? source : await existingFile(source);
  try {
    const options = type === "duckdb" ? "READ_ONLY" : `TYPE ${type}, READ_ONLY`;
    await run(`ATTACH ${textLiteral(place)} AS ${identifier(name)} (${options})`);
  } catch (error) {
    throw attachError(isServer ? withoutSecrets(source) : source, type, error);
  }
}

function fileType(path: string): "sqlite" | "duckdb" {
  const extension = /\.([a-z0-9]+)$/i.exec(path)?.[1]?.toLowerCase() ?? "";
  const type = fileTypes[extension];
  if (type !== undefined) return type;
  throw new QueryError(
    `cannot attach ${withoutSecrets(path)}: its name tells no database that is known (${Object.keys(fileTypes).join(", ")}, or postgresql://…)`,
    "",
  );
}

/** Without this, SQLite would make a database of a misspelt name. */
async function existingFile(path: string): Promise<string> {
  const absolute = resolve(path);
  const found = await stat(absolute).catch(() => undefined);
  if (found?.isFile() === true) return absolute;
  throw new QueryError(`cannot attach ${path}: there is no such file (in ${process.cwd()})`, "");
}

function attachError(place: string, type: string, error: unknown): QueryError {
  const said = error instanceof Error ? error.message : String(error);
  if (/extension/i.test(said) && /install|not found|not exist|load/i.test(said)) {
    return new QueryError(
      `attaching ${place} needs DuckDB's extension ${type}, which is fetched on request only: await database.installExtension("${type}")`,
      "",
    );
  }
  // The driver's message repeats the connection string, so the error has no cause to show.
  return new QueryError(`cannot attach ${place}: ${withoutSecrets(said.split("\n", 1)[0] ?? "")}`, "");
}

/** A text without the passwords of addresses and of `password=…` in it. */
export function withoutSecrets(text: string): string {
  return text
    .replaceAll(/(\w+:\/\/[^\s:@/]*):[^\s@]*@/g, "$1:…@")
    .replaceAll(/(password|passfile|sslpassword)\s*=\s*(?:'[^']*'|"[^"]*"|[^\s&"']+)/gi, "$1=…");
}
