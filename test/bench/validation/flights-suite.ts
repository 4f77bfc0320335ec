/** @file The 30 expectations that are compared: of values, statistics, order, sets, pairs and the table, as suites have them. */
import { suite, where } from "../../../ml/data/index.ts";

/** What is expected of the three million flights; some of it is not so, as in real life. */
export const flightsSuite = suite("flights")
  .expectTableRowCountToBeBetween({ minValue: 2_000_000, maxValue: 4_000_000 })
  .expectTableColumnCountToEqual(5)
  .expectTableColumnsToMatchSet(["date", "delay", "distance", "origin", "destination"])
  .expectColumnValuesToNotBeNull("date")
  .expectColumnValuesToNotBeNull("delay")
  .expectColumnValuesToNotBeNull("distance")
  .expectColumnValuesToNotBeNull("origin")
  .expectColumnValuesToNotBeNull("destination")
  .expectColumnValuesToBeBetween("delay", { minValue: -60, maxValue: 600, mostly: 0.999 })
  .expectColumnValuesToBeBetween("distance", { minValue: 20, maxValue: 5000 })
  .expectColumnValuesToBeBetween("delay", { maxValue: 180, rowCondition: where("distance", "<", 500) })
  .expectColumnValuesToBeInSet("origin", ["ATL", "ORD", "DFW", "LAX", "PHX", "STL", "DTW"], { mostly: 0.3 })
  .expectColumnValuesToNotBeInSet("destination", ["XXX", "ZZZ"])
  .expectColumnValuesToMatchRegex("origin", "^[A-Z]{3}$")
  .expectColumnValuesToNotMatchRegex("destination", "[0-9]", { mostly: 0.99 })
  .expectColumnValueLengthsToEqual("origin", 3)
  .expectColumnValueLengthsToBeBetween("destination", { minValue: 3, maxValue: 4 })
  .expectColumnValuesToBeIncreasing("date")
  .expectColumnValueZScoresToBeLessThan("delay", 3, { mostly: 0.98 })
  .expectColumnValuesToNotBeOutliers("distance", { mostly: 0.95 })
  .expectColumnMeanToBeBetween("delay", { minValue: 5, maxValue: 10 })
  .expectColumnMedianToBeBetween("distance", { minValue: 500, maxValue: 700 })
  .expectColumnStdevToBeBetween("delay", { maxValue: 40 })
  .expectColumnMaxToBeBetween("distance", { maxValue: 5000 })
  .expectColumnSumToBeBetween("distance", { minValue: 1 })
  .expectColumnQuantileValuesToBeBetween("delay", {
    quantiles: [0.1, 0.5, 0.9],
    valueRanges: [
      [-20, 0],
      [-5, 5],
      [20, 60],
    ],
  })
  .expectColumnUniqueValueCountToBeBetween("origin", { minValue: 200, maxValue: 300 })
  .expectColumnMostCommonValueToBeInSet("origin", ["ORD", "ATL", "DFW"])
  .expectColumnPairValuesAToBeGreaterThanB("distance", "delay", { mostly: 0.99 })
  .expectCompoundColumnsToBeUnique(["date", "origin", "destination"], { mostly: 0.9 });
