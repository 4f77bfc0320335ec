/** @file All operators that are known: importing this makes them so. */
import "./convolution.ts";
import "./arrange.ts";
import "./elementwise.ts";
import "./encoding.ts";
import "./functions.ts";
import "./gather.ts";
import "./matmul.ts";
import "./normalization.ts";
import "./pooling.ts";
import "./pad.ts";
import "./quantization.ts";
import "./recurrent.ts";
import "./reduce.ts";
import "./resize.ts";
import "./sampling.ts";
import "./scan.ts";
import "./selection.ts";
import "./shape-ops.ts";
import "./softmax.ts";
import "./sorting.ts";
import "./text.ts";
import "./tree-ensemble.ts";

export { findOperator } from "../ops/apply.ts";
