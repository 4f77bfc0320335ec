/** @file What a cell is called while it runs. */
import { type Cell, joinText } from "../../jupyter/notebook-file.ts";

const longest = 70;

/**
 * A title for each cell: the heading of the Markdown cell right above, else the cell's first comment, else the heading
 * of the section that it belongs to with its number there, else its first line of code.
 */
export function cellTitles(cells: readonly Cell[]): string[] {
  let section: string | undefined;
  let inSection = 0;
  return cells.map((cell, index) => {
    if (cell.cell_type === "markdown") {
      const heading = headingOf(joinText(cell.source));
      if (heading === undefined) return "";
      section = heading;
      inSection = 0;
      return "";
    }
    const lines = sourceLines(joinText(cell.source));
    const comment = commentOf(lines[0] ?? "");
    inSection += 1;
    const above = cells[index - 1];
    if (section !== undefined && inSection === 1 && above?.cell_type === "markdown") return shorten(section);
    if (comment !== undefined) return shorten(comment);
    if (section !== undefined) return shorten(inSection === 1 ? section : `${section} (${inSection})`);
    return shorten(lines.find((line) => !line.startsWith("import ")) ?? lines[0] ?? "");
  });
}

/** The last heading in the text: the one that is nearest to the cell below. */
function headingOf(markdown: string): string | undefined {
  const withoutCode = markdown.replaceAll(/^(```|~~~).*?^\1/gms, "");
  const heading = withoutCode.match(/^#{1,6}[ \t]+.+$/gm)?.at(-1);
  return heading
    ?.replace(/^#+\s+/, "")
    .replace(/\s+#+\s*$/, "")
    .replaceAll(/!?\[([^\]]*)\]\([^)]*\)/g, "$1")
    .replaceAll(/[*`]|<[^>]+>/g, "")
    .trim();
}

/** The lines that are neither empty nor only open a comment. */
function sourceLines(source: string): string[] {
  return source
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && line !== "/**" && line !== "/*");
}

/** The text of a line that is a comment. */
function commentOf(line: string): string | undefined {
  const text = /^(?:\/\/+|\/\*+|\*(?!\/))\s*(.*?)\s*(?:\*\/.*)?$/.exec(line)?.[1];
  return text === "" ? undefined : text;
}

function shorten(title: string): string {
  return title.length <= longest ? title : `${title.slice(0, longest - 1)}…`;
}
