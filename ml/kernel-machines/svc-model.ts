import * as v from "valibot";
import { arrayJson } from "../array-json.ts";
import { classesSchema, classTensors, labelsAt, labelTensor, largestPlaces } from "../class-labels.ts";
import type { DenseMatrix } from "../dense-matrix.ts";
import { InvalidInputError } from "../errors.ts";
import type {
  ClassificationModel,
  ClassificationTensors,
  ClassLabel,
  FeatureTensor,
  FittedModelJson,
} from "../estimator.ts";
import { fromData } from "../graph/create.ts";
import { concat } from "../graph/functions/arrange.ts";
import { oneHot } from "../graph/functions/indexing.ts";
import { modelParts } from "../model-json.ts";
import { checkNewRows } from "../new-rows.ts";
import { Turns } from "../turns.ts";
import type { Sigmoid } from "../platt-sigmoid.ts";
import { classDecisions, traceClassDecisions, traceVotedClasses, votedClasses } from "./class-decisions.ts";
import { kernelSchema, type Kernel } from "./kernel-function.ts";
import {
  machinesSchema,
  pairDecisions,
  pairsOf,
  tracePairs,
  type Doubles,
  type PairMachines,
} from "./one-against-one.ts";
import { sigmoidProbabilities } from "./sigmoid-probabilities.ts";

/** The name in the estimator and in the JSON. */
export const svcKind = "svc";

const finite = v.pipe(v.number(), v.finite());

/** The schema of the model's JSON. */
export const svcSchema = v.object({
  ...modelParts,
  ...machinesSchema.entries,
  kind: v.literal(svcKind),
  classes: classesSchema,
  kernel: kernelSchema,
  sigmoids: v.array(v.object({ slope: finite, intercept: finite })),
});

/** What a fit has found. */
export interface SvcParts {
  readonly machines: PairMachines;
  readonly kernel: Kernel;
  /** One for two classes, else one for each; none where probabilities were not asked for. */
  readonly sigmoids: readonly Sigmoid[];
}

/** Fitted support vector machines that tell classes. */
export class SvcModel implements ClassificationModel {
  readonly task = "classification";
  readonly kind = svcKind;
  readonly featureNames: readonly string[];
  readonly classes: readonly ClassLabel[];
  /** How many of the fitted rows decide. */
  readonly supportVectors: number;
  readonly #parts: SvcParts;

  /**
   * @internal Use a `fit`, or `loadKernelMachine`.
   * @throws {@link InvalidInputError} where the numbers are not of the classes and columns
   */
  constructor(featureNames: readonly string[], classes: readonly ClassLabel[], parts: SvcParts) {
    const { machines, sigmoids } = parts;
    this.supportVectors = machines.supportVectors.length / featureNames.length;
    const pairs = pairsOf(classes.length).length;
    if (
      !Number.isInteger(this.supportVectors) ||
      machines.intercepts.length !== pairs ||
      machines.coefficients.length !== pairs * this.supportVectors ||
      ![0, classes.length === 2 ? 1 : classes.length].includes(sigmoids.length)
    )
      throw new InvalidInputError(`this is no ${svcKind}: its numbers are not of its classes and columns`);
    this.featureNames = featureNames;
    this.classes = classes;
    this.#parts = parts;
  }

  /** The likeliest class of each row; without probabilities the one that most machines are for. */
  async predict(rows: DenseMatrix): Promise<ClassLabel[]> {
    return labelsAt(this.classes, largestPlaces(await this.predictProbabilities(rows), this.classes.length));
  }

  /** The probability of each class; 1 and 0 where they were not asked for. */
  async predictProbabilities(rows: DenseMatrix): Promise<Float64Array> {
    const { sigmoids } = this.#parts;
    const decisions = await this.#decisions(rows);
    const width = this.classes.length;
    if (sigmoids.length > 0) return sigmoidProbabilities(classDecisions(decisions, width), sigmoids, width);
    const probabilities = new Float64Array(rows.rows * width);
    for (const [row, code] of votedClasses(decisions, width).entries()) probabilities[row * width + code] = 1;
    return probabilities;
  }

  /**
   * How much is for each class, row-major, as scikit-learn's `decision_function`: of two classes one number a row, above 0
   * for the second; of more the votes of the pairs, with how sure they are as a part of less than half a vote.
   * @throws {@link InvalidInputError} for other columns than were fitted and numbers that aren't finite
   */
  async decisionFunction(rows: DenseMatrix): Promise<Float64Array> {
    return classDecisions(await this.#decisions(rows), this.classes.length);
  }

  async #decisions(rows: DenseMatrix): Promise<Float64Array> {
    checkNewRows(rows, this.featureNames);
    return await pairDecisions(this.#parts.machines, this.#parts.kernel, rows, new Turns());
  }

  trace(features: FeatureTensor): ClassificationTensors {
    const { machines, kernel, sigmoids } = this.#parts;
    const count = this.classes.length;
    const decisions = tracePairs(machines, kernel, features.cast("float64"), this.featureNames.length);
    if (sigmoids.length === 0) {
      const places = traceVotedClasses(decisions, count);
      return { label: labelTensor(this.classes, places), probabilities: oneHot(places, count) };
    }
    const slopes = Float64Array.from(sigmoids, ({ slope }) => slope);
    const intercepts = Float64Array.from(sigmoids, ({ intercept }) => intercept);
    const separate: Doubles = traceClassDecisions(decisions, count)
      .mul(fromData("float64", slopes, [1, slopes.length]))
      .add(fromData("float64", intercepts, [1, slopes.length]))
      .sigmoid();
    const probabilities =
      count === 2
        ? concat([separate.neg().add(1), separate], 1)
        : separate.div(separate.sum(1, { keepAxes: true }));
    return classTensors(this.classes, probabilities);
  }

  toJSON(): FittedModelJson {
    const { machines, kernel, sigmoids } = this.#parts;
    return {
      version: 1,
      kind: this.kind,
      featureNames: this.featureNames,
      classes: this.classes,
      kernel,
      supportVectors: arrayJson("float64", machines.supportVectors),
      coefficients: arrayJson("float64", machines.coefficients),
      intercepts: arrayJson("float64", machines.intercepts),
      sigmoids,
    };
  }
}
