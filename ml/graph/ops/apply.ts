/** @file Applies ONNX operators to values; what an operator makes of its inputs, `operators/` defines. */
import type { DType } from "../dtype.ts";
import { GraphError } from "../errors.ts";
import { fold } from "./fold.ts";
import { showShape, type Dimension } from "../shape.ts";
import type { Attributes, Node, Value, ValueType } from "../value.ts";

export { floatAttribute, intAttribute, intsAttribute, textAttribute } from "./attributes.ts";

/** What an operator's rules see of its application. */
export interface Application {
  readonly operator: string;
  readonly inputs: readonly (Value | undefined)[];
  readonly attributes: Attributes;
  /** How many outputs are asked for. */
  readonly outputCount: number;
}

/** What a gradient rule sees. */
export interface GradientContext {
  readonly inputs: readonly (Value | undefined)[];
  readonly outputs: readonly Value[];
  readonly attributes: Attributes;
  /** Of each output; undefined where no gradient reaches it. */
  readonly gradients: readonly (Value | undefined)[];
  /** The gradient of the first output. A rule of one-output operators needs no other. */
  readonly gradient: Value;
  /** Whether the gradient of an input, or of what a body uses from outside, is asked for. */
  readonly isWanted: (value: Value) => boolean;
  /** Differentiates the programs inside the node. */
  readonly pullBack: PullBack;
}

/**
 * From gradients of outputs, the gradients of the values that they are computed from: the product of a vector with the
 * Jacobian. Gradients reach values for which `isLeaf` holds, but do not flow through them.
 */
export type PullBack = (
  outputs: readonly Value[],
  outputGradients: readonly (Value | undefined)[],
  withRespectTo: readonly Value[],
  isLeaf?: (value: Value) => boolean,
) => (Value | undefined)[];

/** What a batching rule sees: inputs, those of them with a leading batch axis marked; at least one is. */
export interface BatchContext {
  readonly inputs: readonly (Value | undefined)[];
  readonly batched: readonly boolean[];
  /** The size of the batch axis. */
  readonly size: Dimension;
  readonly attributes: Attributes;
  /** The node as it was applied to one element of the batch. */
  readonly node: Node;
}

/** An operator over a batch: its outputs, each with the batch axis first, or outputs that are the same for all. */
export type BatchRule = (context: BatchContext) => readonly Value[] | { readonly shared: readonly Value[] };

/** What is known of one ONNX operator. */
export interface Operator {
  /** The types of its outputs; throws {@link GraphError} where the inputs do not fit. */
  readonly infer: (application: Application) => readonly ValueType[];
  /**
   * The gradients of its inputs, then of what its bodies use from outside; undefined where none flows. They are built of
   * operators that have gradients themselves.
   * Absent for operators through which no gradient flows at all (comparisons, integers).
   */
  readonly gradient?: (context: GradientContext) => readonly (Value | undefined)[];
  /** Absent where it stands in `operators/batch/`, or the operator is applied to one element after another. */
  readonly batch?: BatchRule;
}

const operators = new Map<string, Operator>();
const batchRules = new Map<string, BatchRule>();

/** Makes an operator known. */
export function defineOperator(name: string, operator: Operator, domain = ""): void {
  operators.set(key(name, domain), operator);
}

/** What is known of an operator; undefined when nothing is. */
export function findOperator(name: string, domain = ""): Operator | undefined {
  return operators.get(key(name, domain));
}

/** Makes known how an operator is applied to a batch. */
export function defineBatch(name: string, rule: BatchRule, domain = ""): void {
  batchRules.set(key(name, domain), rule);
}

/** How an operator is applied to a batch; undefined where no rule says so. */
export function findBatchRule(name: string, domain = ""): BatchRule | undefined {
  return findOperator(name, domain)?.batch ?? batchRules.get(key(name, domain));
}

let currentSite: Error | undefined;

/** Makes nodes that stand for one that the user applied: gradients, batches. They get its site. */
export function atSite<T>(site: Error, make: () => T): T {
  const before = currentSite;
  currentSite = site;
  try {
    return make();
  } finally {
    currentSite = before;
  }
}

/** Deep enough to reach the user's line through layers and transforms. */
const siteFrames = 50;

function siteHere(operator: string): Error {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = siteFrames;
  const site = new Error(operator);
  Error.stackTraceLimit = stackTraceLimit;
  return site;
}

function key(name: string, domain: string): string {
  return domain === "" || domain === "ai.onnx" ? name : `${domain}.${name}`;
}

/** How an operator is applied, where it isn't in the usual way. */
export interface ApplyOptions {
  /** The operator set's domain; the standard one where absent. */
  readonly domain?: string;
  /** How many outputs are wanted; 1 where absent. */
  readonly outputCount?: number;
  /** The outputs' types where they are known better than the operator can infer them. */
  readonly types?: readonly ValueType[];
}

/**
 * Applies an operator and gives all its outputs; arithmetic on known whole numbers, as on shapes, is done at once.
 * @throws {@link GraphError} when the inputs do not fit, or nothing is known of the operator and no types are given
 */
export function applyAll(
  operator: string,
  inputs: readonly (Value | undefined)[],
  attributes: Attributes = {},
  { domain = "", outputCount = 1, types }: ApplyOptions = {},
): readonly Value[] {
  const known = types ?? inferTypes(operator, domain, { operator, inputs, attributes, outputCount });
  const folded = domain === "" ? fold(operator, inputs, attributes, known) : undefined;
  if (folded) return [folded];
  const outputs: Value[] = [];
  const node: Node = {
    operator,
    domain,
    inputs,
    attributes,
    outputs,
    site: currentSite ?? siteHere(operator),
  };
  for (const [index, { dtype, shape }] of known.entries())
    outputs.push({ dtype, shape, source: { kind: "node", node, index } });
  return outputs;
}

/** Applies an operator and gives its first output. Throws as {@link applyAll}. */
export function apply(
  operator: string,
  inputs: readonly (Value | undefined)[],
  attributes: Attributes = {},
  options: ApplyOptions = {},
): Value {
  const [output] = applyAll(operator, inputs, attributes, options);
  if (!output) throw new GraphError(`${operator} has no output`);
  return output;
}

function inferTypes(operator: string, domain: string, application: Application): readonly ValueType[] {
  const found = findOperator(operator, domain);
  if (!found) throw new GraphError(`the operator ${key(operator, domain)} is not known`);
  return found.infer(application);
}

/** An input that an operator can't do without. */
export function required(
  application: Pick<Application, "inputs"> & { operator?: string },
  index: number,
): Value {
  const value = application.inputs[index];
  if (!value)
    throw new GraphError(`${application.operator ?? "an operator"} needs its input number ${index + 1}`);
  return value;
}

/** Checks that values have one element type, and gives it. Throws {@link GraphError} otherwise. */
export function commonDType(what: string, values: readonly Value[]): DType {
  const [first] = values;
  const other = values.find(({ dtype }) => dtype !== first?.dtype);
  if (!first) throw new GraphError(`${what} needs an input`);
  if (other)
    throw new GraphError(
      `${what}: ${first.dtype} ${showShape(first.shape)} and ${other.dtype} ${showShape(other.shape)} differ in element type; convert one with cast()`,
    );
  return first.dtype;
}
