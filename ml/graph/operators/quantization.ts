/** @file The types of operators on quantised numbers (ONNX operator specification). No gradients flow through them. */
import { broadcastShapes, type Shape } from "../shape.ts";
import type { Value, ValueType } from "../value.ts";
import { defineOperator, required, type Application } from "../ops/apply.ts";
import { windowCounts, windowsOf } from "../ops/windows.ts";

defineOperator("QuantizeLinear", {
  infer: (application) => [
    { dtype: application.inputs[2]?.dtype ?? "uint8", shape: required(application, 0).shape },
  ],
});

defineOperator("DequantizeLinear", {
  infer: (application) => [{ dtype: required(application, 1).dtype, shape: required(application, 0).shape }],
});

defineOperator("DynamicQuantizeLinear", {
  infer: (application) => {
    const types: readonly ValueType[] = [
      { dtype: "uint8", shape: required(application, 0).shape },
      { dtype: "float32", shape: [] },
      { dtype: "uint8", shape: [] },
    ];
    return types.slice(0, application.outputCount);
  },
});

function productShape(a: Value, b: Value): Shape {
  const batch = broadcastShapes(
    "a product of quantised matrices",
    a.shape.slice(0, -2),
    b.shape.slice(0, -2),
  );
  return [...batch, ...a.shape.slice(-2, -1), ...b.shape.slice(-1)];
}

defineOperator("MatMulInteger", {
  infer: (application) => [
    { dtype: "int32", shape: productShape(required(application, 0), required(application, 1)) },
  ],
});

defineOperator("QLinearMatMul", {
  infer: (application) => [
    {
      dtype: required(application, 7).dtype,
      shape: productShape(required(application, 0), required(application, 3)),
    },
  ],
});

function convolvedShape(application: Application, weight: Value): Shape {
  const [batch = 1, , ...sizes] = required(application, 0).shape;
  const windows = windowsOf("a convolution", application.attributes, sizes, weight.shape.slice(2));
  return [batch, weight.shape[0] ?? 1, ...windowCounts("a convolution", sizes, windows)];
}

defineOperator("ConvInteger", {
  infer: (application) => [{ dtype: "int32", shape: convolvedShape(application, required(application, 1)) }],
});

defineOperator("QLinearConv", {
  infer: (application) => [
    { dtype: required(application, 7).dtype, shape: convolvedShape(application, required(application, 3)) },
  ],
});
