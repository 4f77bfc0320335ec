/** @file Suites in TypeScript: expectations whose columns and values the compiler checks against a table's columns. */
import { readFile } from "node:fs/promises";
import type { TableColumns } from "../column-types.ts";
import type { Table } from "../table.ts";
import type { TableSource } from "../table-source.ts";
import { StatisticExpectations } from "./builder/statistic-expectations.ts";
import type { Expectation } from "./expectation.ts";
import type { SuiteResult } from "./result.ts";
import { parseSuite, saveSuite, suiteText, type SuiteContent } from "./suite-file.ts";
import { validateSuite, type ValidationOptions } from "./validate.ts";

/** A suite of expectations; see {@link suite}. It never changes: each `expect…` gives a new one. */
export class Suite<C extends TableColumns = TableColumns>
  extends StatisticExpectations<C, Suite<C>>
  implements SuiteContent
{
  readonly name: string;

  /** @internal */
  constructor(name: string, expectations: readonly Expectation[]) {
    super(expectations);
    this.name = name;
  }

  protected override with(expectations: readonly Expectation[]): Suite<C> {
    return new Suite(this.name, expectations);
  }

  /** Evaluates every expectation over a table's rows; see {@link validateSuite}. */
  async validate(source: TableSource, options: ValidationOptions = {}): Promise<SuiteResult> {
    return await validateSuite(source, this, options);
  }

  /** Writes the suite as a JSON file, which `tenon data validate` and Great Expectations read. */
  async save(path: string): Promise<void> {
    await saveSuite(this, path);
  }

  /** The suite as its file has it. */
  toJSON(): object {
    const json: unknown = JSON.parse(suiteText(this));
    return Object(json);
  }
}

/**
 * An empty suite, to which expectations are added.
 * @param _table a table whose columns the suite may name, by their types; without one any column is allowed. Its rows play
 * no part.
 * @example
 * const flights = suite("flights", table)
 *   .expectColumnValuesToNotBeNull("origin")
 *   .expectColumnValuesToBeBetween("delay", { minValue: -60, maxValue: 1440, mostly: 0.99 });
 * await flights.validate(table);
 */
export function suite<C extends TableColumns = TableColumns>(name: string, _table?: Table<C>): Suite<C> {
  return new Suite<C>(name, []);
}

/**
 * Reads a suite's file, written by Tenon or by Great Expectations.
 * @throws {@link SuiteError} with every problem of the file; the file system's error where it can't be read
 */
export async function readSuite<C extends TableColumns = TableColumns>(path: string): Promise<Suite<C>> {
  const { name, expectations } = parseSuite(await readFile(path, "utf8"), path);
  return new Suite<C>(name, expectations);
}
