/** @file Polynomial features: products of columns. */
import * as v from "valibot";
import { InvalidInputError } from "../../errors.ts";
import { tensor } from "../../graph/create.ts";
import { take } from "../../graph/functions/indexing.ts";
import type { Tensor } from "../../graph/tensor.ts";
import type { StepDefinition } from "../step.ts";
import { asNumbers, sideBySide } from "../traced.ts";
import type { NumberColumn, Transformer } from "../transformer.ts";

/** Which products {@link polynomial} makes. */
export interface PolynomialOptions {
  /** The highest degree; 2 where absent. */
  readonly degree?: number;
  /** Whether a column stands at most once in a product; not so where absent. */
  readonly interactionsOnly?: boolean;
}

/** The columns of each product, by ascending degree. */
const state = v.object({ products: v.array(v.array(v.number())) });

/**
 * All products of the columns up to a degree, the columns themselves first: scikit-learn's PolynomialFeatures without its
 * constant. A product of something missing is missing.
 * @example columns({ area: from(["width", "height"], polynomial({ degree: 2 })) })
 */
export function polynomial({ degree = 2, interactionsOnly = false }: PolynomialOptions = {}): Transformer<
  NumberColumn,
  "number"
> {
  if (!Number.isInteger(degree) || degree < 1 || degree > 10)
    throw new InvalidInputError(`polynomial: ${degree} is no degree from 1 to 10`);
  return { kind: "polynomial", settings: { degree, interactionsOnly } };
}

/** The kind of step behind {@link polynomial}. */
export const polynomialStep: StepDefinition<Required<PolynomialOptions>, v.InferOutput<typeof state>> = {
  kind: "polynomial",
  state,
  takes: "number",
  fit: async ({ degree, interactionsOnly }, columns) => ({
    products: productsOf(columns.length, degree, interactionsOnly),
  }),
  names: ({ products }, columns) => products.map((product) => nameOf(product, columns)),
  sql: ({ products }, columns) =>
    products.map((product) => ({
      type: "number",
      sql: product.map((at) => `${columns[at]?.sql ?? "NULL"}::DOUBLE`).join(" * "),
    })),
  trace: ({ products }, columns) => {
    const x = asNumbers(columns);
    const degrees = [...new Set(products.map(({ length }) => length))];
    return sideBySide(
      degrees.map((degree) => {
        const ofDegree = products.filter(({ length }) => length === degree);
        const factors = Array.from({ length: degree }, (_, factor): Tensor =>
          take(
            x,
            tensor(
              ofDegree.map((product) => product[factor] ?? 0),
              "int64",
            ),
            1,
          ),
        );
        return factors.reduce((product, factor) => product.mul(factor));
      }),
    );
  },
};

function productsOf(columns: number, degree: number, interactionsOnly: boolean): number[][] {
  let last: number[][] = [[]];
  return Array.from({ length: degree }, () => {
    last = last.flatMap((product) => {
      const first = (product.at(-1) ?? 0) + (interactionsOnly && product.length > 0 ? 1 : 0);
      return Array.from({ length: Math.max(columns - first, 0) }, (_, at) => [...product, first + at]);
    });
    return last;
  }).flat();
}

function nameOf(product: readonly number[], columns: readonly string[]): string {
  const distinct = [...new Set(product)];
  return distinct
    .map((at) => {
      const power = product.filter((each) => each === at).length;
      return `${columns[at]}${power === 1 ? "" : `^${power}`}`;
    })
    .join(" ");
}
