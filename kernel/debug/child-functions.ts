/**
 * @file Functions, as source text, that the debugger calls in the child on the values that it shows.
 *
 * They are never called on proxies, run no getters, and cut long strings, so that looking at a value changes nothing
 * and costs no more than what is shown.
 */

/** Longest string that is carried whole. */
export const stringLimit = 10_000;

/** Longest text that is carried where someone asked for all of it. */
export const textLimit = 5_000_000;

/** Copies elements `start` to `start + count` of an array or typed array; holes stay holes. */
export const sliceElements = `function (start, count, limit) {
  const page = Object.create(null);
  const cut = (value) => typeof value === "string" && value.length > limit ? value.slice(0, limit) + "…" : value;
  const end = Math.min(this.length, start + count);
  for (let index = start; index < end; index++) {
    if (ArrayBuffer.isView(this)) { page[index] = this[index]; continue; }
    const descriptor = Object.getOwnPropertyDescriptor(this, index);
    if (descriptor === undefined) continue;
    if ("value" in descriptor) descriptor.value = cut(descriptor.value);
    Object.defineProperty(page, index, descriptor);
  }
  return page;
}`;

/** Copies own properties `start` to `start + count`, symbols last; accessors stay accessors. */
export const sliceProperties = `function (start, count, limit) {
  const page = Object.create(null);
  const keys = Reflect.ownKeys(this).slice(start, start + count);
  for (const key of keys) {
    const descriptor = Object.getOwnPropertyDescriptor(this, key);
    if (descriptor === undefined) continue;
    if (typeof descriptor.value === "string" && descriptor.value.length > limit)
      descriptor.value = descriptor.value.slice(0, limit) + "…";
    Object.defineProperty(page, key, descriptor);
  }
  return page;
}`;

/** The number of own properties, and the length of the longest string among them. */
export const measureProperties = `function () {
  const keys = Reflect.ownKeys(this);
  let longest = 0;
  for (const key of keys) {
    const value = Object.getOwnPropertyDescriptor(this, key)?.value;
    if (typeof value === "string" && value.length > longest) longest = value.length;
  }
  return [keys.length, longest];
}`;

/** Entries `start` to `start + count` of a Map or Set, as an array of `[shown key, value, key]`. */
export const sliceEntries = `function (start, count, limit) {
  const isMap = this instanceof Map;
  const iterator = isMap ? Map.prototype.entries.call(this) : Set.prototype.values.call(this);
  const page = [];
  let index = 0;
  for (const item of { [Symbol.iterator]: () => iterator }) {
    if (index >= start + count) break;
    if (index >= start) {
      const key = isMap ? item[0] : index;
      const name = typeof key === "string" && isMap ? JSON.stringify(key.slice(0, limit))
        : typeof key === "object" && key !== null || typeof key === "function" ? String(index) : String(key);
      const value = isMap ? item[1] : item;
      const shown = isMap && (typeof key === "object" && key !== null || typeof key === "function")
        ? { key, value } : value;
      page.push(name, typeof shown === "string" && shown.length > limit ? shown.slice(0, limit) + "…" : shown);
    }
    index += 1;
  }
  return page;
}`;

/** Calls a getter on the object that it was read from. */
export const callGetter = `function (getter, limit) {
  const value = Reflect.apply(getter, this, []);
  return typeof value === "string" && value.length > limit ? value.slice(0, limit) + "…" : value;
}`;

/** Assigns an own property. */
export const assignProperty = `function (name, value) { this[name] = value; return this[name]; }`;

/** Assigns the value of a Map's entry by its key as it is shown. */
export const assignEntry = `function (name, value) {
  for (const key of Map.prototype.keys.call(this)) {
    if ((typeof key === "string" ? JSON.stringify(key) : String(key)) !== name) continue;
    Map.prototype.set.call(this, key, value);
    return value;
  }
  throw new Error("there is no entry " + name);
}`;

/** A value as text that can be pasted: JSON where it has some. */
export const asText = `function (limit) {
  const show = () => {
    try { return JSON.stringify(this, (_, value) => typeof value === "bigint" ? value + "n" : value, 2) ?? String(this); }
    catch { return String(this); }
  };
  return show().slice(0, limit);
}`;

/**
 * The MIME bundle of a value, by the kernel's renderers where they are within reach, as JSON text; undefined where
 * there is none. `wait` is false while the main thread is stopped: a promise would never settle then.
 */
export const asMimeBundle = `function (wait) {
  const render = globalThis[Symbol.for("tenon.render")];
  const own = this[Symbol.for("Jupyter.display")];
  const bundle = typeof render === "function" ? render(this) : typeof own === "function" ? own.call(this) : undefined;
  const text = (value) => {
    const json = typeof value === "object" && value !== null ? JSON.stringify(value) : "";
    return json.length > 0 && json.length < ${textLimit} ? json : undefined;
  };
  if (typeof bundle?.then === "function") return wait ? Promise.resolve(bundle).then(text) : undefined;
  return text(bundle);
}`;

/** Names of the global object that user code has put there. */
export const ownGlobals = `function (builtIn) {
  const known = new Set(builtIn);
  const page = Object.create(null);
  for (const name of Object.getOwnPropertyNames(this)) {
    if (known.has(name)) continue;
    const descriptor = Object.getOwnPropertyDescriptor(this, name);
    if (descriptor === undefined || !descriptor.enumerable) continue;
    if (typeof descriptor.value === "string" && descriptor.value.length > ${stringLimit})
      descriptor.value = descriptor.value.slice(0, ${stringLimit}) + "…";
    Object.defineProperty(page, name, descriptor);
  }
  return page;
}`;

/** The names of a scope, from the object that stands for it. */
export const ownNames = `function () { return Object.getOwnPropertyNames(this); }`;

/**
 * An expression for an object with the values that names have where it is evaluated. Names without a value yet are
 * left out.
 */
export function pageOfNames(names: readonly string[]): string {
  const reads = names.map((name) => `try { __page__[${JSON.stringify(name)}] = __cut__(${name}) } catch {}`);
  return `((__page__, __cut__) => { ${reads.join("\n")}\nreturn __page__ })(Object.create(null), ${cut(stringLimit)})`;
}

/** An expression with the same value, but for strings longer than `limit`, which are cut. */
export function cutLongString(expression: string, limit: number): string {
  return `(${cut(limit)})(${expression})`;
}

function cut(limit: number): string {
  return `(value) => typeof value === "string" && value.length > ${limit} ? value.slice(0, ${limit}) + "…" : value`;
}

/** An expression with the same value that throws for strings too long to be carried to the parent and back. */
export function refuseLongString(expression: string): string {
  return `((value) => { if (typeof value === "string" && value.length > ${textLimit}) throw new RangeError("the string is too long to be assigned from here"); return value })(${expression})`;
}
