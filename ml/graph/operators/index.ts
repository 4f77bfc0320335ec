/** @file All operators that are known: importing this makes them so. */
import "./elementwise.ts";
import "./gather.ts";
import "./matmul.ts";
import "./reduce.ts";
import "./scan.ts";
import "./shape-ops.ts";

export { findOperator } from "../ops/apply.ts";
