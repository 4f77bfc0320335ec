/**
 * @file One WebAssembly memory for all that an optimizer touches.
 *
 * It is a row of regions of equal size: parameters, gradients, then each slot of the optimizer's state. Within a region
 * every parameter has the same offset, a multiple of 64 bytes, and is followed by zeros up to the next multiple. The
 * parameters that decay come first, so that a region is two ranges at most. The memory is not shared and never grows:
 * views on it stay valid.
 */
import { InvalidInputError } from "../../errors.ts";
import { ParameterMemoryError } from "./errors.ts";
import { reserveMemory, type KernelMemory } from "./kernels.ts";

/** A parameter to be: `decay` is false where weight decay must not reach it, as for biases and norms. */
export interface ParameterSpec {
  readonly name: string;
  readonly shape: readonly number[];
  readonly decay: boolean;
}

const alignment = 64;
const pageBytes = 65_536;
// One page less than 32-bit addresses reach, so that the end of every range is an address too.
const maximumPages = 65_535;

/** Neighbouring parameters, as the kernels take them: addresses and a length in bytes. */
export class MemoryRange {
  readonly #regionBytes: number;
  readonly parameters: number;
  readonly bytes: number;
  readonly decays: boolean;

  constructor(regionBytes: number, offset: number, bytes: number, decays: boolean) {
    this.#regionBytes = regionBytes;
    this.parameters = offset;
    this.bytes = bytes;
    this.decays = decays;
  }

  /** The address of the gradients. */
  get gradients(): number {
    return this.parameters + this.#regionBytes;
  }

  /** The address of the optimizer's slot of that number, from 0. */
  slot(index: number): number {
    return this.parameters + this.#regionBytes * (2 + index);
  }
}

/** See the file's header. */
export class ParameterMemory {
  readonly specs: readonly ParameterSpec[];
  readonly memory: KernelMemory;
  /** The data of each parameter, in the order of the specs. */
  readonly parameters: readonly Float32Array[];
  /** The gradient of each parameter, in the order of the specs. */
  readonly gradients: readonly Float32Array[];
  /** The data of each slot, for each parameter in the order of the specs. */
  readonly slots: readonly (readonly Float32Array[])[];
  /** All parameters. */
  readonly whole: MemoryRange;
  /** The parameters that decay, and those that do not. */
  readonly groups: readonly [decaying: MemoryRange, others: MemoryRange];
  /** Each parameter by itself, in the order of the specs. */
  readonly each: readonly MemoryRange[];

  /**
   * Reserves the memory, filled with zeros; the system provides its pages as they are written.
   * @throws {@link InvalidInputError} for a name that is used twice or a shape that isn't one
   * @throws {@link ParameterMemoryError} for more than 4 GiB, or more than the system gives
   */
  constructor(specs: readonly ParameterSpec[], slotCount: number) {
    const lengths = specs.map(elementCount);
    requireDistinct(specs);
    const { offsets, decayingBytes, regionBytes } = arrange(specs, lengths);
    this.specs = specs.map(({ name, shape, decay }) => ({ name, shape: [...shape], decay }));
    this.memory = reserve(regionBytes, slotCount);
    const { buffer } = this.memory;
    const region = (index: number): readonly Float32Array[] =>
      lengths.map((length, at) => new Float32Array(buffer, index * regionBytes + (offsets[at] ?? 0), length));
    this.parameters = region(0);
    this.gradients = region(1);
    this.slots = Array.from({ length: slotCount }, (_, slot) => region(2 + slot));
    this.whole = new MemoryRange(regionBytes, 0, regionBytes, false);
    this.groups = [
      new MemoryRange(regionBytes, 0, decayingBytes, true),
      new MemoryRange(regionBytes, decayingBytes, regionBytes - decayingBytes, false),
    ];
    this.each = specs.map(
      ({ decay }, at) =>
        new MemoryRange(regionBytes, offsets[at] ?? 0, alignedBytes(lengths[at] ?? 0), decay),
    );
  }

  /** The fewest ranges that cover all parameters: one, or two where those that decay are treated differently. */
  ranges(weightDecay: number): readonly MemoryRange[] {
    return weightDecay === 0 ? [this.whole] : this.groups;
  }
}

function alignedBytes(length: number): number {
  return Math.ceil((length * Float32Array.BYTES_PER_ELEMENT) / alignment) * alignment;
}

function elementCount({ name, shape }: ParameterSpec): number {
  if (!shape.every((size) => Number.isSafeInteger(size) && size >= 0))
    throw new InvalidInputError(`the parameter "${name}" has no valid shape: [${shape.join(", ")}]`);
  return shape.reduce((product, size) => product * size, 1);
}

function requireDistinct(specs: readonly ParameterSpec[]): void {
  const names = new Set<string>();
  for (const { name } of specs) {
    if (names.has(name)) throw new InvalidInputError(`two parameters are named "${name}"`);
    names.add(name);
  }
}

function arrange(
  specs: readonly ParameterSpec[],
  lengths: readonly number[],
): { readonly offsets: readonly number[]; readonly decayingBytes: number; readonly regionBytes: number } {
  const offsets = specs.map(() => 0);
  let end = 0;
  const place = (decay: boolean): number => {
    for (const [at, spec] of specs.entries()) {
      if (spec.decay !== decay) continue;
      offsets[at] = end;
      end += alignedBytes(lengths[at] ?? 0);
    }
    return end;
  };
  return { offsets, decayingBytes: place(true), regionBytes: place(false) };
}

function reserve(regionBytes: number, slotCount: number): KernelMemory {
  const pages = Math.ceil((regionBytes * (2 + slotCount)) / pageBytes);
  const size = `${((pages * pageBytes) / 2 ** 30).toFixed(2)} GiB`;
  const content = `the parameters, their gradients and ${slotCount} numbers of optimizer state for each`;
  if (!(pages <= maximumPages)) {
    throw new ParameterMemoryError(
      `${content} take ${size}, and 4 GiB is the most: use a smaller model, or an optimizer with less state`,
    );
  }
  try {
    return reserveMemory(pages);
  } catch (cause) {
    throw new ParameterMemoryError(`${content} take ${size}, which the system does not give`, { cause });
  }
}
