/** @file Values as texts that a store keeps. */

/** A value as the text that the store keeps. */
export function textOf(value: unknown): string {
  if (typeof value === "string") return wellFormed(value);
  if (typeof value !== "object" || value === null) return String(value);
  try {
    return wellFormed(
      JSON.stringify(value, (_, part: unknown) => (isNumberWithoutJson(part) ? String(part) : part)),
    );
  } catch {
    return "a value that refers to itself";
  }
}

function isNumberWithoutJson(value: unknown): value is bigint | number {
  return typeof value === "bigint" || (typeof value === "number" && !Number.isFinite(value));
}

/** Without halves of characters and zeros, which databases don't take. */
export function wellFormed(text: string): string {
  return text.replaceAll(/\p{Surrogate}/gu, "\uFFFD").replaceAll("\0", "");
}
