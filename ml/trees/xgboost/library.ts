/**
 * @file XGBoost's library by its C interface (XGBoost, "XGBoost C API"). Every call's result is checked. Calls are made on
 * this thread: the library keeps the last error for each thread.
 */
import { XgboostError, XgboostMissingError } from "./errors.ts";
import { findXgboostLibrary, howToGetXgboost, type LibraryVariables } from "./find-library.ts";
import { loadKoffi, messageOf, type Koffi, type NativeFunction, type NativeLibrary } from "./koffi.ts";

/** The C functions that are called; each gives 0, or -1 with an error. */
const parameters = {
  XGDMatrixCreateFromDense: "const char *data, const char *config, _Out_ void **out",
  XGDMatrixSetInfoFromInterface: "void *matrix, const char *field, const char *data",
  XGDMatrixSetStrFeatureInfo: "void *matrix, const char *field, const char **features, uint64_t size",
  XGDMatrixFree: "void *matrix",
  XGBoosterCreate: "void **matrices, uint64_t count, _Out_ void **out",
  XGBoosterSetParam: "void *booster, const char *name, const char *value",
  XGBoosterUpdateOneIter: "void *booster, int round, void *matrix",
  XGBoosterEvalOneIter:
    "void *booster, int round, void **matrices, const char **names, uint64_t count, _Out_ const char **out",
  XGBoosterSlice: "void *booster, int begin, int end, int step, _Out_ void **out",
  XGBoosterSaveModelToBuffer: "void *booster, const char *config, _Out_ uint64_t *length, _Out_ void **out",
  XGBoosterFree: "void *booster",
} as const;

/** A function of XGBoost's that can be called. */
export type XgboostFunction = keyof typeof parameters;

/** The library, loaded. */
export class XgboostLibrary {
  readonly #koffi: Koffi;
  readonly #functions: ReadonlyMap<string, NativeFunction>;
  readonly #lastError: NativeFunction;

  /** Throws where the library lacks a function. */
  constructor(koffi: Koffi, library: NativeLibrary) {
    this.#koffi = koffi;
    this.#lastError = library.func("const char *XGBGetLastError()");
    this.#functions = new Map(
      Object.entries(parameters).map(([name, list]) => [name, library.func(`int ${name}(${list})`)]),
    );
  }

  /** @throws {@link XgboostError} with what the library says, where it fails */
  call(name: XgboostFunction, ...values: readonly unknown[]): void {
    if (this.#functions.get(name)?.(...values) !== 0)
      throw new XgboostError(readable(String(this.#lastError())));
  }

  /** The handle that a function makes; it is to be freed. */
  make(name: XgboostFunction, ...values: readonly unknown[]): bigint {
    const out: unknown[] = [null];
    this.call(name, ...values, out);
    const [handle] = out;
    if (typeof handle !== "bigint") throw new XgboostError(`${name} gave no handle`);
    return handle;
  }

  /** The library's description of an array that stays where it is: NumPy's `__array_interface__`, as JSON. */
  arrayInterface(values: Float32Array | Float64Array, shape: readonly number[]): string {
    const typestr = values instanceof Float32Array ? "<f4" : "<f8";
    const address = this.#koffi.address(values);
    return `{"data":[${address},true],"shape":[${shape.join(",")}],"typestr":"${typestr}","version":3}`;
  }

  /** A copy of what the library holds. */
  bytes(pointer: unknown, length: unknown): Uint8Array {
    const copy =
      typeof pointer === "bigint" ? this.#koffi.decode(pointer, "uint8_t", Number(length)) : undefined;
    if (!(copy instanceof Uint8Array)) throw new XgboostError("XGBoost gave no model");
    return copy;
  }
}

const loaded = new Map<string, XgboostLibrary>();

/**
 * The library, loaded once for each path.
 * @throws {@link XgboostMissingError} where there is none, or one of another version than 2 or 3
 */
export async function loadXgboostLibrary(variables: LibraryVariables): Promise<XgboostLibrary> {
  const path = await findXgboostLibrary(variables);
  const before = loaded.get(path);
  if (before) return before;
  const koffi = loadKoffi();
  let native: NativeLibrary;
  try {
    native = koffi.load(path);
  } catch (cause) {
    throw new XgboostMissingError(
      `XGBoost's library ${path} can't be loaded (${messageOf(cause)}): ${howToGetXgboost}`,
      { cause },
    );
  }
  try {
    checkVersion(path, native);
    const library = new XgboostLibrary(koffi, native);
    loaded.set(path, library);
    return library;
  } catch (cause) {
    if (cause instanceof XgboostMissingError) throw cause;
    throw new XgboostMissingError(`${path} is not XGBoost's library: ${messageOf(cause)}`, { cause });
  }
}

function checkVersion(path: string, native: NativeLibrary): void {
  const version = [[0], [0], [0]];
  native.func("void XGBoostVersion(_Out_ int *major, _Out_ int *minor, _Out_ int *patch)")(...version);
  const [major = 0] = version.flat();
  if (major !== 2 && major !== 3)
    throw new XgboostMissingError(`${path} is XGBoost ${version.flat().join(".")}: version 2 or 3 is needed`);
}

/** The library's message without its place in the source and the stack of calls. */
function readable(message: string): string {
  const [before = ""] = message.split("\nStack trace:");
  const text = before.replace(/^\[[\d:]+\] \S+:\d+: /u, "").trim();
  return text === "" ? "XGBoost failed and says nothing" : `XGBoost: ${text}`;
}
