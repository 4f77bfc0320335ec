/** @file Runs `using` and `await using` declarations that the compiler has lowered; the shape is the compiler's. */

/** Newer than the oldest supported Node. */
interface SuppressedErrorLike extends Error {
  error: unknown;
  suppressed: unknown;
}

interface Resource {
  readonly dispose: (() => unknown) | undefined;
  readonly isAsync: boolean;
}

interface Disposer {
  /** The error of the block; set by the lowered code. */
  e: unknown;
  u<T>(value: T): T;
  a<T>(value: T): T;
  d(): unknown;
}

const noError = Symbol("no error");

export function createDisposer(): Disposer {
  const resources: Resource[] = [];
  const add = <T>(isAsync: boolean, value: T): T => {
    if (value === null || value === undefined) {
      if (isAsync) resources.push({ dispose: undefined, isAsync });
      return value;
    }
    const dispose = disposeMethod(value, isAsync);
    resources.push({ dispose: () => Reflect.apply(dispose, value, []) as unknown, isAsync });
    return value;
  };
  const context: Disposer = {
    e: noError,
    u: (value) => add(false, value),
    a: (value) => add(true, value),
    d: () => disposeAll(resources, context.e),
  };
  return context;
}

function disposeMethod(value: unknown, isAsync: boolean): CallableFunction {
  if (Object(value) !== value)
    throw new TypeError("using declarations can only be used with objects, functions, null, or undefined.");
  // SAFETY: it is an object or a function.
  const object = value as object;
  const method: unknown =
    (isAsync ? Reflect.get(object, Symbol.asyncDispose) : undefined) ?? Reflect.get(object, Symbol.dispose);
  if (typeof method !== "function") throw new TypeError("Property [Symbol.dispose] is not a function.");
  return method;
}

/** Disposes in reverse order; a promise from the first asynchronous one on. */
function disposeAll(resources: Resource[], blockError: unknown): unknown {
  let error = blockError;
  const fail = (thrown: unknown): void => {
    error = error === noError ? thrown : suppressed(thrown, error);
  };
  const disposeRest = (): unknown => {
    for (let resource = resources.pop(); resource !== undefined; resource = resources.pop()) {
      try {
        const result = resource.dispose?.();
        if (resource.isAsync) {
          return Promise.resolve(result).then(disposeRest, (thrown: unknown) => {
            fail(thrown);
            return disposeRest();
          });
        }
      } catch (thrown) {
        fail(thrown);
      }
    }
    if (error !== noError) throw error;
    return undefined;
  };
  return disposeRest();
}

function suppressed(error: unknown, previous: unknown): Error {
  const { SuppressedError } = globalThis as {
    SuppressedError?: new (error: unknown, suppressed: unknown) => Error;
  };
  if (SuppressedError !== undefined) return new SuppressedError(error, previous);
  // SAFETY: both properties are set in the same expression.
  const result = new Error("An error was suppressed during disposal.") as SuppressedErrorLike;
  return Object.assign(result, { name: "SuppressedError", error, suppressed: previous });
}
