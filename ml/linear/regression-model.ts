/** @file Fitted linear models that predict numbers. */
import { arrayJson } from "../array-json.ts";
import type { DenseMatrix } from "../dense-matrix.ts";
import type { FeatureTensor, FittedModelJson, RegressionModel, RegressionTensors } from "../estimator.ts";
import { exp } from "../graph/functions/elementwise.ts";
import { modelBundle } from "../model-display.ts";
import { checkNewRows } from "../new-rows.ts";
import type { MimeBundle } from "../notebook-host.ts";
import { applyLink, type LinearFit, type RegressionLink } from "./linear-function.ts";
import { marginTensor } from "./linear-tensors.ts";
import { marginsOfMatrix } from "./matrix-margins.ts";

/** The methods whose models these are. */
export const regressionKinds = [
  "linearRegression",
  "ridge",
  "lasso",
  "elasticNet",
  "poissonRegressor",
  "gammaRegressor",
  "linearSvr",
  "sgdRegressor",
] as const;
export type RegressionKind = (typeof regressionKinds)[number];

/** A linear function of the columns, or `exp` of one. */
export class LinearRegressionModel implements RegressionModel {
  readonly task = "regression";
  readonly kind: RegressionKind;
  readonly featureNames: readonly string[];
  readonly link: RegressionLink;
  /** One for each column. */
  readonly coefficients: Float64Array;
  readonly intercept: number;
  /** Steps of the solver; 0 where the solution is found directly. */
  readonly iterations: number;
  /** Whether the solver came within its tolerance. */
  readonly converged: boolean;

  constructor(kind: RegressionKind, featureNames: readonly string[], link: RegressionLink, fit: LinearFit) {
    this.kind = kind;
    this.featureNames = [...featureNames];
    this.link = link;
    this.coefficients = fit.coefficients;
    this.intercept = fit.intercepts[0] ?? 0;
    this.iterations = fit.iterations;
    this.converged = fit.converged;
  }

  /** In a notebook: the coefficients, the largest first. */
  [Symbol.for("Jupyter.display")](): MimeBundle {
    const { featureNames, coefficients, intercept, converged } = this;
    const facts = [
      `intercept ${Number(intercept.toPrecision(4))}`,
      ...(converged ? [] : ["did not converge"]),
    ];
    return modelBundle(this.kind, facts, { featureNames, columns: { coefficient: coefficients } });
  }

  /**
   * A number for each row.
   * @throws {@link InvalidInputError} for other columns or numbers that aren't finite
   */
  async predict(rows: DenseMatrix): Promise<Float64Array> {
    checkNewRows(rows, this.featureNames);
    const margins = await marginsOfMatrix(this.#linear(), rows);
    applyLink(this.link, margins, margins);
    return margins;
  }

  /** {@link predict} as a tensor program. */
  trace(features: FeatureTensor): RegressionTensors {
    const margins = marginTensor(this.#linear(), features);
    const prediction = (this.link === "exp" ? exp(margins) : margins).cast("float32");
    // SAFETY: there is one output.
    return { prediction: prediction as RegressionTensors["prediction"] };
  }

  /** What {@link loadLinear} makes the same model of. */
  toJSON(): FittedModelJson {
    return {
      version: 1,
      kind: this.kind,
      featureNames: this.featureNames,
      link: this.link,
      coefficients: arrayJson("float64", Float64Array.from(this.coefficients)),
      intercepts: arrayJson("float64", Float64Array.of(this.intercept)),
      iterations: this.iterations,
      converged: this.converged,
    };
  }

  #linear(): Pick<LinearFit, "coefficients" | "intercepts"> {
    return { coefficients: this.coefficients, intercepts: Float64Array.of(this.intercept) };
  }
}
