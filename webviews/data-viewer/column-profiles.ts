/** @file Statistics of columns, asked for when a column shows; one question at a time, for what shows now. */
import type { ColumnProfile, Filter, Profile } from "../../kernel/protocol.ts";
import type { ProfileQuery } from "./protocol.ts";

/** Few, so that the first ones are soon there. */
const columnsPerQuestion = 4;

export class ColumnProfiles {
  readonly #ask: (query: ProfileQuery) => Promise<Profile>;
  readonly #onChange: () => void;
  readonly #profiles = new Map<string, ColumnProfile | undefined>();
  #filters: readonly Filter[] = [];
  #wanted: readonly string[] = [];
  #generation = 0;
  #isAsking = false;
  /** The statistics are of evenly spread rows, not of all. */
  isSampled = false;

  constructor(ask: (query: ProfileQuery) => Promise<Profile>, onChange: () => void) {
    this.#ask = ask;
    this.#onChange = onChange;
  }

  of(column: string): ColumnProfile | undefined {
    return this.#profiles.get(column);
  }

  /** True where a column was looked at, or could not be. */
  has(column: string): boolean {
    return this.#profiles.has(column);
  }

  /** Forgets all: the rows are others, or other filters hold. */
  reset(filters: readonly Filter[]): void {
    this.#filters = filters;
    this.#generation += 1;
    this.#profiles.clear();
    this.#isAsking = false;
  }

  /** These columns show now. */
  want(columns: readonly string[]): void {
    this.#wanted = columns;
    if (!this.#isAsking) void this.#next();
  }

  async #next(): Promise<void> {
    const columns = this.#wanted.filter((name) => !this.#profiles.has(name)).slice(0, columnsPerQuestion);
    if (columns.length === 0) return;
    const generation = this.#generation;
    this.#isAsking = true;
    let found: readonly ColumnProfile[] = [];
    let isSampled = false;
    try {
      const profile = await this.#ask({ columns, filters: [...this.#filters] });
      found = profile.columns;
      isSampled = profile.sampled;
    } catch {
      // A column that can't be examined is shown without; the rows say what is wrong where all is.
    }
    if (generation !== this.#generation) return;
    this.#isAsking = false;
    this.isSampled = isSampled;
    for (const name of columns) this.#profiles.set(name, undefined);
    for (const profile of found) this.#profiles.set(profile.name, profile);
    this.#onChange();
    void this.#next();
  }
}
