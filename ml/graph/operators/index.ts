/** @file All operators that are known: importing this makes them so. */
import "./arrange.ts";
import "./elementwise.ts";
import "./functions.ts";
import "./gather.ts";
import "./matmul.ts";
import "./pad.ts";
import "./reduce.ts";
import "./shape-ops.ts";
import "./softmax.ts";
import "./sorting.ts";

export { findOperator } from "../ops/apply.ts";
