import { GraphError } from "./errors.ts";
import type { Graph } from "./graph.ts";
import { showShape, type Value } from "./value.ts";

/**
 * Appends the nodes that compute the gradients of a scalar with respect to `parameters`, by reverse accumulation.
 *
 * @returns one value for each parameter, of its shape
 * @throws {@link GraphError} when the loss is not a scalar or does not depend on a parameter
 */
export function gradients(graph: Graph, loss: Value, parameters: readonly Value[]): Value[] {
  if (loss.shape.length > 0) throw new GraphError(`the loss must be a scalar, not ${showShape(loss.shape)}`);
  const tape = [...graph.tape];
  const wanted = new Set(parameters.map((parameter) => parameter.name));
  for (const { output, inputs } of tape) {
    if (inputs.some(([input]) => wanted.has(input.name))) wanted.add(output.name);
  }
  const found = new Map<string, Value>([[loss.name, graph.scalar(1)]]);
  for (const { output, inputs } of tape.toReversed()) {
    const outputGradient = found.get(output.name);
    if (!outputGradient) continue;
    for (const [input, gradientOf] of inputs) {
      if (!wanted.has(input.name)) continue;
      const part = gradientOf(outputGradient);
      const sum = found.get(input.name);
      found.set(input.name, sum ? graph.node("Add", [sum, part], input) : part);
    }
  }
  return parameters.map((parameter) => {
    const gradient = found.get(parameter.name);
    if (!gradient) throw new GraphError(`the loss does not depend on "${parameter.name}"`);
    return gradient;
  });
}
