/** @file All operators that are known: importing this makes them so. */
import "./convolution.ts";
import "./elementwise.ts";
import "./gather.ts";
import "./matmul.ts";
import "./normalization.ts";
import "./pooling.ts";
import "./reduce.ts";
import "./resize.ts";
import "./scan.ts";
import "./shape-ops.ts";

export { findOperator } from "../ops/apply.ts";
