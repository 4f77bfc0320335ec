/**
 * @file Fitted features: one JSON-like value that computes the same as a query over tables, as a tensor program, and as
 * an ONNX model.
 */
import type { TableSource } from "../data/table-source.ts";
import { InvalidInputError } from "../errors.ts";
import { toOnnx, type InputType } from "../graph/export-onnx.ts";
import type { TensorData } from "../graph/runtime/tensor-data.ts";
import type { Tensor } from "../graph/tensor.ts";
import type { MimeBundle } from "../notebook-host.ts";
import { featuresBundle } from "./features-display.ts";
import type { FeatureMatrix } from "./feature-matrix.ts";
import { applySteps } from "./apply-steps.ts";
import { feedOf } from "./model-feed.ts";
import { featureNames, traceRoute, type FittedRoute, type FittedStep } from "./fitted-route.ts";
import { sqlColumnOf, type InputColumn } from "./input-columns.ts";
import { sideBySide } from "./traced.ts";
import { featureBatches, matrixOf, type FeatureBatch } from "./transform-table.ts";

/**
 * The tensors of a batch, by column: each of `[rows, 1]`, or of `[rows]`, of the type that
 * {@link FittedFeatures.inputTypes} names.
 */
export type FeatureTensors = Readonly<Record<string, Tensor>>;

/** Fitted features as JSON. */
export interface FittedFeaturesJson {
  readonly version: 1;
  readonly inputs: readonly InputColumn[];
  readonly routes: readonly FittedRoute[];
  /** Steps on all features together. */
  readonly piped?: readonly FittedStep[];
}

/** Features that were fitted on a table; immutable. */
export class FittedFeatures {
  /** The columns that they are computed from. */
  readonly inputs: readonly InputColumn[];
  /** The names of the features, in the order of the matrix. */
  readonly names: readonly string[];
  readonly #routes: readonly FittedRoute[];
  /** The routes' features, which the piped steps stand on. */
  readonly #routed: readonly string[];
  readonly #piped: readonly FittedStep[];

  /** @internal */
  constructor(
    inputs: readonly InputColumn[],
    routes: readonly FittedRoute[],
    piped: readonly FittedStep[] = [],
  ) {
    this.inputs = inputs;
    this.#routes = routes;
    this.#piped = piped;
    this.#routed = routes.flatMap((route) => featureNames(route));
    this.names = featureNames({ columns: this.#routed, steps: piped });
  }

  /** What the exported model is fed with: for each column `[rows, 1]` of a type. */
  get inputTypes(): Readonly<Record<string, InputType>> {
    return Object.fromEntries(this.inputs.map(({ name, dtype }) => [name, { dtype, shape: ["rows", 1] }]));
  }

  /** In a notebook: columns, transformers and features of each route. */
  [Symbol.for("Jupyter.display")](): MimeBundle {
    return featuresBundle(this.#routes, { columns: this.#routed, steps: this.#piped });
  }

  /**
   * The features of a table's rows, in their order. The table needs the columns that the fit read, of the same kinds.
   * @throws {@link InvalidInputError} for a column that is missing or holds what the steps refuse
   */
  async transform(table: TableSource): Promise<FeatureMatrix> {
    return applySteps(this.#piped, await matrixOf(table, this.inputs, this.#routes, this.#routed));
  }

  /**
   * {@link transform} for tables larger than memory: batches of at least `rows` rows (65,536 where absent; the last one has
   * what remains), with other `columns` of the same rows beside the features, such as the target.
   * @throws as {@link transform}, where the rows come to it
   */
  async *batches(
    table: TableSource,
    options: { readonly rows?: number; readonly columns?: readonly string[] } = {},
  ): AsyncGenerator<FeatureBatch, void, undefined> {
    const { rows = 65_536, columns = [] } = options;
    for await (const { matrix, arrays } of featureBatches(
      table,
      this.inputs,
      this.#routes,
      this.#routed,
      rows,
      columns,
    ))
      yield { matrix: applySteps(this.#piped, matrix), arrays };
  }

  /**
   * The features as a tensor of `[rows, features]` (float32): the program to compose with a model's. A category that a
   * step refuses in {@link transform} gives zeros here.
   */
  trace(inputs: FeatureTensors): Tensor<readonly ["rows", number], "float32"> {
    const features = this.#routes.map((route) => {
      const columns = route.columns.map((name) => {
        const given = inputs[name];
        if (!given) throw new InvalidInputError(`the features need an input "${name}"`);
        const tensor = given.shape.length === 1 ? given.unsqueeze(-1) : given;
        const input = this.inputs.find((each) => each.name === name);
        const { unit } = input ? sqlColumnOf(input, name) : {};
        return { tensor, ...(unit && { unit }) };
      });
      return traceRoute(route, columns);
    });
    return traceRoute({ columns: this.#routed, steps: this.#piped }, [{ tensor: sideBySide(features) }]);
  }

  /**
   * A table's rows as the exported model is fed with them: for each column `[rows, 1]`. What is missing is NaN among
   * floats and "" among texts; dates are whole days, instants whole microseconds since 1970.
   * @throws {@link InvalidInputError} for a column that is missing, of another kind than the fit read, or holds a missing
   * value that the model's input has no form for
   */
  async feed(table: TableSource): Promise<Record<string, TensorData>> {
    return await feedOf(table, this.inputs);
  }

  /** The features as an ONNX model: an input `[rows, 1]` for each column, one output `features` of `[rows, features]`. */
  toOnnx(): Uint8Array {
    return toOnnx((inputs) => ({ features: this.trace(inputs) }), this.inputTypes);
  }

  /** What {@link loadFeatures} makes the same features of. */
  toJSON(): FittedFeaturesJson {
    const piped = this.#piped.length === 0 ? {} : { piped: this.#piped };
    return { version: 1, inputs: this.inputs, routes: this.#routes, ...piped };
  }
}
