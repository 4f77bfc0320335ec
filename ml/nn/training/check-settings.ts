/** @file Checks of what `fit` is told, before anything is begun: cells are not always type-checked. */
import { InvalidInputError } from "../../errors.ts";
import { updateRule } from "../../graph/optimizers/optimizer.ts";
import { learningRateAt } from "../../graph/optimizers/schedules.ts";
import { requireNotNegative, requirePositive } from "../../settings.ts";
import { describe, leaves, type Tree } from "../../graph/trees.ts";
import { Dataset } from "./dataset.ts";
import type { FitSettings } from "./fit-settings.ts";
import { Stream } from "./stream.ts";

/** Throws {@link InvalidInputError} where settings make no sense. */
export function checkSettings<P extends Tree, T extends Tree>(settings: FitSettings<P, T>): void {
  const { data, validation, parameters, epochs, batchSize, seed = 0, earlyStopping, clipping } = settings;
  checkData("data", data);
  if (validation !== undefined) checkData("validation", validation);
  if (data instanceof Dataset && validation instanceof Dataset) checkColumns(data, validation);
  if (leaves(parameters).length === 0) throw new InvalidInputError("there are no parameters to train");
  checkOptimizer(settings.optimizer);
  checkRate(settings.learningRate);
  if (clipping && "maxNorm" in clipping) requirePositive("maxNorm", clipping.maxNorm);
  else if (clipping) requirePositive("maxValue", clipping.maxValue);
  requireWhole("epochs", epochs);
  if (batchSize !== undefined) requireWhole("batchSize", batchSize);
  if (!Number.isSafeInteger(seed) || seed < 0)
    throw new InvalidInputError(`the seed must be a whole number from 0, not ${seed}`);
  if (earlyStopping) requireWhole("earlyStopping.patience", earlyStopping.patience);
  checkPrecision(settings.precision);
}

function checkPrecision(precision: unknown): void {
  if (precision !== undefined && precision !== "float16" && precision !== "bfloat16")
    throw new InvalidInputError(
      `precision is ${typeof precision === "string" ? JSON.stringify(precision) : describe(precision)}: give "float16", "bfloat16" or nothing`,
    );
}

function checkData(what: string, data: unknown): void {
  if (!(data instanceof Dataset || data instanceof Stream))
    throw new InvalidInputError(`${what} is ${describe(data)}: make it by dataset() or stream()`);
}

function checkColumns(data: Dataset<Tree>, validation: Dataset<Tree>): void {
  const names = (each: Dataset<Tree>): string =>
    leaves(each.batch(1))
      .map(([path]) => `"${path}"`)
      .join(", ");
  if (names(data) !== names(validation))
    throw new InvalidInputError(
      `the validation rows have ${names(validation)} where the data have ${names(data)}`,
    );
}

function checkOptimizer(optimizer: FitSettings<Tree, Tree>["optimizer"] | undefined): void {
  if (optimizer === undefined)
    throw new InvalidInputError("optimizer is undefined: give one, such as adam()");
  updateRule(optimizer);
}

function checkRate(rate: unknown): void {
  if (typeof rate === "number") return requireNotNegative("the learning rate", rate);
  if (typeof rate !== "object" || rate === null)
    throw new InvalidInputError(`learningRate is ${describe(rate)}: give a number or a schedule`);
  // SAFETY: what is no schedule has no kind that is known, and is refused by it.
  learningRateAt(rate as Exclude<FitSettings<Tree, Tree>["learningRate"], number>, 0);
}

function requireWhole(what: string, value: number): void {
  if (!Number.isInteger(value) || value < 1)
    throw new InvalidInputError(`${what} must be a whole number from 1, not ${value}`);
}
