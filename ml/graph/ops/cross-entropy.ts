/**
 * @file Losses of classes. Scores are `[batch, classes, ...]`, class numbers `[batch, ...]`.
 *
 * The gradient of the scores is the softmax less what was wanted (Bishop, "Pattern Recognition and Machine Learning",
 * 2006, 4.3.4), made of the logarithms that the loss has computed.
 */
import { GraphError } from "../errors.ts";
import { sameShape, showShape } from "../shape.ts";
import { withGradient, type Value } from "../value.ts";
import { apply } from "./apply.ts";
import { add, cast, equal, exp, less, log, multiply, negate, not, subtract, where } from "./elementwise.ts";
import { gather } from "./gather.ts";
import { reduceLoss, type Reduction } from "./loss-reduction.ts";
import { sum } from "./reduce.ts";
import { reshape, unsqueeze } from "./shape-ops.ts";
import { zerosLike } from "./zeros.ts";

/** Settings of a loss of classes. */
export interface ClassLossOptions {
  /** How much each class counts, `[classes]`; 1 where absent. */
  readonly classWeights?: Value | undefined;
  /** The class number of examples that don't count; all count where absent. */
  readonly ignoreIndex?: number | undefined;
  readonly reduction?: Reduction | undefined;
}

/** Settings of {@link crossEntropy}. */
export interface CrossEntropyOptions extends ClassLossOptions {
  /** What part of the target is spread evenly over all classes; 0 where absent. */
  readonly labelSmoothing?: number | undefined;
}

const classAxis = 1;

/** Element-wise logarithms of the softmax over the classes. */
function logSoftmaxOfClasses(logits: Value): Value {
  const types = [{ dtype: logits.dtype, shape: logits.shape }];
  return apply("LogSoftmax", [logits], { axis: { int: classAxis } }, { types });
}

function checkClasses(what: string, scores: Value, classes: Value): void {
  if (classes.dtype !== "int64" && classes.dtype !== "int32")
    throw new GraphError(`${what}: class numbers are int32 or int64, not ${classes.dtype}`);
  const expected = scores.shape.filter((_, axis) => axis !== classAxis);
  if (scores.shape.length < 2 || !sameShape(expected, classes.shape))
    throw new GraphError(
      `${what}: scores ${showShape(scores.shape)} and class numbers ${showShape(classes.shape)} do not fit: [batch, classes, ...] against [batch, ...]`,
    );
}

function checkWeights(what: string, scores: Value, weights: Value | undefined): void {
  const classes = scores.shape[classAxis] ?? 1;
  if (weights && !sameShape(weights.shape, [classes]))
    throw new GraphError(
      `${what}: the weights ${showShape(weights.shape)} have not one element for each of ${classes} classes`,
    );
}

function numberOfClasses(what: string, scores: Value): number {
  const count = scores.shape[classAxis];
  if (typeof count !== "number") throw new GraphError(`${what}: the number of classes must be known`);
  return count;
}

/** ONNX counts negative positions from the end; a class number that is negative is a mistake, and must fail in the run. */
function refuseNegative(classes: Value): Value {
  return where(less(classes, 0), beyondAllClasses, classes);
}

const beyondAllClasses = 2 ** 31 - 1;

/** For each example its class, one that exists for those that don't count; and how much it counts. */
function examples(
  classes: Value,
  like: Value,
  { classWeights, ignoreIndex }: ClassLossOptions,
): { readonly chosen: Value; readonly weights: Value | undefined } {
  if (ignoreIndex === undefined) {
    const chosen = refuseNegative(classes);
    return { chosen, weights: classWeights && gather(classWeights, chosen) };
  }
  const counts = not(equal(classes, ignoreIndex));
  const chosen = refuseNegative(where(counts, classes, 0));
  const counted = cast(counts, like.dtype);
  return { chosen, weights: classWeights ? multiply(counted, gather(classWeights, chosen)) : counted };
}

const times = (x: Value, factor: Value | undefined): Value => (factor ? multiply(x, factor) : x);

/** Of each example the score of its class, without the axis of the classes. */
function scoreOfClass(scores: Value, chosen: Value): Value {
  const at = unsqueeze(chosen, classAxis);
  const types = [{ dtype: scores.dtype, shape: at.shape }];
  const found = apply("GatherElements", [scores, at], { axis: { int: classAxis } }, { types });
  return reshape(found, chosen.shape, [chosen]);
}

/** With something added to the score of each example's class. */
function addToClass(scores: Value, chosen: Value, addend: Value): Value {
  return apply(
    "ScatterElements",
    [scores, unsqueeze(chosen, classAxis), unsqueeze(addend, classAxis)],
    { axis: { int: classAxis }, reduction: { text: "add" } },
    { types: [{ dtype: scores.dtype, shape: scores.shape }] },
  );
}

/** A vector over the classes as it broadcasts against scores. */
function alongClasses(vector: Value, scores: Value): Value {
  return reshape(
    vector,
    scores.shape.slice(classAxis).map((size, axis) => (axis === 0 ? size : 1)),
    [scores],
  );
}

/**
 * The cross-entropy of logits z against class numbers y: `-log softmax(z)[y]` (PyTorch's `cross_entropy`). With weights
 * w and smoothing ε, `-(1 - ε) w[y] log p[y] - ε / classes · Σ w log p`; the mean is then over the weights of the
 * examples' classes.
 * @throws {@link GraphError} when shapes do not fit
 */
export function crossEntropy(logits: Value, classes: Value, options: CrossEntropyOptions = {}): Value {
  checkClasses("crossEntropy", logits, classes);
  const { classWeights, labelSmoothing = 0, reduction = "mean", ignoreIndex } = options;
  checkWeights("crossEntropy", logits, classWeights);
  const { chosen, weights } = examples(classes, logits, options);
  const logarithms = logSoftmaxOfClasses(logits);
  const hit = times(negate(scoreOfClass(logarithms, chosen)), weights);
  if (labelSmoothing === 0) {
    const losses = withGradient(hit, [logits], (gradient) => {
      const slope = times(gradient, weights);
      const spread = multiply(exp(logarithms), unsqueeze(slope, classAxis));
      return [addToClass(spread, chosen, negate(slope))];
    });
    return reduceLoss(losses, reduction, weights);
  }
  const part = labelSmoothing / numberOfClasses("crossEntropy", logits);
  const counted =
    ignoreIndex === undefined ? undefined : cast(not(equal(classes, ignoreIndex)), logits.dtype);
  const classFactor = classWeights && alongClasses(classWeights, logits);
  const all = times(negate(sum(times(logarithms, classFactor), { axes: classAxis })), counted);
  const smoothed = add(multiply(hit, 1 - labelSmoothing), multiply(all, part));
  const losses = withGradient(smoothed, [logits], (gradient) => {
    const own = multiply(times(gradient, weights), 1 - labelSmoothing);
    const everywhere = multiply(times(gradient, counted), part);
    const total = classWeights ? sum(classWeights) : numberOfClasses("crossEntropy", logits);
    const share = unsqueeze(add(own, multiply(everywhere, total)), classAxis);
    const wanted = times(unsqueeze(everywhere, classAxis), classFactor);
    return [addToClass(subtract(multiply(exp(logarithms), share), wanted), chosen, negate(own))];
  });
  return reduceLoss(losses, reduction, weights);
}

/**
 * The cross-entropy of logits against probabilities of the classes, both `[batch, classes, ...]`:
 * `-Σ w t log softmax(z)` (PyTorch's `cross_entropy`); the mean is over the examples.
 * @throws {@link GraphError} when shapes differ
 */
export function crossEntropyOfProbabilities(
  logits: Value,
  probabilities: Value,
  {
    classWeights,
    labelSmoothing = 0,
    reduction = "mean",
  }: Pick<CrossEntropyOptions, "classWeights" | "labelSmoothing" | "reduction"> = {},
): Value {
  if (logits.shape.length < 2 || !sameShape(logits.shape, probabilities.shape))
    throw new GraphError(
      `crossEntropy: logits ${showShape(logits.shape)} and probabilities ${showShape(probabilities.shape)} differ`,
    );
  checkWeights("crossEntropy", logits, classWeights);
  const logarithms = logSoftmaxOfClasses(logits);
  const smoothed =
    labelSmoothing === 0
      ? probabilities
      : add(
          multiply(probabilities, 1 - labelSmoothing),
          labelSmoothing / numberOfClasses("crossEntropy", logits),
        );
  const factor = classWeights && alongClasses(classWeights, logits);
  const wanted = times(smoothed, factor);
  const each = negate(sum(multiply(wanted, logarithms), { axes: classAxis }));
  const losses = withGradient(each, [logits, probabilities], (gradient) => {
    const slope = unsqueeze(gradient, classAxis);
    const total = sum(wanted, { axes: classAxis, keepAxes: true });
    const ofLogits = multiply(subtract(multiply(exp(logarithms), total), wanted), slope);
    const ofTargets = times(multiply(multiply(logarithms, slope), labelSmoothing - 1), factor);
    return [ofLogits, ofTargets];
  });
  return reduceLoss(losses, reduction);
}

/**
 * The negative log-likelihood `-w[y] x[y]` of class numbers y by logarithms x of probabilities (PyTorch's `nll_loss`);
 * the mean is over the weights of the examples' classes.
 * @throws {@link GraphError} when shapes do not fit
 */
export function nllLoss(logarithms: Value, classes: Value, options: ClassLossOptions = {}): Value {
  checkClasses("nllLoss", logarithms, classes);
  checkWeights("nllLoss", logarithms, options.classWeights);
  const { chosen, weights } = examples(classes, logarithms, options);
  const hit = times(negate(scoreOfClass(logarithms, chosen)), weights);
  const losses = withGradient(hit, [logarithms], (gradient) => [
    addToClass(zerosLike(logarithms), chosen, negate(times(gradient, weights))),
  ]);
  return reduceLoss(losses, options.reduction ?? "mean", weights);
}

/**
 * The Kullback-Leibler divergence of the distribution with logarithms x from targets t, element by element:
 * `t (log t - x)`, 0 where t is 0 (PyTorch's `kl_div`; Kullback and Leibler, "On Information and Sufficiency", 1951).
 * @throws {@link GraphError} when shapes differ
 */
export function klDivergence(logarithms: Value, targets: Value): Value {
  if (!sameShape(logarithms.shape, targets.shape))
    throw new GraphError(
      `klDiv: logarithms ${showShape(logarithms.shape)} and probabilities ${showShape(targets.shape)} differ`,
    );
  const isZero = equal(targets, 0);
  const safe = where(isZero, 1, targets);
  return multiply(targets, subtract(log(safe), logarithms));
}
