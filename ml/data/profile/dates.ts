/** @file Instants as text. */

const latest = 8.64e15;

/** Milliseconds since 1970 in ISO 8601: a day for a `DATE`, else with the time, and with a `Z` where the type has a zone. */
export function isoDate(milliseconds: number, type: string): string {
  // JavaScript's dates end in the year 275760, DuckDB's later.
  if (Math.abs(milliseconds) > latest) return `${milliseconds} ms since 1970`;
  const text = new Date(milliseconds).toISOString().replace(".000Z", "Z");
  if (type === "DATE") return text.replace(/T.*/, "");
  return type.includes("ZONE") ? text : text.replace("Z", "");
}
