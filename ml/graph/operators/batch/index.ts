/** @file All batching rules: importing this makes them known. */
import "./elementwise.ts";
import "./gather.ts";
import "./matmul.ts";
import "./reduce.ts";
import "./shape-ops.ts";

export { findBatchRule } from "../../ops/apply.ts";
