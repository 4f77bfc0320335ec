/**
 * @file What trees of both tasks learn: each row adds an amount to one slot. For classes the slot is the class and the
 * amount 1; for numbers there is one slot, and the amount is the number.
 */
export interface TreeTarget {
  readonly slots: Uint16Array;
  readonly slotCount: number;
  readonly amounts: Float64Array;
  readonly isClasses: boolean;
}

/** How impure nodes are: "squares" is Gini's impurity for classes and the variance for numbers. */
export type Impurity = "squares" | "entropy";

/** Classes as a target. */
export function classesTarget(codes: Int32Array, classes: number): TreeTarget {
  return {
    slots: Uint16Array.from(codes),
    slotCount: classes,
    amounts: new Float64Array(codes.length).fill(1),
    isClasses: true,
  };
}

/** Numbers as a target. */
export function numbersTarget(numbers: Float64Array): TreeTarget {
  return { slots: new Uint16Array(numbers.length), slotCount: 1, amounts: numbers, isClasses: false };
}

/**
 * What a node's purity is worth, from its slots' sums and its weight: Σ s² / w, or Σ s ln s − w ln w. A split improves by
 * what its children are worth more than it.
 */
export function worth(impurity: Impurity, sums: Float64Array, count: number, weight: number): number {
  if (weight <= 0) return 0;
  let total = 0;
  if (impurity === "squares") {
    for (let slot = 0; slot < count; slot++) total += (sums[slot] ?? 0) ** 2;
    return total / weight;
  }
  for (let slot = 0; slot < count; slot++) {
    const sum = sums[slot] ?? 0;
    if (sum > 0) total += sum * Math.log(sum);
  }
  return total - weight * Math.log(weight);
}
