/** @file A comparison as an object: data that shows itself. */
import { basename, extname } from "node:path";
import type { MimeBundle } from "../../notebook-host.ts";
import { reportHtml, saveData } from "../../report-page.ts";
import type { ComparedColumn, ComparisonData } from "./comparison-data.ts";
import { comparisonDisplay, comparisonText } from "./comparison-display.ts";
import { comparisonReport } from "./comparison-report.ts";
import { parseComparison } from "./comparison-schema.ts";

/** How two tables differ; see `compare`. */
export class TableComparison {
  /** All of it, as JSON holds it. */
  readonly data: ComparisonData;

  constructor(data: ComparisonData) {
    this.data = data;
  }

  /**
   * A comparison that was stored: the text of a JSON file, or what it parses to.
   * @throws {@link ComparisonFormatError} where it is none
   */
  static from(json: unknown): TableComparison {
    return new TableComparison(parseComparison(json));
  }

  /** What was compared of a column; undefined where not both tables have it. */
  column(name: string): ComparedColumn | undefined {
    return this.data.columns.find((column) => column.name === name);
  }

  /**
   * The comparison as a stand-alone HTML page.
   * @throws {@link ReportError} where the installation lacks the page's script and styles
   */
  async toHtml(title = `${this.data.names[0]} and ${this.data.names[1]}`): Promise<string> {
    return await reportHtml(comparisonReport(this.data, title));
  }

  /**
   * Writes the comparison: as a page where the file ends in `.html`, as JSON where it ends in `.json`.
   * @throws {@link ReportError} where the file cannot be written, or ends in something else
   */
  async save(file: string, title = basename(file, extname(file))): Promise<void> {
    await saveData(file, this.data, async () => await this.toHtml(title));
  }

  toJSON(): ComparisonData {
    return this.data;
  }

  /** The compact form as text, for terminals and logs. */
  text(): string {
    return comparisonText(this.data);
  }

  [Symbol.for("Jupyter.display")](): MimeBundle {
    return comparisonDisplay(this.data);
  }
}
