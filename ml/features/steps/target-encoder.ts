/** @file Target encoding: a category as the mean of what is to be predicted. */
import * as v from "valibot";
import { InvalidInputError } from "../../errors.ts";
import { category, compareCategories } from "../categories.ts";
import { mergeMoments } from "../moments.ts";
import { sqlCategoryPosition, sqlNumber, sqlNumbers } from "../sql.ts";
import type { FitQueries, SqlColumn, StepDefinition } from "../step.ts";
import { categoryPosition, eachColumn, numberAt, sideBySide } from "../traced.ts";
import type { CategoryColumn, Transformer } from "../transformer.ts";
import {
  classCounts,
  classesOf,
  groupsOfClass,
  momentsByCategory,
  numberGroups,
  type Group,
  type TargetClass,
} from "./target-groups.ts";

/** How {@link targetEncoder} encodes. */
export interface TargetEncoderOptions {
  /**
   * How many rows of the overall mean each category's mean is blended with. "auto", the default: as many as the variances
   * within the category and overall say (an empirical Bayes estimate).
   */
  readonly smooth?: number | "auto";
  /**
   * What the target is. "auto", the default: texts are classes, "binary" where they are two; numbers and booleans are
   * "continuous". "binary" and "multiclass" take numbers as classes too.
   */
  readonly targetType?: "auto" | "continuous" | "binary" | "multiclass";
}

const means = v.object({
  /** By category. */
  encodings: v.array(v.number()),
  /** The encoding of a category that the fit has not seen. */
  overall: v.number(),
});
const state = v.object({
  /** The classes that each column has a feature for; absent where it has one feature. */
  classes: v.optional(v.array(v.union([v.string(), v.number()]))),
  columns: v.array(
    v.object({ categories: v.array(category), means: v.pipe(v.array(means), v.minLength(1)) }),
  ),
});
type State = v.InferOutput<typeof state>;
type Means = v.InferOutput<typeof means>;

/**
 * A category as the mean of the target over the rows that hold it, blended with the overall mean: scikit-learn's
 * TargetEncoder. Of two classes it is the share of the second (in ascending order); of more, a feature for each class is
 * that class's share. The fit needs a target. For rows that it was fitted on use `fitTransform`, which encodes each row by
 * the other folds: otherwise the features know the answer. A missing value is a category of its own; one that the fit
 * hasn't seen becomes the overall mean.
 * @example await columns({ city: targetEncoder() }).fitTransform(table, { target: "price" })
 */
export function targetEncoder({
  smooth = "auto",
  targetType = "auto",
}: TargetEncoderOptions = {}): Transformer<CategoryColumn, "number"> {
  if (smooth !== "auto" && !(smooth >= 0))
    throw new InvalidInputError(`targetEncoder: ${smooth} is no number of rows to smooth by`);
  if (!["auto", "continuous", "binary", "multiclass"].includes(targetType))
    throw new InvalidInputError(
      `targetEncoder: targetType ${JSON.stringify(targetType)} is none of auto, continuous, binary, multiclass`,
    );
  return { kind: "targetEncoder", settings: { smooth, targetType } };
}

/** The kind of step behind {@link targetEncoder}. */
export const targetEncoderStep: StepDefinition<Required<TargetEncoderOptions>, State> = {
  kind: "targetEncoder",
  state,
  takes: "any",
  fit: async (settings, columns, queries) => {
    const found = await targetsOf(settings, columns, queries);
    return encode(found, () => true, settings.smooth);
  },
  fitOthers: async (settings, columns, queries, folds) => {
    const found = await targetsOf(settings, columns, queries);
    return Array.from({ length: folds }, (_, fold) =>
      encode(found, (other) => other !== fold, settings.smooth),
    );
  },
  names: ({ classes }, columns) =>
    classes ? columns.flatMap((column) => classes.map((each) => `${column}_${each}`)) : columns,
  sql: (fitted, columns) =>
    columns.flatMap((column, at) => {
      const found = fitted.columns[at];
      if (!found) return [];
      const position = sqlCategoryPosition(column, found.categories);
      return found.means.map(({ encodings, overall }) => ({
        type: "number" as const,
        sql: `coalesce(${sqlNumbers(encodings)}[${position} + 1], ${sqlNumber(overall)})`,
      }));
    }),
  trace: (fitted, columns) =>
    sideBySide(
      eachColumn(columns).flatMap((column, at) => {
        const found = fitted.columns[at];
        if (!found) return [];
        const position = categoryPosition(column, found.categories);
        return found.means.map(({ encodings, overall }) => numberAt(position, encodings, overall));
      }),
    ),
};

/** The columns' groups: by column, for each feature that it becomes. */
interface Targets {
  readonly classes?: TargetClass[];
  readonly columns: readonly (readonly (readonly Group[])[])[];
}

async function targetsOf(
  { targetType }: Required<TargetEncoderOptions>,
  columns: readonly SqlColumn[],
  queries: FitQueries,
): Promise<Targets> {
  if (targetType === "continuous" && queries.isTargetText)
    throw new InvalidInputError("targetEncoder: a target of texts is not continuous, but of classes");
  if (targetType === "continuous" || (targetType === "auto" && !queries.isTargetText)) {
    const groups = await Promise.all(columns.map(async (column) => await numberGroups(column, queries)));
    return { columns: groups.map((each) => [each]) };
  }
  const counts = await Promise.all(columns.map(async (column) => await classCounts(column, queries)));
  // No rows and missing targets are errors of the whole fit, which says so.
  const classes = classesOf(counts[0] ?? []) ?? [];
  if (classes.length === 1)
    throw new InvalidInputError(
      `targetEncoder: the target has one class only, ${JSON.stringify(classes[0])}: it needs at least two`,
    );
  if (targetType === "binary" && classes.length > 2)
    throw new InvalidInputError(
      `targetEncoder: the target has ${classes.length} classes, and targetType "binary" takes two`,
    );
  const isBinary = targetType === "binary" || (targetType === "auto" && classes.length === 2);
  const encoded = isBinary ? classes.slice(1) : [...classes];
  return {
    ...(!isBinary && { classes: encoded }),
    columns: counts.map((each) => encoded.map((of) => groupsOfClass(each, of))),
  };
}

/** Encodings by the groups of some folds. */
function encode(
  { classes, columns }: Targets,
  isUsed: (fold: number) => boolean,
  smooth: number | "auto",
): State {
  return {
    ...(classes && { classes }),
    columns: columns.map((features) => {
      const used = features.map((groups) => groups.filter(({ fold }) => isUsed(fold)));
      const categories = [...new Set(used[0]?.map((group) => group.category))].sort(compareCategories);
      return { categories, means: used.map((groups) => blend(groups, categories, smooth)) };
    }),
  };
}

/**
 * The mean of each category with some of the overall one. With "auto", `λ · mean + (1 - λ) · overall` with
 * `λ = v·n / (v·n + squares / n)`, where `v` is the target's variance (Micci-Barreca 2001, as scikit-learn has it).
 */
function blend(
  groups: readonly Group[],
  categories: State["columns"][number]["categories"],
  smooth: number | "auto",
): Means {
  const all = mergeMoments(groups);
  const variance = all.squares / all.count;
  const byCategory = momentsByCategory(groups);
  const encodings = categories.map((each) => {
    const { count, mean, squares } = byCategory.get(each) ?? mergeMoments([]);
    if (smooth !== "auto") return (count * mean + smooth * all.mean) / (count + smooth);
    const weight = (variance * count) / (variance * count + squares / count);
    return Number.isNaN(weight) ? all.mean : weight * mean + (1 - weight) * all.mean;
  });
  return { encodings, overall: all.mean };
}
