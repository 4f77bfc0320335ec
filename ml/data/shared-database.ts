/** @file The database in memory that tables are in unless they are given another. */
import { openDatabase, type Database } from "./database.ts";

let shared: Promise<Database> | undefined;

/** The shared database, opened when it is first asked for; it lives as long as the process. */
export async function sharedDatabase(): Promise<Database> {
  shared ??= openDatabase();
  return await shared;
}
