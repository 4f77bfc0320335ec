/** @file What a file of another library's trees is read to. */
import * as v from "valibot";
import type { ClassLabel } from "../../estimator.ts";
import { checkForest } from "../check-forest.ts";
import type { Forest } from "../forest.ts";
import { ForestClassification, ForestRegression } from "../forest-models.ts";
import { ForestFileError } from "./errors.ts";

/** A library's model as a forest, with the classes that it tells; without them it predicts numbers. */
export interface NativeModel {
  readonly forest: Forest;
  readonly classes?: readonly ClassLabel[];
}

/** A model of a library's file. */
export type LoadedForest = ForestRegression | ForestClassification;

/**
 * The model of what a file held.
 * @throws {@link ForestFileError} for numbers of several outputs
 */
export function modelOf(library: string, { forest, classes }: NativeModel): LoadedForest {
  if (classes) return new ForestClassification(library, forest, classes);
  if (forest.outputs !== 1)
    throw new ForestFileError(
      `the model predicts ${forest.outputs} numbers for each row, which no regression here does: read its forest`,
    );
  return new ForestRegression(library, forest);
}

/** Reads a model, with every reason not to as a {@link ForestFileError} that says of what. */
export function readingOf<Read extends NativeModel>(library: string, read: () => Read): Read {
  try {
    const found = read();
    checkForest(found.forest);
    return found;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ForestFileError(`this ${library} model can't be read: ${reason}`, { cause });
  }
}

/** The parts of parsed JSON that a schema names. */
export function partsOf<const Schema extends v.GenericSchema>(
  schema: Schema,
  json: unknown,
): v.InferOutput<Schema> {
  const parsed = v.safeParse(schema, json);
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  const place = v.getDotPath(issue);
  throw new ForestFileError(`${place === null ? "" : `${place}: `}${issue.message}`);
}
