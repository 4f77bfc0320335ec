/** @file Models of XGBoost, LightGBM and CatBoost out of their files. */
import { readFile } from "node:fs/promises";
import { ForestFileError } from "./errors.ts";
import { decodeCatboost } from "./catboost.ts";
import { decodeLightgbm } from "./lightgbm.ts";
import { modelOf, type LoadedForest, type NativeModel } from "./native-model.ts";
import { decodeXgboost } from "./xgboost.ts";

/**
 * The model in a file that XGBoost saved as JSON or UBJSON: `gbtree` or `dart`, with categories as codes.
 * @throws {@link ForestFileError} for a file that can't be read or is no such model
 */
export async function loadXgboost(path: string): Promise<LoadedForest> {
  return load("xgboost", path, decodeXgboost);
}

/**
 * The model in a text file that LightGBM saved.
 * @throws {@link ForestFileError} for a file that can't be read or is no such model
 */
export async function loadLightgbm(path: string): Promise<LoadedForest> {
  return load("lightgbm", path, decodeLightgbm);
}

/**
 * The model in a file that CatBoost saved as JSON, of numeric features.
 * @throws {@link ForestFileError} for a file that can't be read or is no such model
 */
export async function loadCatboost(path: string): Promise<LoadedForest> {
  return load("catboost", path, decodeCatboost);
}

async function load(
  library: string,
  path: string,
  decode: (bytes: Uint8Array) => NativeModel,
): Promise<LoadedForest> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (cause) {
    throw new ForestFileError(`${path} can't be read`, { cause });
  }
  try {
    return modelOf(library, decode(bytes));
  } catch (cause) {
    throw new ForestFileError(`${path}: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
  }
}
