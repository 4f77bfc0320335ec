const euler = 0.577_215_664_901_532_9;

/**
 * The mean length of a path to a row among so many in a random tree: c(n) = 2 (ln(n − 1) + γ) − 2 (n − 1) / n, which is 1
 * for two and 0 for one (Liu, Ting and Zhou, "Isolation forest", 2008, equation 1).
 */
export function averagePathLength(rows: number): number {
  if (rows <= 1) return 0;
  if (rows === 2) return 1;
  return 2 * (Math.log(rows - 1) + euler) - (2 * (rows - 1)) / rows;
}
