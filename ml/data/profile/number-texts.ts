/** @file Numbers as people read them. */

/** A count with separators: 1,234,567. */
export function countText(count: number): string {
  return count.toLocaleString("en-US");
}

/** A count and its noun: `1 row`, `1,234 rows`. */
export function plural(count: number, noun: string): string {
  return `${countText(count)} ${noun}${count === 1 ? "" : "s"}`;
}

/** A number to four significant digits, with an exponent where it would be long. */
export function shortNumber(number: number): string {
  // Minus zero is zero.
  const value = number + 0;
  const size = Math.abs(value);
  if (value !== 0 && (size >= 1e12 || size < 1e-4)) return value.toExponential(2).replace("e+", "e");
  const decimals =
    size >= 1000 || Number.isInteger(value) ? 0 : Math.max(0, 3 - Math.floor(Math.log10(size || 1)));
  // Years and identifiers read better without separators, so only longer numbers get them.
  return value.toLocaleString("en-US", {
    useGrouping: size >= 10_000,
    maximumFractionDigits: Math.min(decimals, 8),
  });
}

/** A fraction in percent; never 0 % or 100 % where it is not. */
export function percent(fraction: number): string {
  const text = (fraction * 100).toFixed(1);
  if (fraction > 0 && text === "0.0") return "less than 0.1 %";
  return fraction < 1 && text === "100.0" ? "more than 99.9 %" : `${text.replace(/\.0$/, "")} %`;
}

/** The same for narrow places: `<0.1 %`. */
export function shortPercent(fraction: number): string {
  return percent(fraction).replace("less than ", "<").replace("more than ", ">");
}

/** A number to two decimals. */
export function twoDecimals(value: number): string {
  return value.toFixed(2).replace(/^-(0\.00)$/, "$1");
}
