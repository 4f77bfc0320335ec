/** @file koffi, an optional package that calls C functions of native libraries: what is used of it. */
import { createRequire } from "node:module";
import { findPackage } from "../../find-package.ts";
import { XgboostMissingError } from "./errors.ts";

/** A C function. Outputs are written into arrays of one. */
export type NativeFunction = (...values: readonly unknown[]) => unknown;

/** A native library. */
export interface NativeLibrary {
  /** The function of a C prototype; throws where the library has none of its name. */
  func(prototype: string): NativeFunction;
}

/** The package's functions that are used here. */
export interface Koffi {
  /** Loads a library by its path, or by its name where the system has it. */
  load(path: string): NativeLibrary;
  /** Where the values stand in memory, as long as something holds them. */
  address(values: Float32Array | Float64Array): bigint;
  /** A copy of memory. */
  decode(pointer: bigint, type: "uint8_t", length: number): unknown;
}

/**
 * koffi, of the project or of Tenon's own folder.
 * @throws {@link XgboostMissingError} where it isn't installed or doesn't load
 */
export function loadKoffi(): Koffi {
  const path = findPackage("koffi");
  if (path === undefined)
    throw new XgboostMissingError(
      "training by XGBoost's library needs the package koffi: npm install koffi@3",
    );
  let loaded: unknown;
  try {
    loaded = createRequire(import.meta.url)(path);
  } catch (cause) {
    throw new XgboostMissingError(`koffi does not load: ${messageOf(cause)}`, { cause });
  }
  if (!isKoffi(loaded)) throw new XgboostMissingError(`${path} is not koffi 3: npm install koffi@3`);
  return loaded;
}

/** What an error says. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function isKoffi(loaded: unknown): loaded is Koffi {
  return (
    typeof loaded === "object" &&
    loaded !== null &&
    ["load", "address", "decode"].every((name) => typeof Reflect.get(loaded, name) === "function") &&
    String(Reflect.get(loaded, "version")).startsWith("3.")
  );
}
