/** @file Which variables a filter leaves, and in which order. */
import type { Variable } from "../../kernel/protocol.ts";
import type { PageState } from "./protocol.ts";

/** The variables whose name, type or preview holds the filter's text, in the chosen order; else in the kernel's. */
export function ordered(variables: readonly Variable[], { filter, sort }: PageState): readonly Variable[] {
  const text = filter.trim().toLowerCase();
  const found = variables.filter(({ name, type, preview }) =>
    [name, type, preview].some((each) => each.toLowerCase().includes(text)),
  );
  if (sort === undefined) return found;
  const direction = sort.descending ? -1 : 1;
  const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });
  const compare = (left: Variable, right: Variable): number => {
    if (sort.column === "bytes") return (left.bytes ?? -1) - (right.bytes ?? -1);
    if (sort.column === "shape") return elements(left) - elements(right);
    return collator.compare(left[sort.column], right[sort.column]);
  };
  return [...found].sort((left, right) => direction * compare(left, right));
}

/** How many elements a shape such as `1,000 × 3` has. */
function elements({ shape }: Variable): number {
  if (shape === undefined) return -1;
  return shape.split("×").reduce((product, size) => product * (Number(size.replaceAll(",", "")) || 1), 1);
}

/** For example `1.4 MB`. */
export function memoryText(bytes: number | undefined): string {
  if (bytes === undefined) return "";
  const units = ["B", "kB", "MB", "GB", "TB"];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${value < 10 && unit > 0 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}
