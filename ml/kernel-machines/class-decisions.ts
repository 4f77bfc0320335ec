/**
 * @file What the decisions of pairs of classes tell of each class: the votes, and how sure they are as a part of less than
 * half a vote, as scikit-learn's `decision_function` of shape "ovr". Of two classes it is one number, above 0 for the second.
 */
import { fromData } from "../graph/create.ts";
import { concat } from "../graph/functions/arrange.ts";
import { argmax } from "../graph/functions/reductions.ts";
import type { Tensor } from "../graph/tensor.ts";
import { pairsOf, type Doubles } from "./one-against-one.ts";

/** Numbers for each class, row-major: rows by classes, or one a row where there are two. */
export function classDecisions(decisions: Float64Array, classes: number): Float64Array {
  if (classes === 2) return decisions.map((decision) => -decision);
  const pairs = pairsOf(classes);
  const rows = decisions.length / pairs.length;
  const values = new Float64Array(rows * classes);
  const sums = new Float64Array(classes);
  for (let row = 0; row < rows; row++) {
    const start = row * classes;
    sums.fill(0);
    for (const [pair, [first, second]] of pairs.entries()) {
      const decision = decisions[row * pairs.length + pair] ?? 0;
      const winner = start + (decision < 0 ? second : first);
      values[winner] = (values[winner] ?? 0) + 1;
      sums[first] = (sums[first] ?? 0) + decision;
      sums[second] = (sums[second] ?? 0) - decision;
    }
    for (const [code, sum] of sums.entries())
      values[start + code] = (values[start + code] ?? 0) + sum / (3 * (Math.abs(sum) + 1));
  }
  return values;
}

/** The class of each row that most pairs are for, the first of equals, as libsvm has it. */
export function votedClasses(decisions: Float64Array, classes: number): Int32Array {
  const pairs = pairsOf(classes);
  const voted = new Int32Array(decisions.length / pairs.length);
  const votes = new Int32Array(classes);
  for (let row = 0; row < voted.length; row++) {
    votes.fill(0);
    for (const [pair, [first, second]] of pairs.entries()) {
      const winner = (decisions[row * pairs.length + pair] ?? 0) > 0 ? first : second;
      votes[winner] = (votes[winner] ?? 0) + 1;
    }
    voted[row] = votes.indexOf(votes.reduce((most, count) => Math.max(most, count), 0));
  }
  return voted;
}

/** {@link classDecisions} as a tensor program. */
export function traceClassDecisions(decisions: Doubles, classes: number): Doubles {
  if (classes === 2) return decisions.neg();
  const votes = traceVotes(decisions.greaterOrEqual(0), classes);
  const sums = decisions.matmul(
    matrixOfPairs(classes, (code, [first, second]) => Number(code === first) - Number(code === second)),
  );
  return votes.add(sums.div(sums.abs().add(1).mul(3)));
}

/** {@link votedClasses} as a tensor program. */
export function traceVotedClasses(decisions: Doubles, classes: number): Tensor<readonly ["rows"], "int64"> {
  return argmax(traceVotes(decisions.greater(0), classes), 1);
}

function traceVotes(isFirst: Tensor<readonly ["rows", number], "bool">, classes: number): Doubles {
  const ballots = concat([isFirst.cast("float64"), isFirst.not().cast("float64")], 1);
  const counted = concat(
    [
      matrixOfPairs(classes, (code, [first]) => Number(code === first)),
      matrixOfPairs(classes, (code, [, second]) => Number(code === second)),
    ],
    0,
  );
  return ballots.matmul(counted);
}

/** Pairs by classes. */
function matrixOfPairs(
  classes: number,
  valueOf: (code: number, pair: readonly [number, number]) => number,
): Tensor<readonly [number, number], "float64"> {
  const pairs = pairsOf(classes);
  const data = Float64Array.from({ length: pairs.length * classes }, (_, at) =>
    valueOf(at % classes, pairs[Math.floor(at / classes)] ?? [0, 0]),
  );
  return fromData("float64", data, [pairs.length, classes]);
}
