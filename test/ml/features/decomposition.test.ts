import assert from "node:assert/strict";
import * as v from "valibot";
import { InvalidInputError } from "../../../ml/errors.ts";
import { fastBasis } from "../../../ml/features/decomposition/fast-basis.ts";
import { denseMap, transposedMap } from "../../../ml/features/decomposition/linear-map.ts";
import { MomentsOfRows, momentsOf } from "../../../ml/features/decomposition/moments.ts";
import {
  componentsOfMoments,
  principalComponents,
} from "../../../ml/features/decomposition/principal-components.ts";
import { sparseMap } from "../../../ml/features/decomposition/sparse-map.ts";
import { symmetricEigen } from "../../../ml/features/decomposition/symmetric-eigen.ts";
import { thinSvd } from "../../../ml/thin-svd.ts";
import { singularDirections } from "../../../ml/features/decomposition/truncated-svd.ts";
import { Random } from "../../../ml/random.ts";
import { assertCloseTo } from "../close-to.ts";
import { readReference } from "../reference.ts";
import { denseMatrix, toSparse } from "./matrices.ts";

const numbers = v.array(v.number());
const reference = readReference(
  "features-decomposition",
  v.object({
    pca: v.array(
      v.object({
        name: v.string(),
        rows: v.number(),
        columns: v.number(),
        data: numbers,
        components: v.nullable(v.number()),
        means: numbers,
        directions: numbers,
        explainedVariance: numbers,
        explainedVarianceRatio: numbers,
        singularValues: numbers,
        noiseVariance: v.number(),
        arbitrary: v.number(),
      }),
    ),
    truncatedSvd: v.array(
      v.object({
        name: v.string(),
        rows: v.number(),
        columns: v.number(),
        data: numbers,
        sparse: v.boolean(),
        components: v.number(),
        directions: numbers,
        explainedVariance: numbers,
        explainedVarianceRatio: numbers,
        singularValues: numbers,
      }),
    ),
  }),
);

describe("principal components, against scikit-learn", () => {
  for (const expected of reference.pca) {
    it(expected.name, () => {
      const matrix = denseMatrix(expected.data, expected.rows, expected.columns);
      const found = principalComponents(
        matrix,
        expected.components === null ? {} : { components: expected.components },
      );
      assertCloseTo(found.means, expected.means, 1e-9, "means");
      assertCloseTo(found.explainedVariance, expected.explainedVariance, 1e-7, "variance");
      assertCloseTo(found.explainedVarianceRatio, expected.explainedVarianceRatio, 1e-7, "share");
      // Variances below what doubles can tell apart from zero have singular values that are noise.
      assertCloseTo(found.singularValues, expected.singularValues, 1e-6, "singular values");
      assertCloseTo([found.noiseVariance], [expected.noiseVariance], 1e-7, "noise");
      const kept = (found.explainedVariance.length - expected.arbitrary) * expected.columns;
      assertCloseTo(
        found.components.subarray(0, kept),
        expected.directions.slice(0, kept),
        1e-6,
        "directions",
      );
      assertOrthonormal(found.components, expected.columns);
    });
  }
});

describe("truncated SVD, against scikit-learn", () => {
  for (const expected of reference.truncatedSvd) {
    it(expected.name, () => {
      const matrix = denseMatrix(expected.data, expected.rows, expected.columns);
      const found = singularDirections(expected.sparse ? toSparse(matrix) : matrix, expected.components);
      assertCloseTo(found.singularValues, expected.singularValues, 1e-6, "singular values");
      assertCloseTo(found.explainedVariance, expected.explainedVariance, 1e-6, "variance");
      assertCloseTo(found.explainedVarianceRatio, expected.explainedVarianceRatio, 1e-6, "share");
      assertCloseTo(found.components, expected.directions, 1e-6, "directions");
    });
  }
});

describe("decompositions", () => {
  it("gathers moments in parts as at once", () => {
    const random = new Random(5);
    const matrix = denseMatrix(
      Array.from({ length: 1000 * 7 }, (_, at) => 1e6 * (at % 7) + random.normal()),
      1000,
      7,
    );
    const parts = new MomentsOfRows(7);
    for (const [from, to] of [
      [0, 3],
      [3, 500],
      [500, 1000],
    ] as const)
      parts.add(matrix.data.subarray(from * 7, to * 7));
    const { products, means } = momentsOf(matrix);
    assertCloseTo(parts.result().products, products, 1e-6, "products");
    assertCloseTo(parts.result().means, means, 1e-8, "means");
    for (let column = 0; column < 7; column++) {
      let sum = 0;
      for (let row = 0; row < 1000; row++)
        sum += ((matrix.data[row * 7 + column] ?? 0) - (means[column] ?? 0)) ** 2;
      assert.ok(Math.abs((products[column * 8] ?? 0) - sum) < 1e-6 * sum);
    }
  });

  it("finds the same components of moments as of the rows", () => {
    const [first] = reference.pca;
    assert.ok(first);
    const matrix = denseMatrix(first.data, first.rows, first.columns);
    const found = componentsOfMoments(momentsOf(matrix), 2);
    assertCloseTo(found.components, first.directions.slice(0, 2 * first.columns), 1e-8);
  });

  it("diagonalises matrices with equal and zero eigenvalues", () => {
    for (const matrix of [
      new Float64Array(16),
      Float64Array.from([2, 0, 0, 0, 2, 0, 0, 0, 2]),
      Float64Array.from([1, 1, 1, 1, 1, 1, 1, 1, 1]),
      Float64Array.from([1e-200, 0, 0, 1e200]),
    ]) {
      const size = Math.sqrt(matrix.length);
      const { values, vectors } = symmetricEigen(matrix, size);
      assertOrthonormal(vectors, size);
      const scale = Math.max(...matrix.map(Math.abs), Number.MIN_VALUE);
      for (let i = 0; i < size; i++) {
        for (let j = 0; j < size; j++) {
          let product = 0;
          for (let k = 0; k < size; k++)
            product += (vectors[k * size + i] ?? 0) * (values[k] ?? 0) * (vectors[k * size + j] ?? 0);
          assert.ok(Math.abs(product - (matrix[i * size + j] ?? 0)) <= 1e-14 * scale);
        }
      }
    }
    assert.throws(() => symmetricEigen(Float64Array.from([Number.NaN]), 1), InvalidInputError);
  });

  it("decomposes matrices without full rank", () => {
    const columns = Float64Array.from([1, 2, 3, 4, 2, 4, 6, 8, 0, 0, 0, 0]);
    const { values, left, right } = thinSvd(Float64Array.from(columns), 3, 4);
    assertCloseTo(values, [Math.sqrt(150), 0, 0], 1e-12);
    assertOrthonormal(left, 4);
    assertOrthonormal(right, 3);
    for (let column = 0; column < 3; column++) {
      for (let row = 0; row < 4; row++) {
        let entry = 0;
        for (let k = 0; k < 3; k++)
          entry += (left[k * 4 + row] ?? 0) * (values[k] ?? 0) * (right[k * 3 + column] ?? 0);
        assert.ok(Math.abs(entry - (columns[column * 4 + row] ?? 0)) < 1e-12);
      }
    }
  });

  it("makes orthonormal bases of far and near vectors, and of dependent ones", () => {
    const random = new Random(8);
    const [count, length] = [6, 700];
    for (const nearness of [0, 1e-3, 1e-7, 1]) {
      const given = Float64Array.from({ length: count * length }, () => random.normal());
      for (let at = 0; at < length; at++) {
        const [first = 0, own = 0] = [given[at], given[5 * length + at]];
        if (nearness > 0) given[5 * length + at] = nearness === 1 ? 2 * first : first + nearness * own;
      }
      const basis = fastBasis(given.slice(), count, length);
      assertOrthonormal(basis, length);
      // Every vector is the sum of its parts along the basis.
      for (let vector = 0; vector < count; vector++) {
        const rest = given.slice(vector * length, (vector + 1) * length);
        for (let k = 0; k < count; k++) {
          const axis = basis.subarray(k * length, (k + 1) * length);
          const part = axis.reduce((sum, value, at) => sum + value * (rest[at] ?? 0), 0);
          for (let at = 0; at < length; at++) rest[at] = (rest[at] ?? 0) - part * (axis[at] ?? 0);
        }
        assert.ok(
          rest.every((value) => Math.abs(value) < 1e-10),
          `nearness ${nearness}`,
        );
      }
    }
  });

  it("multiplies sparse matrices as dense ones, shifted ones and transposed ones", () => {
    const random = new Random(2);
    const [rows, width] = [37, 23];
    const numbers = Array.from({ length: rows * width }, () =>
      random.uniform() < 0.2 ? random.normal() : 0,
    );
    const matrix = denseMatrix(numbers, rows, width);
    const shift = Float64Array.from({ length: width }, () => random.normal());
    const shifted = denseMatrix(
      numbers.map((value, at) => value - (shift[at % width] ?? 0)),
      rows,
      width,
    );
    for (const count of [1, 3, 4, 7]) {
      const draw = (length: number): Float64Array =>
        Float64Array.from({ length: count * length }, () => random.normal());
      const [long, short] = [draw(rows), draw(width)];
      for (const [map, plain] of [
        [sparseMap(toSparse(matrix)), denseMap(matrix)],
        [denseMap(matrix, shift), denseMap(shifted)],
      ] as const) {
        assertCloseTo(map.multiply(short, count), plain.multiply(short, count), 1e-12);
        assertCloseTo(map.multiplyTransposed(long, count), plain.multiplyTransposed(long, count), 1e-12);
        const both = plain.multiplyTransposed(plain.multiply(short, count), count);
        assertCloseTo(map.multiplySquared(short, count), both, 1e-11);
        assertCloseTo(plain.multiplySquared(short, count), both, 1e-11);
        const turned = transposedMap(map);
        const back = plain.multiply(plain.multiplyTransposed(long, count), count);
        assertCloseTo(turned.multiplySquared(long, count), back, 1e-11);
      }
    }
    // By the definition, to begin with.
    const one = denseMap(matrix).multiply(
      Float64Array.from({ length: width }, () => 1),
      1,
    );
    for (let row = 0; row < rows; row++) {
      const sum = numbers.slice(row * width, (row + 1) * width).reduce((total, value) => total + value, 0);
      assert.ok(Math.abs((one[row] ?? 0) - sum) < 1e-12);
    }
  });

  it("says what it cannot decompose", () => {
    const ok = denseMatrix([1, 2, 3, 5, 5, 7], 3, 2);
    const bad = denseMatrix([1, 2, Number.NaN, 5], 2, 2);
    assert.throws(() => principalComponents(bad), /column "c0" holds NaN in row 1/);
    assert.throws(
      () => principalComponents(denseMatrix([1, Number.NEGATIVE_INFINITY], 2, 1)),
      /-Infinity in row 1/,
    );
    assert.throws(() => principalComponents(denseMatrix([1, 2], 1, 2)), /at least 2 rows, and there is 1/);
    assert.throws(() => principalComponents(denseMatrix([], 0, 2)), /no rows/);
    assert.throws(() => principalComponents(ok, { components: 3 }), /1 to 2 components.* not 3/);
    assert.throws(() => principalComponents(ok, { components: 1.5 }), InvalidInputError);
    assert.throws(() => singularDirections(ok, 0), /1 to 2 components, not 0/);
    assert.throws(() => singularDirections(bad, 1), InvalidInputError);
  });
});

function assertOrthonormal(vectors: Float64Array, length: number): void {
  const count = vectors.length / length;
  for (let i = 0; i < count; i++) {
    for (let j = 0; j <= i; j++) {
      let inner = 0;
      for (let k = 0; k < length; k++)
        inner += (vectors[i * length + k] ?? 0) * (vectors[j * length + k] ?? 0);
      assert.ok(Math.abs(inner - (i === j ? 1 : 0)) < 1e-10, `vectors ${i} and ${j}: ${inner}`);
    }
  }
}
