/** @file The types of operators that sample images (ONNX operator specification). Without gradients. */
import { GraphError } from "../errors.ts";
import { showShape, type Shape } from "../shape.ts";
import { defineOperator, intAttribute, intsAttribute, required, type Application } from "../ops/apply.ts";
import { windowCounts, windowsOf } from "../ops/windows.ts";
import { sameType } from "./elementwise.ts";

defineOperator("GridSample", {
  infer: (application) => {
    const { dtype, shape } = required(application, 0);
    return [{ dtype, shape: [...shape.slice(0, 2), ...required(application, 1).shape.slice(1, -1)] }];
  },
});

defineOperator("RoiAlign", {
  infer: (application) => {
    const { dtype, shape } = required(application, 0);
    const [regions = 1] = required(application, 1).shape;
    const size = (name: string): number => intAttribute(application.attributes, name, 1);
    return [{ dtype, shape: [regions, shape[1] ?? 1, size("output_height"), size("output_width")] }];
  },
});

defineOperator("LpPool", {
  infer: (application) => {
    const { dtype, shape } = required(application, 0);
    const sizes = shape.slice(2);
    const windows = windowsOf("LpPool", application.attributes, sizes);
    return [{ dtype, shape: [...shape.slice(0, 2), ...windowCounts("LpPool", sizes, windows)] }];
  },
});

defineOperator("GlobalLpPool", {
  infer: (application) => {
    const { dtype, shape } = required(application, 0);
    return [{ dtype, shape: shape.map((size, axis) => (axis < 2 ? size : 1)) }];
  },
});

defineOperator("MaxUnpool", {
  infer: (application) => [{ dtype: required(application, 0).dtype, shape: unpooledShape(application) }],
});

function unpooledShape(application: Application): Shape {
  const { shape } = required(application, 0);
  const windows = windowsOf("MaxUnpool", application.attributes, shape.slice(2));
  return shape.map((size, axis) => {
    if (axis < 2) return size;
    if (typeof size !== "number")
      throw new GraphError(`MaxUnpool needs known sizes, not ${showShape(shape)}`);
    const at = axis - 2;
    const padding = (windows.before[at] ?? 0) + (windows.after[at] ?? 0);
    return (size - 1) * (windows.strides[at] ?? 1) + (windows.kernel[at] ?? 1) - padding;
  });
}

defineOperator("MaxRoiPool", {
  infer: (application) => {
    const { dtype, shape } = required(application, 0);
    const [regions = 1] = required(application, 1).shape;
    return [
      {
        dtype,
        shape: [regions, shape[1] ?? 1, ...(intsAttribute(application.attributes, "pooled_shape") ?? [])],
      },
    ];
  },
});

defineOperator("Det", {
  infer: (application) => {
    const { dtype, shape } = required(application, 0);
    return [{ dtype, shape: shape.slice(0, -2) }];
  },
});

for (const name of ["Hardmax", "BitShift"])
  defineOperator(name, { infer: (application) => [sameType(application)] });
