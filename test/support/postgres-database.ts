/** @file Databases of a Postgres server, made for a test and dropped after it. */
import { randomBytes } from "node:crypto";
import { Client } from "pg";

/** The server that the tests of stores use instead of SQLite, where there is one: the URL of any of its databases. */
export const testPostgres = process.env["TENON_TEST_POSTGRES"];

export interface TestDatabase {
  readonly url: string;
  drop(): Promise<void>;
}

/** Makes an empty database. Its locale knows the cases of all letters, which SQLite does not. */
export async function makeDatabase(server: string): Promise<TestDatabase> {
  const name = `tenon_${randomBytes(6).toString("hex")}`;
  await command(
    server,
    `CREATE DATABASE ${name} TEMPLATE template0 ENCODING 'UTF8' LOCALE_PROVIDER builtin BUILTIN_LOCALE 'PG_UNICODE_FAST'`,
  );
  const url = new URL(server);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => command(server, `DROP DATABASE ${name} WITH (FORCE)`) };
}

async function command(server: string, text: string): Promise<void> {
  const client = new Client({ connectionString: server });
  await client.connect();
  try {
    await client.query(text);
  } finally {
    await client.end();
  }
}
