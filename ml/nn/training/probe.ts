/**
 * @file Finds where the numbers of a step stopped being finite: the first operator that made NaN or an infinity of finite
 * numbers, on the way to the loss or the gradient that is not finite.
 */
import { bytesPerElement } from "../../graph/dtype.ts";
import { encodeOnnx } from "../../graph/onnx/encode.ts";
import { GraphError } from "../../graph/errors.ts";
import { describeNode, userPlace } from "../../graph/explain.ts";
import { lower } from "../../graph/lower.ts";
import { operands, orderOf } from "../../graph/order.ts";
import {
  gradientOutput,
  lossOutput,
  type NotFinite,
  type NotFiniteNumber,
  type PlannedProbe,
  type StepsReport,
} from "../../graph/runtime/training-protocol.ts";
import { elementCount, showShape } from "../../graph/shape.ts";
import { knownNumbers, resolve, type Node, type Value } from "../../graph/value.ts";
import type { NonFiniteOrigin } from "../errors.ts";
import { columnOfInput } from "./dataset.ts";
import { plannedNoise, type TracedLoss } from "./training-program.ts";

/** An origin, and the end of a sentence that tells of it. */
export interface LocatedOrigin {
  readonly origin: NonFiniteOrigin;
  readonly text: string;
}

/** Bytes that a result of unknown size is taken for. */
const unknownBytes = 16 * 2 ** 20;

/** A program that gives all floating-point results on the way to one that is not finite. */
export class Probe {
  /** All but the parameters that stay as they are. */
  readonly planned: Omit<PlannedProbe, "constants">;
  /** The program's nodes by name, for errors. */
  readonly nodes: ReadonlyMap<string, Node>;
  readonly #target: Value;
  readonly #values: ReadonlyMap<string, Value>;

  constructor({ inputs, outputs }: TracedLoss, what: NonNullable<StepsReport["notFinite"]>) {
    const target = outputs[typeof what === "string" ? lossOutput : gradientOutput(what.gradientOf)];
    if (!target) throw new GraphError("the program does not give what is looked for");
    const computed = orderOf([target], "computation").filter(
      ({ source, dtype }) => source.kind === "node" && floats.has(dtype),
    );
    const results = Object.fromEntries(computed.map((value, index) => [`result ${index}`, value]));
    const { model, feeds, nodes } = lower(inputs, results);
    this.#target = target;
    this.nodes = nodes;
    this.#values = new Map([
      ...inputs.flatMap((each) => (each.source.kind === "input" ? [[each.source.name, each] as const] : [])),
      ...Object.entries(results),
    ]);
    this.planned = {
      model: encodeOnnx(model),
      noise: plannedNoise(feeds),
      outputs: Object.entries(results).map(([name, { dtype, shape }]) => {
        const count = elementCount(shape);
        return { name, bytes: count === undefined ? unknownBytes : count * bytesPerElement[dtype] };
      }),
    };
  }

  /**
   * Where it began, given what was found not to be finite; undefined where that is not the program's result.
   * @param rows the numbers of the batch's rows in the dataset, where it has one
   */
  origin(found: readonly NotFinite[], rows: Uint32Array | undefined): LocatedOrigin | undefined {
    const known = new Map<Value, NotFinite>();
    for (const each of found) {
      const value = this.#values.get(each.name);
      if (value) known.set(value, each);
    }
    const heldBy = (value: Value): Held | undefined => known.get(value) ?? heldByConstant(value);
    if (!heldBy(resolve(this.#target))) return undefined;
    const first = firstOf(resolve(this.#target), heldBy);
    const located = locate(first, heldBy, rows);
    if (!located || located.origin.kind !== "operator" || located.origin.holds !== "NaN") return located;
    const infinite = operandsOf(first).find((each) => heldBy(each));
    const source = infinite && locate(firstOf(infinite, heldBy), heldBy, rows);
    return source && source.origin.kind !== "constant"
      ? { origin: located.origin, text: `${located.text} from infinity: ${source.text}` }
      : located;
  }
}

const floats: ReadonlySet<string> = new Set(["float32", "float64", "float16"]);

type Held = Pick<NotFinite, "holds" | "position">;
type HeldBy = (value: Value) => Held | undefined;

const operandsOf = (value: Value): readonly Value[] => operands(value, "computation").map(resolve);

/** Follows what is not finite back to what made it of finite numbers. NaN made of an infinity begins where it was made. */
function firstOf(start: Value, heldBy: HeldBy): Value {
  let value = start;
  for (;;) {
    const spoilt = operandsOf(value).filter((each) => heldBy(each));
    const isNaN = heldBy(value)?.holds === "NaN";
    const next = spoilt.find((each) => heldBy(each)?.holds === "NaN") ?? (isNaN ? undefined : spoilt[0]);
    if (!next) return value;
    value = next;
  }
}

function locate(value: Value, heldBy: HeldBy, rows: Uint32Array | undefined): LocatedOrigin | undefined {
  const { source, shape } = value;
  const held = heldBy(value);
  if (!held) return undefined;
  const { holds, position } = held;
  if (source.kind === "node") {
    const { operator, site } = source.node;
    const origin = { kind: "operator", operator, shape, place: userPlace(site), holds } as const;
    return { origin, text: `${describeNode(source.node)} gave ${holds}` };
  }
  if (source.kind === "data")
    return {
      origin: { kind: "constant", shape, holds },
      text: `a constant of shape ${showShape(shape)} holds ${holds}`,
    };
  if (source.kind !== "input") return undefined;
  const column = columnOfInput(source.name);
  if (column === undefined) {
    const origin = { kind: "parameter", name: source.name, holds } as const;
    return { origin, text: `the parameter "${source.name}" holds ${holds}` };
  }
  const width = elementCount(shape.slice(1)) ?? 1;
  const inBatch = Math.floor(position / width);
  const row = rows?.[inBatch] ?? inBatch;
  const of = rows ? "the data" : "the batch";
  return {
    origin: { kind: "data", name: column, row, holds },
    text: `"${column}" holds ${holds} in row ${row} of ${of}`,
  };
}

function heldByConstant(value: Value): Held | undefined {
  if (value.source.kind !== "data" || !floats.has(value.dtype) || value.dtype === "float16") return undefined;
  const numbers = knownNumbers(value) ?? [];
  const holds = (position: number, what: NotFiniteNumber): Held | undefined =>
    position < 0 ? undefined : { position, holds: what };
  return (
    holds(numbers.findIndex(Number.isNaN), "NaN") ??
    holds(numbers.indexOf(Number.POSITIVE_INFINITY), "Infinity") ??
    holds(numbers.indexOf(Number.NEGATIVE_INFINITY), "-Infinity")
  );
}
