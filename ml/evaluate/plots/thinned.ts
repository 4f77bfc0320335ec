const plottedPoints = 400;

/**
 * A curve from 0 to 1 of at most about 400 points, evenly spread along both axes, so that a notebook stays small.
 */
export function thinned(
  xs: Float64Array,
  ys: Float64Array,
): { readonly x: readonly number[]; readonly y: readonly number[] } {
  const kept: { readonly x: number[]; readonly y: number[] } = { x: [], y: [] };
  let [lastX, lastY] = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let point = 0; point < xs.length; point++) {
    const x = xs[point] ?? 0;
    const y = ys[point] ?? 0;
    const isNear = Math.abs(x - lastX) + Math.abs(y - lastY) < 2 / plottedPoints;
    if (isNear && point < xs.length - 1) continue;
    [lastX, lastY] = [x, y];
    kept.x.push(Number(x.toFixed(5)));
    kept.y.push(Number(y.toFixed(5)));
  }
  return kept;
}
