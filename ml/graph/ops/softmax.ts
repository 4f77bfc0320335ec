/** @file Softmax and its logarithm. */
import { normalAxis } from "../shape.ts";
import type { Value } from "../value.ts";
import { apply } from "./apply.ts";

/** `e^x / Σ e^x` along an axis, without overflow. */
export const softmax = (x: Value, axis = -1): Value =>
  apply("Softmax", [x], { axis: { int: normalAxis("softmax", axis, x.shape.length) } });

/** The logarithm of {@link softmax}, exact also where that is 0. */
export const logSoftmax = (x: Value, axis = -1): Value =>
  apply("LogSoftmax", [x], { axis: { int: normalAxis("logSoftmax", axis, x.shape.length) } });
