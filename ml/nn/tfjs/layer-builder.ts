/** @file What a converter of a TensorFlow.js layer sees, and the table of converters. */
import * as v from "valibot";
import { GraphError, ModelImportError } from "../../graph/errors.ts";
import type { Value } from "../../graph/value.ts";
import { activations, type Activation } from "./activations.ts";

/** A layer that is applied to values. */
export interface AppliedLayer {
  readonly kind: string;
  readonly name: string;
  readonly config: unknown;
  /** A weight by its last name, such as "kernel", in the layout that {@link WeightLayout} gives it. */
  readonly weight: (name: string) => Value;
}

/** Builds what a layer makes of its inputs. */
export type LayerConverter = (layer: AppliedLayer, inputs: readonly Value[]) => Value;

const converters = new Map<string, LayerConverter>();

/** Says how layers become values. */
export function defineLayer(names: string | readonly string[], convert: LayerConverter): void {
  for (const name of [names].flat()) converters.set(name, convert);
}

/** The converter for a kind of layer. */
export function findLayer(kind: string): LayerConverter | undefined {
  return converters.get(kind);
}

/** The error that a layer can't be converted, and why. */
export function refuseLayer(
  { kind, name }: Pick<AppliedLayer, "kind" | "name">,
  why: string,
): ModelImportError {
  return new ModelImportError(`${kind} "${name}": ${why}`);
}

/** The settings of a layer, checked. */
export function settingsOf<const Schema extends v.GenericSchema>(
  layer: AppliedLayer,
  schema: Schema,
): v.InferOutput<Schema> {
  const parsed = v.safeParse(schema, layer.config);
  if (!parsed.success)
    throw refuseLayer(layer, `its settings are not as they should be: ${v.summarize(parsed.issues)}`);
  return parsed.output;
}

/** The one input of a layer that takes one. */
export function onlyInput(layer: AppliedLayer, inputs: readonly Value[]): Value {
  const [x, ...others] = inputs;
  if (!x || others.length > 0) throw refuseLayer(layer, `it takes one input, not ${inputs.length}`);
  return x;
}

/** An activation by name. */
export function activationOf(layer: AppliedLayer, name: string | null | undefined): Activation {
  const found = activations[name ?? "linear"];
  if (!found) throw refuseLayer(layer, `the activation "${name}" is not supported`);
  return found;
}

/** One number for each of `count` axes, from one for all or one for each. */
export function perAxis(sizes: number | readonly number[], count: number): readonly number[] {
  const each = typeof sizes === "number" ? Array.from({ length: count }, () => sizes) : sizes;
  if (each.length !== count) throw new GraphError(`${each.length} sizes for ${count} axes`);
  return each;
}

/** A number, or numbers. */
export const numbers = v.union([v.number(), v.array(v.number())]);
/** A text that may be left out or null. */
export const optionalText = v.optional(v.nullable(v.string()));
