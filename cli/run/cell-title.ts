/** @file What a cell is called while it runs. */
import { type Cell, joinText } from "../../jupyter/notebook-file.ts";

const longest = 70;

/**
 * A title for each cell: the heading of the Markdown cell right above, else the cell's first comment, else its first
 * line of code.
 */
export function cellTitles(cells: readonly Cell[]): string[] {
  return cells.map((cell, index) => {
    const above = cells[index - 1];
    const heading = above?.cell_type === "markdown" ? headingOf(joinText(above.source)) : undefined;
    return shorten(heading ?? firstLine(joinText(cell.source)));
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

function firstLine(source: string): string {
  const line = source
    .split("\n")
    .map((each) => each.trim())
    .find((each) => each !== "" && each !== "/**" && each !== "/*");
  const comment = /^(?:\/\/+|\/\*+|\*(?!\/))\s*(.*?)\s*(?:\*\/.*)?$/.exec(line ?? "")?.[1];
  return comment ?? line ?? "";
}

function shorten(title: string): string {
  return title.length <= longest ? title : `${title.slice(0, longest - 1)}…`;
}
