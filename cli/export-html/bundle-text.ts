/** The text of a MIME bundle's entry, which may be a list of lines; empty for anything else. */
export function bundleText(value: unknown): string {
  if (typeof value === "string") return value;
  return Array.isArray(value) ? value.filter((line) => typeof line === "string").join("") : "";
}
