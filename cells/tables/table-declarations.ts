/** @file The columns of files as TypeScript declarations, for the check of a notebook and for files of projects. */
import type { TableColumn } from "./file-columns.ts";

/** The module whose declarations are added to. */
export const tableModule = "tenon/data";

/**
 * What adds files to the interface `TableFiles` of `tenon/data`: one property a file, by the path that `read("…")`
 * names, in the order of the paths' code units. It has to stand in a module.
 */
export function tableDeclarations(files: ReadonlyMap<string, readonly TableColumn[]>): string {
  const paths = [...files.keys()].sort(byCodeUnit);
  const lines = paths.map((path) => `    ${JSON.stringify(path)}: ${columnsType(files.get(path) ?? [])};\n`);
  return `declare module ${JSON.stringify(tableModule)} {\n  interface TableFiles {\n${lines.join("")}  }\n}\n`;
}

/** The columns of one file as an object type, in their order. */
export function columnsType(columns: readonly TableColumn[]): string {
  if (columns.length === 0) return "{}";
  const members = columns.map(({ name, type }) => `      ${propertyName(name)}: ${JSON.stringify(type)};\n`);
  return `{\n${members.join("")}    }`;
}

function propertyName(name: string): string {
  return /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(name) ? name : JSON.stringify(name);
}

function byCodeUnit(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
