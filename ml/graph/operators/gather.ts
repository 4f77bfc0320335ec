/** @file The rules of operators that pick elements by position. */
import { GraphError } from "../errors.ts";
import { normalAxis, sameShape, showShape } from "../shape.ts";
import {
  apply,
  commonDType,
  defineOperator,
  intAttribute,
  required,
  textAttribute,
  type Application,
} from "../ops/apply.ts";
import { gatherElements } from "../ops/gather.ts";
import { scatter, scatterND } from "../ops/scatter.ts";
import { reshape, transpose, unsqueeze } from "../ops/shape-ops.ts";
import { zerosLike } from "../ops/zeros.ts";
import type { ValueType } from "../value.ts";

defineOperator("Gather", {
  infer: (application) => {
    const x = required(application, 0);
    const positions = required(application, 1);
    if (positions.dtype !== "int64" && positions.dtype !== "int32")
      throw new GraphError(`gather: positions must be int32 or int64, not ${positions.dtype}`);
    const axis = normalAxis("gather", intAttribute(application.attributes, "axis", 0), x.shape.length);
    return [
      { dtype: x.dtype, shape: [...x.shape.slice(0, axis), ...positions.shape, ...x.shape.slice(axis + 1)] },
    ];
  },
  gradient: (context) => {
    const x = required(context, 0);
    const positions = required(context, 1);
    const rank = x.shape.length;
    const axis = normalAxis("gather", intAttribute(context.attributes, "axis", 0), rank);
    // Slices are added back along the first axis, where ScatterND adds whole slices at once.
    const count = positions.shape.length;
    const moved = Array.from({ length: rank - 1 + count }, (_, at) => at);
    const order = [...moved.splice(axis, count), ...moved];
    const toFront = [axis, ...Array.from({ length: rank }, (_, at) => at).filter((at) => at !== axis)];
    const zeros = zerosLike(transpose(x, toFront));
    const added = scatterND(zeros, unsqueeze(positions, -1), transpose(context.gradient, order), "add");
    const back = toFront.map((_, at) => toFront.indexOf(at));
    return [reshape(transpose(added, back), x.shape, [x]), undefined];
  },
});

defineOperator("ScatterND", {
  infer: (application) => {
    const { dtype, shape } = required(application, 0);
    return [{ dtype, shape }];
  },
  gradient: (context) => {
    const mode = context.attributes["reduction"];
    const positions = required(context, 1);
    const updates = apply("GatherND", [context.gradient, positions]);
    if (mode && "text" in mode && mode.text === "add") return [context.gradient, undefined, updates];
    if (mode && "text" in mode && mode.text !== "none")
      throw new GraphError(`the gradient of ScatterND by "${mode.text}" is not known`);
    const kept = apply("ScatterND", [context.gradient, positions, zerosLike(updates)]);
    return [kept, undefined, updates];
  },
});

defineOperator("GatherND", {
  infer: (application) => {
    const x = required(application, 0);
    const positions = required(application, 1);
    const depth = positions.shape.at(-1);
    const batch = intAttribute(application.attributes, "batch_dims", 0);
    if (typeof depth !== "number") throw new GraphError("GatherND needs positions of a known size");
    return [{ dtype: x.dtype, shape: [...positions.shape.slice(0, -1), ...x.shape.slice(batch + depth)] }];
  },
  gradient: (context) => {
    if (intAttribute(context.attributes, "batch_dims", 0) !== 0)
      throw new GraphError("the gradient of GatherND over batches is not known");
    const zeros = zerosLike(required(context, 0));
    const attributes = { reduction: { text: "add" } };
    return [apply("ScatterND", [zeros, required(context, 1), context.gradient], attributes), undefined];
  },
});

function elementsType(application: Application): ValueType {
  const x = required(application, 0);
  const positions = required(application, 1);
  if (positions.dtype !== "int64" && positions.dtype !== "int32")
    throw new GraphError(`positions must be int32 or int64, not ${positions.dtype}`);
  if (positions.shape.length !== x.shape.length)
    throw new GraphError(
      `positions of ${showShape(positions.shape)} have not as many axes as ${showShape(x.shape)}`,
    );
  return { dtype: x.dtype, shape: positions.shape };
}

defineOperator("GatherElements", {
  infer: (application) => [elementsType(application)],
  gradient: (context) => {
    const axis = intAttribute(context.attributes, "axis", 0);
    const zeros = zerosLike(required(context, 0));
    return [scatter(zeros, required(context, 1), context.gradient, axis, "add"), undefined];
  },
});

defineOperator("ScatterElements", {
  infer: (application) => {
    const { shape } = elementsType(application);
    const updates = required(application, 2);
    if (!sameShape(updates.shape, shape))
      throw new GraphError(
        `scatter: positions of ${showShape(shape)} and updates of ${showShape(updates.shape)} differ`,
      );
    const x = required(application, 0);
    return [{ dtype: commonDType("scatter", [x, updates]), shape: x.shape }];
  },
  gradient: ({ attributes, gradient, ...context }) => {
    const axis = intAttribute(attributes, "axis", 0);
    const positions = required(context, 1);
    const updates = gatherElements(gradient, positions, axis);
    const mode = textAttribute(attributes, "reduction", "none");
    if (mode === "add") return [gradient, undefined, updates];
    if (mode !== "none") throw new GraphError(`the gradient of ScatterElements by "${mode}" is not known`);
    return [scatter(gradient, positions, zerosLike(updates), axis), undefined, updates];
  },
});
