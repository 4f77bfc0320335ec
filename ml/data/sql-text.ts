/** Quotes a text as an SQL literal, for the statements that take no parameters (`CREATE VIEW`). */
export function sqlText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
