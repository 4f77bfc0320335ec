/** @file Measures that are asked for by their names. */
import { InvalidInputError } from "../../errors.ts";

/** Measures by name, or functions of a fold's rows by names of their own. */
export type Metrics<Name extends string, Rows> =
  readonly Name[] | Readonly<Record<Name, (rows: Rows) => number>>;

/**
 * The functions of measures, of those that may be named or of others.
 * @throws {@link InvalidInputError} for a name that there is not, or none at all
 */
export function namedMetrics<Rows>(
  metrics: Metrics<string, never>,
  known: Readonly<Record<string, { readonly score: (rows: Rows) => number }>>,
): Readonly<Record<string, (rows: Rows) => number>> {
  // SAFETY: the types of crossValidate take functions of such rows only.
  if (!Array.isArray(metrics)) return metrics as Readonly<Record<string, (rows: Rows) => number>>;
  const names: readonly string[] = metrics;
  if (names.length === 0) throw new InvalidInputError("there are no metrics to measure");
  return Object.fromEntries(
    names.map((name) => {
      const metric = known[name];
      if (!metric || !Object.hasOwn(known, name))
        throw new InvalidInputError(
          `there is no metric "${name}" of such an estimator: there are ${Object.keys(known).join(", ")}`,
        );
      return [name, metric.score];
    }),
  );
}
