/** @file Whether two values of a widget's state are the same: JSON and binary data, by their content. */

/** True for values of the same content. */
export function equalValues(left: unknown, right: unknown): boolean {
  if (Object.is(left, right)) return true;
  if (typeof left !== "object" || typeof right !== "object" || left === null || right === null) return false;
  if (ArrayBuffer.isView(left) && ArrayBuffer.isView(right)) return equalBytes(left, right);
  if (isBinary(left) || isBinary(right) || Array.isArray(left) !== Array.isArray(right)) return false;
  const [names, others] = [Object.keys(left), Object.keys(right)];
  return (
    names.length === others.length &&
    names.every(
      (name) => Object.hasOwn(right, name) && equalValues(Reflect.get(left, name), Reflect.get(right, name)),
    )
  );
}

function isBinary(value: object): boolean {
  return ArrayBuffer.isView(value) || value instanceof ArrayBuffer;
}

function equalBytes(left: ArrayBufferView, right: ArrayBufferView): boolean {
  if (left.byteLength !== right.byteLength) return false;
  const a = new Uint8Array(left.buffer, left.byteOffset, left.byteLength);
  const b = new Uint8Array(right.buffer, right.byteOffset, right.byteLength);
  return a.every((byte, index) => byte === b[index]);
}
