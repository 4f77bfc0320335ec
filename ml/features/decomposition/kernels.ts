/** @file The compiled products of columns (`kernels/index.as.ts`) with the memory that they work in. */
import { readFileSync } from "node:fs";
import { InvalidInputError } from "../../errors.ts";

const page = 65_536;

/** What a matrix of products is gathered in. Both arrays are of the kernel's memory, zeros at first. */
export interface ProductsOfColumns {
  /** Columns one after the other, each of as many rows as were asked for. */
  readonly block: Float64Array;
  /** The products' sums: a matrix of `stride` columns, right on and below its diagonal. */
  readonly products: Float64Array;
  readonly stride: number;
  /** Adds the products of the block's columns. */
  readonly add: () => void;
}

let compiled: WebAssembly.Module | undefined;

/**
 * Memory for the products of `width` columns, of which `rows` (an even number) come at a time.
 * @throws {@link InvalidInputError} where there are too many columns for one memory of 4 GiB
 */
export function productsOfColumns(width: number, rows: number): ProductsOfColumns {
  const stride = Math.ceil(Math.max(width, 1) / 4) * 4;
  const numbers = stride * stride + stride * rows;
  if (numbers * 8 > 2 ** 32 - page)
    throw new InvalidInputError(`products of ${width} columns don't fit into memory`);
  const pages = Math.ceil((numbers * 8) / page);
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
  compiled ??= load();
  const { exports } = new WebAssembly.Instance(compiled, { env: { memory } });
  // SAFETY: the module is built with this file, from a source whose export has these parameters.
  const { addProducts } = exports as unknown as {
    readonly addProducts: (products: number, block: number, width: number, bytes: number) => void;
  };
  const blockStart = stride * stride * 8;
  return {
    products: new Float64Array(memory.buffer, 0, stride * stride),
    block: new Float64Array(memory.buffer, blockStart, stride * rows),
    stride,
    add: () => addProducts(0, blockStart, stride, rows * 8),
  };
}

function load(): WebAssembly.Module {
  try {
    return new WebAssembly.Module(readFileSync(new URL("./kernels.wasm", import.meta.url)));
  } catch (cause) {
    throw new Error(
      "the compiled products of columns cannot be read: install tenon again, or `npm run build` where it is a checkout",
      { cause },
    );
  }
}
