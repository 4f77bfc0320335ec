/** @file Lower triangles of symmetric matrices, in full square arrays row by row. */

/** L of L Lᵀ, by Cholesky's decomposition; undefined where the matrix isn't positive definite. */
export function choleskyTriangle(matrix: Float64Array, size: number): Float64Array | undefined {
  const triangle = new Float64Array(size * size);
  for (let i = 0; i < size; i++)
    for (let j = 0; j <= i; j++) {
      let sum = matrix[i * size + j] ?? 0;
      for (let k = 0; k < j; k++) sum -= (triangle[i * size + k] ?? 0) * (triangle[j * size + k] ?? 0);
      if (j < i) triangle[i * size + j] = sum / (triangle[j * size + j] ?? 1);
      else if (sum > 0) triangle[i * size + i] = Math.sqrt(sum);
      else return undefined;
    }
  return triangle;
}

/** The inverse of a lower triangle. */
export function invertTriangle(triangle: Float64Array, size: number): Float64Array {
  const inverse = new Float64Array(size * size);
  for (let column = 0; column < size; column++) {
    inverse[column * size + column] = 1 / (triangle[column * size + column] ?? 1);
    for (let i = column + 1; i < size; i++) {
      let sum = 0;
      for (let k = column; k < i; k++)
        sum -= (triangle[i * size + k] ?? 0) * (inverse[k * size + column] ?? 0);
      inverse[i * size + column] = sum / (triangle[i * size + i] ?? 1);
    }
  }
  return inverse;
}
