/**
 * @file Operations on float32 values, each with its reverse-mode gradient.
 *
 * Every function appends nodes to the graph it is given and records on the graph's tape how a gradient flows back.
 * Element-wise operations broadcast as NumPy does.
 */
import { GraphError } from "./errors.ts";
import type { Graph, TapeEntry } from "./graph.ts";
import { showShape, type Dimension, type Shape, type Value } from "./value.ts";

/** `a + b`, broadcast. */
export function add(graph: Graph, a: Value, b: Value): Value {
  const output = elementwise(graph, "Add", a, b);
  return record(graph, output, [
    [a, (gradient) => sumTo(graph, gradient, a.shape)],
    [b, (gradient) => sumTo(graph, gradient, b.shape)],
  ]);
}

/** `a - b`, broadcast. */
export function subtract(graph: Graph, a: Value, b: Value): Value {
  const output = elementwise(graph, "Sub", a, b);
  return record(graph, output, [
    [a, (gradient) => sumTo(graph, gradient, a.shape)],
    [b, (gradient) => sumTo(graph, graph.node("Neg", [gradient], gradient), b.shape)],
  ]);
}

/** `a * b`, element by element, broadcast. */
export function multiply(graph: Graph, a: Value, b: Value): Value {
  const output = elementwise(graph, "Mul", a, b);
  return record(graph, output, [
    [a, (gradient) => sumTo(graph, elementwise(graph, "Mul", gradient, b), a.shape)],
    [b, (gradient) => sumTo(graph, elementwise(graph, "Mul", gradient, a), b.shape)],
  ]);
}

/** A fully connected layer, `x · weight + bias`: `[rows, in] · [in, out] + [out]`. */
export function linear(graph: Graph, x: Value, weight: Value, bias: Value): Value {
  const [rows, inputs] = matrixShape("linear: x", x);
  const [weightInputs, outputs] = matrixShape("linear: weight", weight);
  if (inputs !== weightInputs || bias.shape.length !== 1 || bias.shape[0] !== outputs) {
    throw new GraphError(
      `linear: x ${showShape(x.shape)}, weight ${showShape(weight.shape)} and bias ${showShape(bias.shape)} do not fit`,
    );
  }
  const output = graph.node("Gemm", [x, weight, bias], { type: "float32", shape: [rows, outputs] });
  return record(graph, output, [
    [x, (gradient) => graph.node("Gemm", [gradient, weight], x, { transB: { int: 1 } })],
    [weight, (gradient) => graph.node("Gemm", [x, gradient], weight, { transA: { int: 1 } })],
    [bias, (gradient) => sumTo(graph, gradient, bias.shape)],
  ]);
}

/** `max(x, 0)`; its gradient at 0 is 0. */
export function relu(graph: Graph, x: Value): Value {
  const output = graph.node("Relu", [x], x);
  const mask = (gradient: Value): Value => {
    const positive = graph.node("Greater", [output, graph.scalar(0)], x);
    return graph.node("Mul", [gradient, graph.node("Cast", [positive], x, { to: { int: onnxFloat } })], x);
  };
  return record(graph, output, [[x, mask]]);
}

/** `1 / (1 + exp(-x))`. */
export function sigmoid(graph: Graph, x: Value): Value {
  const output = graph.node("Sigmoid", [x], x);
  const slope = (): Value => graph.node("Sub", [output, graph.node("Mul", [output, output], x)], x);
  return record(graph, output, [[x, (gradient) => graph.node("Mul", [gradient, slope()], x)]]);
}

/** Joins matrices side by side: `[rows, a], [rows, b], …` to `[rows, a + b + …]`. */
export function concatenateColumns(graph: Graph, parts: readonly Value[]): Value {
  const shapes = parts.map((part) => matrixShape("concatenateColumns", part));
  const [first] = shapes;
  if (!first) throw new GraphError("concatenateColumns needs at least one matrix");
  const widths = shapes.map(([rows, columns]) => {
    if (rows !== first[0] || typeof columns !== "number") {
      throw new GraphError(
        `concatenateColumns: ${parts.map(({ shape }) => showShape(shape)).join(", ")} do not fit`,
      );
    }
    return columns;
  });
  const total = widths.reduce((sum, width) => sum + width, 0);
  const output = graph.node(
    "Concat",
    parts,
    { type: "float32", shape: [first[0], total] },
    { axis: { int: 1 } },
  );
  let start = 0;
  const gradients = parts.map((part, index): TapeEntry["inputs"][number] => {
    const from = start;
    start += widths[index] ?? 0;
    const to = start;
    return [
      part,
      (gradient) =>
        graph.node(
          "Slice",
          [gradient, integers(graph, [from]), integers(graph, [to]), integers(graph, [1])],
          part,
        ),
    ];
  });
  return record(graph, output, gradients);
}

/** Rows of a table by their numbers: `[entries, width]` and int64 `[rows]` to `[rows, width]`. */
export function gatherRows(graph: Graph, table: Value, rows: Value): Value {
  const [entries, width] = matrixShape("gatherRows: table", table);
  const [count] = rows.shape;
  if (rows.type !== "int64" || rows.shape.length !== 1 || count === undefined) {
    throw new GraphError(
      `gatherRows: row numbers must be int64 of one axis, not ${rows.type} ${showShape(rows.shape)}`,
    );
  }
  if (typeof entries !== "number" || typeof width !== "number") {
    throw new GraphError(`gatherRows: the table's sizes must be known, not ${showShape(table.shape)}`);
  }
  const output = graph.node(
    "Gather",
    [table, rows],
    { type: "float32", shape: [count, width] },
    { axis: { int: 0 } },
  );
  const scatter = (gradient: Value): Value => {
    const zeros = graph.constant(new Float32Array(entries * width), [entries, width]);
    const indices = graph.node("Unsqueeze", [rows, integers(graph, [1])], {
      type: "int64",
      shape: [count, 1],
    });
    return graph.node("ScatterND", [zeros, indices, gradient], table, { reduction: { text: "add" } });
  };
  return record(graph, output, [[table, scatter]]);
}

/** The mean of all elements, a scalar. */
export function mean(graph: Graph, x: Value): Value {
  const output = graph.node("ReduceMean", [x], { type: "float32", shape: [] }, { keepdims: { int: 0 } });
  const spread = (gradient: Value): Value => {
    const size = graph.node("Size", [x], { type: "int64", shape: [] });
    const count = graph.node("Cast", [size], output, { to: { int: onnxFloat } });
    const share = graph.node("Div", [gradient, count], output);
    return graph.node(
      "Expand",
      [share, graph.node("Shape", [x], { type: "int64", shape: [x.shape.length] })],
      x,
    );
  };
  return record(graph, output, [[x, spread]]);
}

/**
 * Binary cross-entropy of logits z against labels y, element by element, with the positive class weighted by w:
 * `(1 - y) z + (1 + (w - 1) y) softplus(-z)`, which never overflows. With w = 1 it is `-log p` of the label.
 */
export function binaryCrossEntropy(graph: Graph, logits: Value, labels: Value, positiveWeight = 1): Value {
  if (showShape(logits.shape) !== showShape(labels.shape)) {
    throw new GraphError(
      `binaryCrossEntropy: logits ${showShape(logits.shape)} and labels ${showShape(labels.shape)} differ`,
    );
  }
  const negated = graph.node("Neg", [logits], logits);
  const softplus = graph.node("Softplus", [negated], logits);
  const negatives = graph.node("Sub", [graph.scalar(1), labels], logits);
  const weight =
    positiveWeight === 1
      ? undefined
      : graph.node(
          "Add",
          [graph.node("Mul", [labels, graph.scalar(positiveWeight - 1)], logits), graph.scalar(1)],
          logits,
        );
  const weighted = (value: Value): Value => (weight ? graph.node("Mul", [value, weight], logits) : value);
  const output = graph.node(
    "Add",
    [graph.node("Mul", [negatives, logits], logits), weighted(softplus)],
    logits,
  );
  const slope = (): Value =>
    graph.node("Sub", [negatives, weighted(graph.node("Sigmoid", [negated], logits))], logits);
  return record(graph, output, [[logits, (gradient) => graph.node("Mul", [gradient, slope()], logits)]]);
}

const onnxFloat = 1;

function record(graph: Graph, output: Value, inputs: TapeEntry["inputs"]): Value {
  graph.tape.push({ output, inputs });
  return output;
}

function integers(graph: Graph, values: readonly number[]): Value {
  return graph.constant(BigInt64Array.from(values, BigInt), [values.length]);
}

function matrixShape(what: string, value: Value): readonly [Dimension, Dimension] {
  const [rows, columns] = value.shape;
  if (value.shape.length !== 2 || rows === undefined || columns === undefined) {
    throw new GraphError(`${what} must be a matrix, not ${showShape(value.shape)}`);
  }
  return [rows, columns];
}

function elementwise(graph: Graph, operation: "Add" | "Sub" | "Mul", a: Value, b: Value): Value {
  const rank = Math.max(a.shape.length, b.shape.length);
  const shape = Array.from({ length: rank }, (_, axis): Dimension => {
    const left = a.shape[axis - rank + a.shape.length] ?? 1;
    const right = b.shape[axis - rank + b.shape.length] ?? 1;
    if (left === 1) return right;
    if (right === 1 || left === right) return left;
    throw new GraphError(`${operation}: ${showShape(a.shape)} and ${showShape(b.shape)} do not broadcast`);
  });
  return graph.node(operation, [a, b], { type: "float32", shape });
}

/** Sums a gradient over the axes along which its value was broadcast. */
function sumTo(graph: Graph, gradient: Value, shape: Shape): Value {
  if (showShape(gradient.shape) === showShape(shape)) return gradient;
  const added = gradient.shape.length - shape.length;
  const axes = gradient.shape.flatMap((size, axis) =>
    axis < added || (shape[axis - added] === 1 && size !== 1) ? [axis] : [],
  );
  const kept = gradient.shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
  const summed = graph.node("ReduceSum", [gradient, integers(graph, axes)], { type: "float32", shape: kept });
  if (added === 0) return summed;
  const leading = integers(
    graph,
    Array.from({ length: added }, (_, axis) => axis),
  );
  return graph.node("Squeeze", [summed, leading], { type: "float32", shape });
}
