/** @file Count, mean and squares of numbers, put together from those of parts. */

/** How many numbers, their mean, and the sum of the squares of their distances to it. */
export interface Moments {
  readonly count: number;
  readonly mean: number;
  readonly squares: number;
}

/** The moments of all parts together (Chan, Golub and LeVeque 1979); of none, a count of 0. */
export function mergeMoments(parts: readonly Moments[]): Moments {
  return parts.reduce<Moments>(
    (all, part) => {
      const count = all.count + part.count;
      const distance = part.mean - all.mean;
      return {
        count,
        mean: all.mean + (distance * part.count) / count,
        squares: all.squares + part.squares + (distance ** 2 * all.count * part.count) / count,
      };
    },
    { count: 0, mean: 0, squares: 0 },
  );
}
