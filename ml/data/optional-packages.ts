/** @file Packages that are used where they are installed. */
import { MissingPackageError } from "./errors.ts";

/** The package `apache-arrow`. */
export type ArrowModule = Awaited<typeof import("apache-arrow")>;

/** Apache Arrow. Throws {@link MissingPackageError} where it is not installed. */
export async function loadArrow(use: string): Promise<ArrowModule> {
  try {
    return await import("apache-arrow");
  } catch (cause) {
    throw new MissingPackageError("apache-arrow", use, { cause });
  }
}

/** What is used of Polars. */
export interface Polars {
  readParquet(path: string): PolarsFrame;
}

/** A data frame of Polars's; the package `nodejs-polars` has its whole type. */
export interface PolarsFrame {
  readonly height: number;
  readonly width: number;
  readonly columns: readonly string[];
  toRecords(): Record<string, unknown>[];
}

/** Polars. Throws {@link MissingPackageError} where it is not installed. */
export async function loadPolars(use: string): Promise<Polars> {
  // The name is no constant, or the compiler would want the package.
  const name: string = "nodejs-polars";
  try {
    const loaded = (await import(name)) as { readonly default?: unknown; readonly readParquet?: unknown };
    const found: unknown = typeof loaded.readParquet === "function" ? loaded : loaded.default;
    // SAFETY: this is the package's own interface; calling what is not there fails with the package's name in the stack.
    return found as Polars;
  } catch (cause) {
    throw new MissingPackageError(name, use, { cause });
  }
}
