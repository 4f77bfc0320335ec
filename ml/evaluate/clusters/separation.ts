/** @file How well clusters are separated, without knowing better ones. Definitions follow scikit-learn's. */
import { checkMatrix, type DenseMatrix } from "../../dense-matrix.ts";
import { InvalidInputError } from "../../errors.ts";
import type { ClassTarget } from "../../target.ts";
import { Turns } from "../../turns.ts";
import { codesOf, type Codes } from "../codes.ts";

/** How well rows fit their clusters. */
export interface Silhouette {
  /** The mean over the rows, from -1 to 1. */
  readonly score: number;
  /** For each row; 0 for one that is alone in its cluster. */
  readonly rows: Float64Array;
}

/**
 * Silhouettes by Euclidean distance (Rousseeuw, 1987): for each row, how much nearer it is to its own cluster than to the
 * nearest other. As scikit-learn's `silhouette_samples`. Takes time in proportion to the square of the rows.
 * @throws {@link InvalidInputError} for no rows, numbers that aren't finite, or other than 2 to rows - 1 clusters
 */
export async function silhouette(
  matrix: DenseMatrix,
  clusters: ClassTarget,
  { signal }: { readonly signal?: AbortSignal } = {},
): Promise<Silhouette> {
  const { codes, counts } = checkedClusters(matrix, clusters);
  const turns = new Turns(signal);
  const { data, rows } = matrix;
  const dimensions = matrix.columns.length;
  const width = counts.length;
  const sums = new Float64Array(rows * width);
  for (let row = 0; row < rows; row++) {
    const own = codes[row] ?? 0;
    for (let other = row + 1; other < rows; other++) {
      let squared = 0;
      for (let column = 0; column < dimensions; column++) {
        const difference = (data[row * dimensions + column] ?? 0) - (data[other * dimensions + column] ?? 0);
        squared += difference * difference;
      }
      const distance = Math.sqrt(squared);
      const there = row * width + (codes[other] ?? 0);
      const here = other * width + own;
      sums[there] = (sums[there] ?? 0) + distance;
      sums[here] = (sums[here] ?? 0) + distance;
    }
    if (turns.due) await turns.give();
  }
  const values = new Float64Array(rows);
  for (let row = 0; row < rows; row++) values[row] = silhouetteOf(row, codes[row] ?? 0, sums, counts);
  return { score: values.reduce((sum, value) => sum + value, 0) / rows, rows: values };
}

function silhouetteOf(row: number, own: number, sums: Float64Array, counts: Uint32Array): number {
  const width = counts.length;
  const others = (counts[own] ?? 0) - 1;
  if (others === 0) return 0;
  const within = (sums[row * width + own] ?? 0) / others;
  let nearest = Number.POSITIVE_INFINITY;
  for (let cluster = 0; cluster < width; cluster++)
    if (cluster !== own)
      nearest = Math.min(nearest, (sums[row * width + cluster] ?? 0) / (counts[cluster] ?? 1));
  const larger = Math.max(within, nearest);
  return larger === 0 ? 0 : (nearest - within) / larger;
}

/**
 * The mean over clusters of how much each overlaps the one that it overlaps most (Davies and Bouldin, 1979); lower is
 * better, 0 is best. As scikit-learn's `davies_bouldin_score`.
 * @throws {@link InvalidInputError} as {@link silhouette}
 */
export function daviesBouldin(matrix: DenseMatrix, clusters: ClassTarget): number {
  const groups = checkedClusters(matrix, clusters);
  const { centers, distances } = centersOf(matrix, groups);
  const width = groups.counts.length;
  const spreads = distances.map((sum, cluster) => sum / (groups.counts[cluster] ?? 1));
  let worst = 0;
  for (let a = 0; a < width; a++) {
    let most = 0;
    for (let b = 0; b < width; b++) {
      const apart = distanceBetween(centers, a, b, matrix.columns.length);
      if (a !== b && apart > 0) most = Math.max(most, ((spreads[a] ?? 0) + (spreads[b] ?? 0)) / apart);
    }
    worst += most / width;
  }
  return worst;
}

/**
 * The variance between clusters by the variance within (Calinski and Harabasz, 1974); higher is better. As scikit-learn's
 * `calinski_harabasz_score`, 1 where the clusters have no variance.
 * @throws {@link InvalidInputError} as {@link silhouette}
 */
export function calinskiHarabasz(matrix: DenseMatrix, clusters: ClassTarget): number {
  const groups = checkedClusters(matrix, clusters);
  const { rows, columns } = matrix;
  const { centers, squares } = centersOf(matrix, groups);
  const whole = centersOf(matrix, { codes: new Uint32Array(rows), counts: Uint32Array.of(rows) });
  const within = squares.reduce((sum, each) => sum + each, 0);
  let between = 0;
  for (const [cluster, count] of groups.counts.entries()) {
    for (let column = 0; column < columns.length; column++) {
      const difference = (centers[cluster * columns.length + column] ?? 0) - (whole.centers[column] ?? 0);
      between += count * difference * difference;
    }
  }
  const width = groups.counts.length;
  return within === 0 ? 1 : (between * (rows - width)) / (within * (width - 1));
}

function checkedClusters(matrix: DenseMatrix, clusters: ClassTarget): Codes {
  checkMatrix(matrix);
  const groups = codesOf("clusters", clusters, matrix.rows);
  const width = groups.counts.length;
  if (width < 2 || width >= matrix.rows)
    throw new InvalidInputError(
      `there are ${width} clusters of ${matrix.rows} rows: from 2 to one less than the rows are needed`,
    );
  return groups;
}

/** The mean of each cluster (row-major), and the sums of its rows' distances and squared distances from it. */
function centersOf(
  { data, rows, columns }: DenseMatrix,
  { codes, counts }: Codes,
): { readonly centers: Float64Array; readonly distances: Float64Array; readonly squares: Float64Array } {
  const dimensions = columns.length;
  // By differences from the first row: clusters of equal rows have exactly these as their center.
  const centers = new Float64Array(counts.length * dimensions);
  for (let row = 0; row < rows; row++) {
    const cluster = codes[row] ?? 0;
    for (let column = 0; column < dimensions; column++) {
      const at = cluster * dimensions + column;
      centers[at] = (centers[at] ?? 0) + (data[row * dimensions + column] ?? 0) - (data[column] ?? 0);
    }
  }
  for (const at of centers.keys())
    centers[at] =
      (data[at % dimensions] ?? 0) + (centers[at] ?? 0) / (counts[Math.floor(at / dimensions)] ?? 1);
  const distances = new Float64Array(counts.length);
  const squares = new Float64Array(counts.length);
  for (let row = 0; row < rows; row++) {
    const cluster = codes[row] ?? 0;
    let squared = 0;
    for (let column = 0; column < dimensions; column++)
      squared +=
        ((data[row * dimensions + column] ?? 0) - (centers[cluster * dimensions + column] ?? 0)) ** 2;
    distances[cluster] = (distances[cluster] ?? 0) + Math.sqrt(squared);
    squares[cluster] = (squares[cluster] ?? 0) + squared;
  }
  return { centers, distances, squares };
}

function distanceBetween(centers: Float64Array, a: number, b: number, dimensions: number): number {
  let squared = 0;
  for (let column = 0; column < dimensions; column++)
    squared += ((centers[a * dimensions + column] ?? 0) - (centers[b * dimensions + column] ?? 0)) ** 2;
  return Math.sqrt(squared);
}
