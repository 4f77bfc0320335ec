/** @file Settings of windows as users write them: one number for all spatial axes, or one for each. */
import { GraphError } from "../errors.ts";
import type { Windows } from "../ops/windows.ts";

/** One number for all spatial axes, or one for each. */
export type PerAxis<Sizes extends readonly number[]> = number | Sizes;

/** One number for each of `rank` axes. */
export function perAxis(what: string, setting: number | readonly number[], rank: number): readonly number[] {
  const list = typeof setting === "number" ? Array.from({ length: rank }, () => setting) : setting;
  if (list.length !== rank || !list.every((each) => Number.isInteger(each) && each >= 0))
    throw new GraphError(
      `${what}: ${JSON.stringify(setting)} is not a whole number for each of ${rank} axes`,
    );
  return list;
}

/** How windows move over the spatial axes. */
export interface Movement {
  readonly stride?: number | readonly number[] | undefined;
  readonly padding?: number | readonly number[] | "same" | "valid" | undefined;
  readonly dilation?: number | readonly number[] | undefined;
}

/**
 * Windows by a user's settings. Padding "same" keeps the sizes; where it is odd, the extra element is at the end.
 * @throws {@link GraphError} when a setting has the wrong length or is no whole number, or padding is "same" with a stride
 */
export function windowsBy(
  what: string,
  kernel: readonly number[],
  { stride = 1, padding = 0, dilation = 1 }: Movement,
): Windows {
  const rank = kernel.length;
  const strides = positive(what, stride, rank);
  const dilations = positive(what, dilation, rank);
  if (padding !== "same") {
    const added = perAxis(what, padding === "valid" ? 0 : padding, rank);
    return { kernel, strides, dilations, before: added, after: added };
  }
  if (strides.some((each) => each !== 1))
    throw new GraphError(`${what}: padding "same" needs a stride of 1; give the padding in numbers`);
  const totals = kernel.map((size, axis) => (size - 1) * (dilations[axis] ?? 1));
  const before = totals.map((total) => Math.floor(total / 2));
  const after = totals.map((total) => Math.ceil(total / 2));
  return { kernel, strides, dilations, before, after };
}

function positive(what: string, setting: number | readonly number[], rank: number): readonly number[] {
  const list = perAxis(what, setting, rank);
  if (list.includes(0)) throw new GraphError(`${what}: a stride or dilation of 0`);
  return list;
}
