/** @file Texts and whole numbers as their positions in a list. */
import { GraphError } from "../errors.ts";
import type { Value } from "../value.ts";
import { apply } from "./apply.ts";

/**
 * The position (int64) of each text or whole number among the keys; -1 for one that isn't there (ONNX-ML LabelEncoder).
 * @throws {@link GraphError} where keys and elements are of different types
 */
export function positionAmong(x: Value, keys: readonly string[] | readonly number[]): Value {
  const texts = keys.filter((key) => typeof key === "string");
  const numbers = keys.filter((key) => typeof key === "number");
  const isText = x.dtype === "string";
  if ((isText ? texts : numbers).length !== keys.length || (!isText && x.dtype !== "int64"))
    throw new GraphError(`keys that are no ${x.dtype} were given for a tensor of ${x.dtype}`);
  return apply(
    "LabelEncoder",
    [x],
    {
      ...(isText ? { keys_strings: { texts } } : { keys_int64s: { ints: numbers } }),
      values_int64s: { ints: keys.map((_, position) => position) },
      default_int64: { int: -1 },
    },
    { domain: "ai.onnx.ml" },
  );
}

/** MurmurHash3 (32 bits, seed 0) of each text's UTF-8 bytes, as int32 (ONNX Runtime's operator of the name). */
export function murmurHash(texts: Value): Value {
  const attributes = { seed: { int: 0 }, positive: { int: 0 } };
  return apply("MurmurHash3", [texts], attributes, { domain: "com.microsoft" });
}
