/**
 * @file Convolutions in groups as ONNX Runtime's WebGPU provider computes them rightly.
 *
 * It takes output channels by two or four, whichever divides all of them, also where that does not divide a group's: then a
 * convolution of five or six channels a group mixes its groups, and a transposed one of a single channel does. Nothing fails,
 * the numbers are wrong. So groups are given channels more, copies of their last one, and what those give is left out.
 */
import type { OnnxGraph, OnnxModel, OnnxNode, OnnxTensor } from "../onnx/model.ts";

/** The same model with convolutions in groups as the provider computes them rightly. Bodies of nodes stay as they are. */
export function withWholeGroups(model: OnnxModel): OnnxModel {
  // Before, Min took no integers.
  if ((model.opsets[""] ?? 0) < 12) return model;
  const { graph } = model;
  const sizeOf = sizes(graph);
  const initializers: OnnxTensor[] = [];
  const nodes = graph.nodes.flatMap((node) => {
    const groups = groupsOf(node);
    const given = groups > 1 ? channels(node, groups, sizeOf) : 1;
    if (groups === 1 || (given !== undefined && isRight(node, groups, given))) return [node];
    return new Widened(node, groups, initializers).nodes();
  });
  if (initializers.length === 0) return model;
  return { ...model, graph: { ...graph, nodes, initializers: [...graph.initializers, ...initializers] } };
}

function groupsOf({ operator, domain, attributes }: OnnxNode): number {
  if (domain !== "" || (operator !== "Conv" && operator !== "ConvTranspose")) return 1;
  const group = attributes["group"];
  return group && "int" in group ? group.int : 1;
}

/** Output channels of a group; undefined where the model does not say. */
function channels(
  { operator, inputs: [, weight = ""] }: OnnxNode,
  groups: number,
  sizeOf: SizeOf,
): number | undefined {
  if (operator === "ConvTranspose") return sizeOf(weight, 1);
  const all = sizeOf(weight, 0);
  return all === undefined ? undefined : all / groups;
}

function isRight({ operator }: OnnxNode, groups: number, each: number): boolean {
  if (operator === "ConvTranspose") return each > 1;
  const all = groups * each;
  const together = all % 4 === 0 ? 4 : all % 2 === 0 ? 2 : 1;
  return each < 4 || each % together === 0;
}

type SizeOf = (name: string, axis: number) => number | undefined;

/** The sizes of what is given, and of what is reshaped to sizes that stand in the model. */
function sizes({ nodes, inputs, initializers }: OnnxGraph): SizeOf {
  const byOutput = new Map(nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)));
  const given = new Map(inputs.map(({ name, shape }) => [name, shape]));
  const constants = new Map(initializers.map((each) => [each.name, each]));
  return function sizeOf(name, axis): number | undefined {
    const size = (constants.get(name)?.shape ?? given.get(name))?.[axis];
    if (typeof size === "number") return size > 0 ? size : undefined;
    const node = byOutput.get(name);
    if (node?.domain !== "") return undefined;
    const [of = "", by = ""] = node.inputs;
    if (node.operator === "Cast" || node.operator === "Identity") return sizeOf(of, axis);
    const to = node.operator === "Reshape" ? constants.get(by) : undefined;
    const told = to?.dtype === "int64" ? Number(to.data[axis] ?? 0) : 0;
    return told > 0 ? told : undefined;
  };
}

/** A convolution with channels added; what is added is worked out from the weight's shape when the model runs. */
class Widened {
  readonly #node: OnnxNode;
  readonly #groups: number;
  readonly #initializers: OnnxTensor[];
  readonly #made: OnnxNode[] = [];
  readonly #numbers = new Map<number, string>();

  constructor(node: OnnxNode, groups: number, initializers: OnnxTensor[]) {
    this.#node = node;
    this.#groups = groups;
    this.#initializers = initializers;
  }

  nodes(): readonly OnnxNode[] {
    const { operator, inputs, outputs } = this.#node;
    const [x = "", weight = "", bias = ""] = inputs;
    const [result = ""] = outputs;
    const number = (value: number): string => this.#number(value);
    const integer = (made: string, a: string, b: string): string => this.#add(made, [a, b]);
    const isTransposed = operator === "ConvTranspose";
    const shape = this.#add("Shape", [weight]);
    const first = this.#add("Gather", [shape, number(isTransposed ? 1 : 0)]);
    const each = isTransposed ? first : integer("Div", first, number(this.#groups));
    const wide = isTransposed
      ? integer("Max", each, number(2))
      : integer("Mul", integer("Div", integer("Add", each, number(3)), number(4)), number(4));
    const all = (of: string): string => integer("Mul", of, number(this.#groups));
    /** For each of so many channels, in groups of one size, its place among groups of another: past their end, the last. */
    const places = (count: string, size: string, among: string): string => {
      const place = this.#add("Range", [number(0), count, number(1)]);
      const group = integer("Mul", integer("Div", place, size), among);
      const within = integer("Min", integer("Mod", place, size), integer("Sub", among, number(1)));
      return integer("Add", group, within);
    };
    const widened = this.#add("Gather", [weight, places(isTransposed ? wide : all(wide), wide, each)], {
      axis: { int: isTransposed ? 1 : 0 },
    });
    const biases = bias === "" ? [] : [this.#add("Gather", [bias, places(all(wide), wide, each)])];
    const whole = `wide ${result}`;
    this.#made.push({ ...this.#node, inputs: [x, widened, ...biases], outputs: [whole] });
    const chosen = places(all(each), each, wide);
    const node = { name: "", domain: "", operator: "Gather", inputs: [whole, chosen], outputs: [result] };
    return [...this.#made, { ...node, attributes: { axis: { int: 1 } } }];
  }

  #add(operator: string, inputs: readonly string[], attributes: OnnxNode["attributes"] = {}): string {
    const output = `groups ${this.#made.length} of ${this.#node.outputs[0] ?? ""}`;
    this.#made.push({ name: "", domain: "", operator, inputs, outputs: [output], attributes });
    return output;
  }

  /** An integer that stands in the model. */
  #number(value: number): string {
    const known = this.#numbers.get(value);
    if (known !== undefined) return known;
    const name = `groups' ${value} of ${this.#node.outputs[0] ?? ""}`;
    this.#numbers.set(value, name);
    this.#initializers.push({ name, dtype: "int64", shape: [], data: BigInt64Array.of(BigInt(value)) });
    return name;
  }
}
