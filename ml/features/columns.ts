/** @file Which transformers stand on which columns. */
import { keepRows } from "../data/kept-rows.ts";
import { Table } from "../data/table.ts";
import type { TableSource } from "../data/table-source.ts";
import { InvalidInputError } from "../errors.ts";
import type { ClassTarget } from "../target.ts";
import type { FeatureMatrix } from "./feature-matrix.ts";
import { FittedFeatures } from "./fitted-features.ts";
import { featureNames, type FittedRoute, type FittedStep } from "./fitted-route.ts";
import { matrixAndTarget, type ColumnsBeside } from "./transform-table.ts";
import { fitRoutes, type FittedRoutes, type Route } from "./fit-routes.ts";
import { applySteps } from "./apply-steps.ts";
import { fitOnFeatures } from "./piped-steps.ts";
import { findStep } from "./step-registry.ts";
import type { MatrixTransformer, Transformer } from "./transformer.ts";
import type { CheckedRoutes } from "./route-types.ts";

/** One transformer, or several of which each stands on what the one before gives. */
export type Steps = Transformer | readonly [Transformer, ...Transformer[]];

/** Steps on columns that are named here and not by the route's own name; see {@link from}. */
export interface NamedColumns<
  Names extends readonly string[] = readonly string[],
  Chain extends readonly Transformer[] = readonly Transformer[],
> {
  readonly columns: Names;
  readonly steps: Chain;
}

/** What {@link columns} takes: steps by the column that they stand on, or by a name of their own with {@link from}. */
export type Routes = Readonly<Record<string, Steps | NamedColumns>>;

/**
 * Steps on one or several columns, for what can't be named by its column: a column used twice, or steps on several.
 * @example columns({ age: standardScaler(), ageGroup: from("age", binning({ bins: 5 }), oneHot()) })
 */
export function from<
  const Names extends string | readonly [string, ...string[]],
  const Chain extends readonly [Transformer, ...Transformer[]],
>(
  names: Names,
  ...steps: Chain
): NamedColumns<
  Names extends string ? readonly [Names] : Names extends readonly string[] ? Names : never,
  Chain
>;
export function from(names: string | readonly string[], ...steps: readonly Transformer[]): NamedColumns {
  return { columns: [names].flat(), steps };
}

/** Settings of a fit. */
export interface FitOptions<Target extends string = string> {
  /** The column that is to be predicted, where a transformer needs it. No feature may be made of it. */
  readonly target?: Target;
}

/** Settings of a fit whose rows become features at once. */
export interface FitTransformOptions<Target extends string = string> extends FitOptions<Target> {
  /** How many folds; 5 where absent. */
  readonly folds?: number;
  /** A column of numbers that is read along: how much each row counts. */
  readonly weights?: string;
}

/** Fitted features with the features of the rows that they were fitted on. */
export interface FittedWithRows {
  readonly fitted: FittedFeatures;
  readonly matrix: FeatureMatrix;
  /** Each row's target, where one was named. */
  readonly target: ClassTarget | undefined;
  /** Each row's weight, where a column was named; NaN where it has none. */
  readonly weights: Float64Array | undefined;
}

/** Features that are described and not yet fitted; see {@link columns}. */
export class Features<R extends Routes = Routes> {
  readonly routes: R;
  /** Steps on all features together. */
  readonly piped: readonly MatrixTransformer[];

  /** @internal */
  constructor(routes: R, piped: readonly MatrixTransformer[] = []) {
    this.routes = routes;
    this.piped = piped;
  }

  /**
   * The same features with steps that stand on all of them together: selection, principal components, ….
   * @example columns({ income: standardScaler(), job: oneHot() }).pipe(selectKBest("fClassif", 10))
   */
  pipe(...steps: readonly MatrixTransformer[]): Features<R> {
    return new Features(this.routes, [...this.piped, ...steps]);
  }

  /**
   * Fits all transformers and gives the features of the very rows that they are fitted on. Where a transformer looks at the
   * target, each row is encoded by the rows of the other folds (row i is in fold i mod `folds`), as in scikit-learn's
   * `fit_transform`; the fitted features are those of {@link fit}, but that what follows such a transformer is fitted on
   * what it gave here. The target, where one is named, comes in the same order of rows: texts, or numbers.
   * @throws as {@link fit}
   */
  async fitTransform<T extends TableSource, const Target extends string = never>(
    table: T & CheckedRoutes<R, T, Target>,
    options: FitTransformOptions<Target> = {},
  ): Promise<FittedWithRows> {
    const { target, folds = 5 } = options;
    if (!Number.isInteger(folds) || folds < 2)
      throw new InvalidInputError(`${folds} is no number of folds: at least 2`);
    const routes = this.#routes(target);
    const hasFolds = routes.some(({ steps }) => steps.some(({ kind }) => findStep(kind).fitOthers));
    // Folds go by the order of the rows, which must be the same in each query.
    if (hasFolds && table instanceof Table && !table.isOrdered) {
      await using kept = await keepRows(table);
      return await this.#fitTransform(kept.all, routes, options, folds);
    }
    return await this.#fitTransform(table, routes, options, folds);
  }

  async #fitTransform(
    table: TableSource,
    routes: readonly Route[],
    options: FitTransformOptions,
    folds: number,
  ): Promise<FittedWithRows> {
    const found = await fitRoutes(table, routes, { target: options.target, folds });
    const given = await this.#fitPiped(table, found, options, folds);
    const fitted = new FittedFeatures(found.inputs, withoutFolds(found.routes), given.piped);
    const { matrix, target: y, weights } = given;
    return { fitted, matrix: applySteps(given.piped, matrix), target: y, weights };
  }

  /**
   * Fits all transformers, by one query for the first of each route, one for the second of each, ….
   * @throws {@link InvalidInputError} for no rows, infinite numbers, a column that isn't there or doesn't fit its step
   */
  async fit<T extends TableSource, const Target extends string = never>(
    table: T & CheckedRoutes<R, T, Target>,
    options: FitOptions<Target> = {},
  ): Promise<FittedFeatures> {
    const { target } = options;
    const found = await fitRoutes(table, this.#routes(target), { target, folds: undefined });
    if (this.piped.length === 0) return new FittedFeatures(found.inputs, found.routes);
    const { piped } = await this.#fitPiped(table, found, { target }, undefined);
    return new FittedFeatures(found.inputs, found.routes, piped);
  }

  /** The features of the fitted routes, and the steps that were fitted on all of them. */
  async #fitPiped(
    table: TableSource,
    { inputs, routes }: FittedRoutes,
    read: ColumnsBeside,
    folds: number | undefined,
  ): Promise<Omit<FittedWithRows, "fitted"> & { readonly piped: readonly FittedStep[] }> {
    const names = routes.flatMap((route) => featureNames(route));
    const given = await matrixAndTarget(table, inputs, routes, names, folds, read);
    return { ...given, piped: await fitOnFeatures(this.piped, given.matrix, given.target) };
  }

  #routes(target: string | undefined): readonly Route[] {
    const routes = Object.entries<Steps | NamedColumns>(this.routes).map(([name, route]) =>
      routeOf(name, route),
    );
    if (routes.length === 0) throw new InvalidInputError("columns({}) names no column");
    if (target !== undefined && routes.some(({ columns }) => columns.includes(target)))
      throw new InvalidInputError(`"${target}" is the target: no feature may be made of it`);
    return routes;
  }
}

/**
 * Routes columns to transformers; the features stand in the order of the routes. Columns that are not named are left out.
 *
 * With a table whose columns the compiler knows, a misspelt column and a transformer that doesn't take the column's type
 * are errors of the check, where the table is given to `fit`.
 * @example
 * const features = columns({ income: standardScaler(), job: oneHot(), age: [imputer("median"), standardScaler()] });
 * const fitted = await features.fit(table);
 */
export function columns<const R extends Routes>(routes: R): Features<R> {
  return new Features(routes);
}

function routeOf(name: string, route: Steps | NamedColumns): Route {
  if ("columns" in route) return route;
  return { columns: [name], steps: "kind" in route ? [route] : route };
}

function withoutFolds(routes: readonly FittedRoute[]): readonly FittedRoute[] {
  return routes.map(({ columns, steps }) => ({
    columns,
    steps: steps.map(({ kind, state }) => ({ kind, state })),
  }));
}
