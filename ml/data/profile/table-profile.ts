/** @file A profile as an object: data that shows itself. */
import { basename, extname } from "node:path";
import type { MimeBundle } from "../../notebook-host.ts";
import { reportHtml, saveData } from "../../report-page.ts";
import type { ColumnProfile, ProfileData } from "./profile-data.ts";
import { profileDisplay, profileText } from "./profile-display.ts";
import { profileReport } from "./profile-report.ts";
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

  /**
   * The profile as a stand-alone HTML page.
   * @throws {@link ReportError} where the installation lacks the page's script and styles
   */
  async toHtml(title = "Profile"): Promise<string> {
    return await reportHtml(profileReport(this.data, title));
  }

  /**
   * Writes the profile: as a page where the file ends in `.html`, as JSON where it ends in `.json`.
   * @throws {@link ReportError} where the file cannot be written, or ends in something else
   */
  async save(file: string, title = basename(file, extname(file))): Promise<void> {
    await saveData(file, this.data, async () => await this.toHtml(title));
  }

  toJSON(): ProfileData {
    return this.data;
  }

  /** The compact form as text, for terminals and logs. */
  text(): string {
    return profileText(this.data);
  }

  [Symbol.for("Jupyter.display")](): MimeBundle {
    return profileDisplay(this.data);
  }
}
