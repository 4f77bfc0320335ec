/** @file Models of neighbours that were stored as JSON. */
import * as v from "valibot";
import { arraySchema } from "../array-json.ts";
import { classesSchema } from "../class-labels.ts";
import { InvalidInputError } from "../errors.ts";
import { finiteNumbers, modelParts, readModel } from "../model-json.ts";
import { classifierKind, KNeighborsClassifierModel } from "./classifier.ts";
import { neighbourSchema, NeighbourRows } from "./neighbour-rows.ts";
import { KNeighborsRegressorModel, regressorKind } from "./regressor.ts";

const parts = { ...modelParts, ...neighbourSchema.entries };
const schema = v.variant("kind", [
  v.object({
    ...parts,
    kind: v.literal(classifierKind),
    classes: classesSchema,
    codes: arraySchema("int32"),
  }),
  v.object({ ...parts, kind: v.literal(regressorKind), targets: finiteNumbers(arraySchema("float64")) }),
]);

/**
 * The model that `JSON.stringify` was given.
 * @throws {@link InvalidInputError} for what isn't that
 */
export function loadNeighbours(json: unknown): KNeighborsClassifierModel | KNeighborsRegressorModel {
  const read = readModel("model of neighbours", schema, json);
  const { featureNames, nNeighbors, weights, metric } = read;
  const rows = new NeighbourRows(featureNames, { nNeighbors, weights, metric }, read.rows);
  const require = (holds: boolean): void => {
    if (!holds) throw new InvalidInputError(`this is no ${read.kind}: its targets are not of its rows`);
  };
  if (read.kind === "kNeighborsRegressor") {
    require(read.targets.length === rows.count);
    return new KNeighborsRegressorModel(rows, read.targets);
  }
  const { classes, codes } = read;
  require(codes.length === rows.count && codes.every((code) => code >= 0 && code < classes.length));
  return new KNeighborsClassifierModel(rows, classes, codes);
}
