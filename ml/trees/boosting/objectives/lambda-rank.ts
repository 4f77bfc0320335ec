/**
 * @file LambdaMART (Burges, "From RankNet to LambdaRank to LambdaMART", 2010): each pair of a query's rows with different
 * relevance pulls its scores apart, by as much as swapping them would change the query's NDCG.
 *
 * NDCG has gains 2^relevance - 1 and discounts 1 / log2(place + 2) (Järvelin and Kekäläinen, 2002).
 */
import type { TrainingMemory } from "../memory.ts";
import type { Objective, PairPlaces } from "./objective.ts";

/** Where each query's rows begin, and at last where the rows end. */
export type QueryStarts = Uint32Array;

const leastSecond = 1e-16;

const gainOf = (relevance: number): number => 2 ** relevance - 1;
const discountAt = (place: number): number => 1 / Math.log2(place + 2);

/**
 * LambdaMART on queries. Pairs have at least one row among the first `truncation` by score, as in XGBoost's "topk".
 * The loss is one less the mean NDCG; queries whose rows are all irrelevant are left out of it.
 */
export function lambdaRank(starts: QueryStarts, truncation: number): Objective {
  return {
    outputs: 1,
    link: "identity",
    metric: "1 - NDCG",
    base: () => new Float64Array(1),
    writePairs: ({ memory }, places) => writeQueries(memory, places, starts, truncation),
    loss: ({ scores: [scores], targets }) => {
      let sum = 0;
      let queries = 0;
      for (let query = 0; query + 1 < starts.length; query++) {
        const relevances = targets.subarray(starts[query], starts[query + 1]);
        const ideal = idealGain(relevances);
        if (ideal === 0 || !scores) continue;
        const order = orderOf(scores.subarray(starts[query], starts[query + 1]));
        let gain = 0;
        for (const [place, row] of order.entries()) gain += gainOf(relevances[row] ?? 0) * discountAt(place);
        sum += gain / ideal;
        queries++;
      }
      return queries === 0 ? 0 : 1 - sum / queries;
    },
  };
}

function writeQueries(
  memory: TrainingMemory,
  places: PairPlaces,
  starts: QueryStarts,
  truncation: number,
): void {
  const scores = memory.float32(places.scores, places.count);
  const targets = memory.float32(places.targets, places.count);
  const pairs = memory.float32(places.pairs, 2 * places.count);
  pairs.fill(0);
  for (let query = 0; query + 1 < starts.length; query++) {
    const start = starts[query] ?? 0;
    const end = starts[query + 1] ?? 0;
    writeQuery(
      scores.subarray(start, end),
      targets.subarray(start, end),
      pairs.subarray(2 * start, 2 * end),
      truncation,
    );
  }
}

/** Writes the pairs of gradient and second derivative of one query's rows. */
function writeQuery(
  scores: Float32Array,
  relevances: Float32Array,
  pairs: Float32Array,
  truncation: number,
): void {
  const ideal = idealGain(relevances);
  if (ideal === 0) return;
  const order = orderOf(scores);
  const sums = new Float64Array(pairs.length);
  let total = 0;
  const first = Math.min(truncation, order.length);
  for (let i = 0; i < first; i++) {
    const a = order[i] ?? 0;
    const relevanceA = relevances[a] ?? 0;
    for (let j = i + 1; j < order.length; j++) {
      const b = order[j] ?? 0;
      const relevanceB = relevances[b] ?? 0;
      if (relevanceA === relevanceB) continue;
      const [better, worse] = relevanceA > relevanceB ? [a, b] : [b, a];
      const change =
        (Math.abs(gainOf(relevanceA) - gainOf(relevanceB)) * (discountAt(i) - discountAt(j))) / ideal;
      const difference = (scores[better] ?? 0) - (scores[worse] ?? 0);
      // The farther scores are apart already, the less a pair counts, as in LightGBM.
      const weight = change / (0.01 + Math.abs(difference));
      const wrong = 1 / (1 + Math.exp(difference));
      const pull = wrong * weight;
      const second = Math.max(wrong * (1 - wrong), leastSecond) * weight;
      sums[2 * better] = (sums[2 * better] ?? 0) - pull;
      sums[2 * worse] = (sums[2 * worse] ?? 0) + pull;
      sums[2 * better + 1] = (sums[2 * better + 1] ?? 0) + second;
      sums[2 * worse + 1] = (sums[2 * worse + 1] ?? 0) + second;
      total += 2 * pull;
    }
  }
  // Long queries don't outweigh short ones.
  const scale = total > 0 ? Math.log2(1 + total) / total : 1;
  for (let at = 0; at < sums.length; at++) pairs[at] = (sums[at] ?? 0) * scale;
}

function idealGain(relevances: Float32Array): number {
  const sorted = relevances.toSorted().toReversed();
  let gain = 0;
  for (const [place, relevance] of sorted.entries()) gain += gainOf(relevance) * discountAt(place);
  return gain;
}

/** The rows by score, the highest first; equal ones in their order. */
function orderOf(scores: Float32Array): Uint32Array {
  return Uint32Array.from(scores.keys()).sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0) || a - b);
}
