import { InvalidInputError } from "../errors.ts";

/**
 * The fold of each row, from 0 to below `folds`: each has its share of every class, and rows of a class go to the folds in
 * their order, as scikit-learn's `StratifiedKFold` without shuffling has it.
 * @throws {@link InvalidInputError} where a class has fewer rows than there are folds
 */
export function stratifiedFolds(codes: Int32Array, classes: number, folds: number): Int32Array {
  const counts = new Int32Array(classes);
  for (const code of codes) counts[code] = (counts[code] ?? 0) + 1;
  const few = counts.findIndex((count) => count < folds);
  if (few >= 0)
    throw new InvalidInputError(
      `probabilities need ${folds} rows of each class, and there are ${counts[few]} of one: give more, or set probability to false`,
    );
  // Classes in the order in which they first come, one after the other, dealt to the folds in turn.
  const order = [...new Set(codes)];
  const shares = Array.from({ length: folds }, () => new Int32Array(classes));
  let dealt = 0;
  for (const code of order)
    for (let at = 0; at < (counts[code] ?? 0); at++, dealt++) {
      const share = shares[dealt % folds];
      if (share) share[code] = (share[code] ?? 0) + 1;
    }
  const current = new Int32Array(classes);
  return codes.map((code) => {
    let fold = current[code] ?? 0;
    while ((shares[fold]?.[code] ?? 0) === 0) fold++;
    const share = shares[fold];
    if (share) share[code] = (share[code] ?? 0) - 1;
    current[code] = fold;
    return fold;
  });
}
