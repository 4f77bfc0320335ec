/** @file A profile as an object: data that shows itself. */
import type { ColumnProfile, ProfileData } from "./profile-data.ts";
import { parseProfile } from "./profile-schema.ts";

/** A table's profile; see `profile`. */
export class TableProfile {
  /** All of it, as JSON holds it. */
  readonly data: ProfileData;

  constructor(data: ProfileData) {
    this.data = data;
  }

  /**
   * A profile that was stored: the text of a JSON file, or what it parses to.
   * @throws {@link ProfileFormatError} where it is none
   */
  static from(json: unknown): TableProfile {
    return new TableProfile(parseProfile(json));
  }

  /** The profile of a column; undefined where there is none of that name. */
  column(name: string): ColumnProfile | undefined {
    return this.data.columns.find((column) => column.name === name);
  }

  toJSON(): ProfileData {
    return this.data;
  }
}
