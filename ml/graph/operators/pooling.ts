/** @file The rules of pooling (ONNX operator specification, MaxPool, AveragePool, GlobalMaxPool, GlobalAveragePool). */
import { GraphError } from "../errors.ts";
import { showShape, type Shape } from "../shape.ts";
import type { Attributes, Value } from "../value.ts";
import { defineOperator, intAttribute, required, type Application } from "../ops/apply.ts";
import { countOver } from "../ops/count.ts";
import { cast, divide, equal, multiply } from "../ops/elementwise.ts";
import { averagePoolGradient, maxPoolGradient, spatialAxes } from "../ops/pooling.ts";
import { sum } from "../ops/reduce.ts";
import { broadcastTo } from "../ops/shape-ops.ts";
import { roundsUp, windowCounts, windowsOf, type Windows } from "../ops/windows.ts";

type Applied = Pick<Application, "inputs"> & { readonly attributes: Attributes };

function poolOf(what: string, applied: Applied): Windows {
  const { shape } = required(applied, 0);
  if (shape.length < 3)
    throw new GraphError(`${what}: ${showShape(shape)} is not [batch, channels, ...sizes]`);
  return windowsOf(what, applied.attributes, shape.slice(2));
}

function pooledShape(what: string, applied: Applied): Shape {
  const [batch = 1, channels = 1, ...sizes] = required(applied, 0).shape;
  const windows = poolOf(what, applied);
  return [batch, channels, ...windowCounts(what, sizes, windows, roundsUp(applied.attributes))];
}

defineOperator("MaxPool", {
  infer: (application) => {
    const { dtype } = required(application, 0);
    const shape = pooledShape("max pooling", application);
    return [
      { dtype, shape },
      { dtype: "int64" as const, shape },
    ].slice(0, application.outputCount);
  },
  gradient: (context) => {
    const x = required(context, 0);
    const y = resultOf(context.outputs);
    return [maxPoolGradient(x, y, context.gradient, poolOf("max pooling", context))];
  },
});

function resultOf([y]: readonly Value[]): Value {
  if (!y) throw new GraphError("pooling has no output");
  return y;
}

defineOperator("AveragePool", {
  infer: (application) => {
    const { dtype } = required(application, 0);
    return [{ dtype, shape: pooledShape("average pooling", application) }];
  },
  gradient: (context) => {
    const countPadding = intAttribute(context.attributes, "count_include_pad", 0) === 1;
    const windows = poolOf("average pooling", context);
    return [averagePoolGradient(required(context, 0), context.gradient, windows, countPadding)];
  },
});

function globalShape(application: Application): Shape {
  const { shape } = required(application, 0);
  return shape.map((size, axis) => (axis < 2 ? size : 1));
}

defineOperator("GlobalAveragePool", {
  infer: (application) => [{ dtype: required(application, 0).dtype, shape: globalShape(application) }],
  gradient: (context) => {
    const x = required(context, 0);
    const stretched = broadcastTo(context.gradient, x.shape, [x]);
    return [divide(stretched, countOver(x, spatialAxes(x.shape)))];
  },
});

defineOperator("GlobalMaxPool", {
  infer: (application) => [{ dtype: required(application, 0).dtype, shape: globalShape(application) }],
  gradient: (context) => {
    const x = required(context, 0);
    const isLargest = cast(equal(x, resultOf(context.outputs)), x.dtype);
    const count = sum(isLargest, { axes: spatialAxes(x.shape), keepAxes: true });
    return [divide(multiply(isLargest, context.gradient), count)];
  },
});
