/** Makes an object that shows nothing when it is a cell's result. */
export function hidden<T extends object>(object: T): T {
  return Object.defineProperty(object, Symbol.for("Jupyter.display"), {
    value: () => ({}),
    enumerable: false,
  });
}
