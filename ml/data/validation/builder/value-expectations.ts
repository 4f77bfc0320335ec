/** @file Expectations of each value of a column. A missing value (null, NaN) is neither expected nor unexpected. */
import type { TableColumns } from "../../column-types.ts";
import type { BoundOptions, MapOptions } from "./arguments.ts";
import type { AnyColumn, NumberColumn, OrderedColumn, TextColumn, ValueOf } from "./columns-by-type.ts";
import { TableExpectations } from "./table-expectations.ts";

/** The part of a suite that is about values. */
export abstract class ValueExpectations<C extends TableColumns, Self> extends TableExpectations<C, Self> {
  /** No value is missing. */
  expectColumnValuesToNotBeNull(column: AnyColumn<C>, options: MapOptions<C> = {}): Self {
    return this.add("expect_column_values_to_not_be_null", { column, ...options });
  }

  /** Every value is missing. */
  expectColumnValuesToBeNull(column: AnyColumn<C>, options: MapOptions<C> = {}): Self {
    return this.add("expect_column_values_to_be_null", { column, ...options });
  }

  /** No value occurs twice. */
  expectColumnValuesToBeUnique(column: AnyColumn<C>, options: MapOptions<C> = {}): Self {
    return this.add("expect_column_values_to_be_unique", { column, ...options });
  }

  /** Values are within limits. */
  expectColumnValuesToBeBetween<N extends OrderedColumn<C>>(
    column: N,
    options: BoundOptions<ValueOf<C[N]>> & MapOptions<C>,
  ): Self {
    return this.add("expect_column_values_to_be_between", { column, ...options });
  }

  /** Values are among these. */
  expectColumnValuesToBeInSet<N extends AnyColumn<C>>(
    column: N,
    valueSet: readonly ValueOf<C[N]>[],
    options: MapOptions<C> = {},
  ): Self {
    return this.add("expect_column_values_to_be_in_set", { column, valueSet, ...options });
  }

  /** Values are none of these. */
  expectColumnValuesToNotBeInSet<N extends AnyColumn<C>>(
    column: N,
    valueSet: readonly ValueOf<C[N]>[],
    options: MapOptions<C> = {},
  ): Self {
    return this.add("expect_column_values_to_not_be_in_set", { column, valueSet, ...options });
  }

  /** No value is less than the one before it; with `strictly`, or the same. In the table's order, missing ones left out. */
  expectColumnValuesToBeIncreasing(
    column: OrderedColumn<C>,
    options: { readonly strictly?: boolean } & MapOptions<C> = {},
  ): Self {
    return this.add("expect_column_values_to_be_increasing", { column, ...options });
  }

  /** No value is greater than the one before it; with `strictly`, or the same. */
  expectColumnValuesToBeDecreasing(
    column: OrderedColumn<C>,
    options: { readonly strictly?: boolean } & MapOptions<C> = {},
  ): Self {
    return this.add("expect_column_values_to_be_decreasing", { column, ...options });
  }

  /** Texts have this many characters (code points). */
  expectColumnValueLengthsToEqual(column: TextColumn<C>, value: number, options: MapOptions<C> = {}): Self {
    return this.add("expect_column_value_lengths_to_equal", { column, value, ...options });
  }

  /** Texts have a number of characters (code points) within limits. */
  expectColumnValueLengthsToBeBetween(
    column: TextColumn<C>,
    options: BoundOptions<number> & MapOptions<C>,
  ): Self {
    return this.add("expect_column_value_lengths_to_be_between", { column, ...options });
  }

  /** A regular expression (RE2) is found in the text of values. */
  expectColumnValuesToMatchRegex(
    column: AnyColumn<C>,
    regex: string | RegExp,
    options: MapOptions<C> = {},
  ): Self {
    return this.add("expect_column_values_to_match_regex", { column, regex: source(regex), ...options });
  }

  /** A regular expression (RE2) is not found in the text of values. */
  expectColumnValuesToNotMatchRegex(
    column: AnyColumn<C>,
    regex: string | RegExp,
    options: MapOptions<C> = {},
  ): Self {
    return this.add("expect_column_values_to_not_match_regex", { column, regex: source(regex), ...options });
  }

  /** At least one of the regular expressions is found in the text of values; with `matchOn: "all"`, each. */
  expectColumnValuesToMatchRegexList(
    column: AnyColumn<C>,
    regexList: readonly (string | RegExp)[],
    options: { readonly matchOn?: "any" | "all" } & MapOptions<C> = {},
  ): Self {
    const list = regexList.map(source);
    return this.add("expect_column_values_to_match_regex_list", { column, regexList: list, ...options });
  }

  /** None of the regular expressions is found in the text of values. */
  expectColumnValuesToNotMatchRegexList(
    column: AnyColumn<C>,
    regexList: readonly (string | RegExp)[],
    options: MapOptions<C> = {},
  ): Self {
    const list = regexList.map(source);
    return this.add("expect_column_values_to_not_match_regex_list", { column, regexList: list, ...options });
  }

  /** The text of values is like an SQL pattern: `%` any text, `_` any character, case counts. */
  expectColumnValuesToMatchLikePattern(
    column: AnyColumn<C>,
    likePattern: string,
    options: LikeOptions & MapOptions<C> = {},
  ): Self {
    return this.add("expect_column_values_to_match_like_pattern", { column, likePattern, ...options });
  }

  /** The text of values is not like an SQL pattern. */
  expectColumnValuesToNotMatchLikePattern(
    column: AnyColumn<C>,
    likePattern: string,
    options: LikeOptions & MapOptions<C> = {},
  ): Self {
    return this.add("expect_column_values_to_not_match_like_pattern", { column, likePattern, ...options });
  }

  /** The text of values is like at least one of the patterns; with `matchOn: "all"`, each. */
  expectColumnValuesToMatchLikePatternList(
    column: AnyColumn<C>,
    likePatternList: readonly string[],
    options: { readonly matchOn?: "any" | "all" } & LikeOptions & MapOptions<C> = {},
  ): Self {
    return this.add("expect_column_values_to_match_like_pattern_list", {
      column,
      likePatternList,
      ...options,
    });
  }

  /** The text of values is like none of the patterns. */
  expectColumnValuesToNotMatchLikePatternList(
    column: AnyColumn<C>,
    likePatternList: readonly string[],
    options: LikeOptions & MapOptions<C> = {},
  ): Self {
    return this.add("expect_column_values_to_not_match_like_pattern_list", {
      column,
      likePatternList,
      ...options,
    });
  }

  /** Texts are dates or times in a format, such as `%Y-%m-%d`. */
  expectColumnValuesToMatchStrftimeFormat(
    column: TextColumn<C>,
    strftimeFormat: string,
    options: MapOptions<C> = {},
  ): Self {
    return this.add("expect_column_values_to_match_strftime_format", { column, strftimeFormat, ...options });
  }

  /** Texts are JSON. */
  expectColumnValuesToBeJsonParseable(column: TextColumn<C>, options: MapOptions<C> = {}): Self {
    return this.add("expect_column_values_to_be_json_parseable", { column, ...options });
  }

  /** Values are less than `threshold` deviations from the mean; with `doubleSided: false`, above it only. */
  expectColumnValueZScoresToBeLessThan(
    column: NumberColumn<C>,
    threshold: number,
    options: { readonly doubleSided?: boolean } & MapOptions<C> = {},
  ): Self {
    return this.add("expect_column_value_z_scores_to_be_less_than", {
      column,
      threshold,
      doubleSided: true,
      ...options,
    });
  }

  /** Values are not outliers: by interquartile ranges from the quartiles (`iqr`), or by deviations from the mean (`std`). */
  expectColumnValuesToNotBeOutliers(
    column: NumberColumn<C>,
    options: { readonly method?: "iqr" | "std"; readonly multiplier?: number } & MapOptions<C> = {},
  ): Self {
    return this.add("expect_column_values_to_not_be_outliers", { column, ...options });
  }
}

/** How patterns are written. */
interface LikeOptions {
  /** The character that takes its meaning from the `%` or `_` behind it. */
  readonly escape?: string;
}

/** @throws {@link SuiteError} for flags, which RE2 takes inside the expression: `(?i)` */
function source(regex: string | RegExp): string {
  if (typeof regex === "string") return regex;
  const flags = regex.flags.replaceAll(/[dguvy]/g, "");
  return flags === "" ? regex.source : `(?${flags})${regex.source}`;
}
