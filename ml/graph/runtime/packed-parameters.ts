/**
 * @file Parameters one after another in few arrays, so that an optimizer on a device takes few kernels for all of them: to
 * start one costs more there than most parameters' arithmetic.
 */
import type { Optimizer } from "../optimizers/optimizer.ts";
import type { PlannedParameter } from "./training-protocol.ts";

/** A parameter's place. */
export interface PackedParameter {
  readonly name: string;
  readonly shape: readonly number[];
  /** Elements before it. */
  readonly offset: number;
  readonly size: number;
}

/** Parameters in one array. */
export interface ParameterPack {
  /** Whether weight decay applies to them. */
  readonly decay: boolean;
  readonly members: readonly PackedParameter[];
  readonly size: number;
}

/** Elements of a pack, unless one parameter has more: 64 MB, which every device binds as one buffer. */
const largestPack = 2 ** 24;

/** Packs parameters, each of those that weight decay applies to, or doesn't. LAMB's rule is of each by itself. */
export function packParameters(
  parameters: readonly PlannedParameter[],
  optimizer: Optimizer,
): readonly ParameterPack[] {
  const packs: { decay: boolean; members: PackedParameter[]; size: number }[] = [];
  for (const { name, shape, decay, data } of parameters) {
    const size = data.length;
    const fits = packs.find(
      (pack) => optimizer.kind !== "lamb" && pack.decay === decay && pack.size + size <= largestPack,
    );
    const pack = fits ?? { decay, members: [], size: 0 };
    if (!fits) packs.push(pack);
    pack.members.push({ name, shape, offset: pack.size, size });
    pack.size += size;
  }
  return packs;
}

/** The array of a pack, from that of each member. */
export function packed(
  { members, size }: ParameterPack,
  arrayOf: (name: string) => Float32Array | undefined,
): Float32Array {
  const array = new Float32Array(size);
  for (const { name, offset } of members) array.set(arrayOf(name) ?? [], offset);
  return array;
}
