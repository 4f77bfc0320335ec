/**
 * @file Values as DAP shows them: references to what can be expanded, and their children page by page.
 *
 * Nothing that is shown runs user code: getters are called only when someone opens them, proxies show their target.
 * References of a stop end with it; those of the notebook's variables with the next listing.
 */
import type { Runtime } from "node:inspector";
import type { DebugProtocol } from "@vscode/debugprotocol";
import {
  assignEntry,
  assignProperty,
  callGetter,
  measureProperties,
  sliceElements,
  sliceEntries,
  sliceProperties,
  stringLimit,
} from "./child-functions.ts";
import type { InspectorClient } from "./inspector-client.ts";
import { RequestError } from "./requests.ts";
import { sizeOf, typeText, valueText } from "./value-text.ts";

/** Children shown at once to clients that don't ask for pages. */
const pageSize = 1000;

/** A window on children; without `count`, all of them. */
export interface Page {
  readonly filter: "indexed" | "named" | undefined;
  readonly start: number | undefined;
  readonly count: number | undefined;
}

/** How a value is reached in an expression. */
type Path = string | undefined;

/** What a reference stands for. */
export interface Container {
  readonly group: string;
  readonly path?: Path;
  /** Lists the children. */
  list(page: Page): Promise<DebugProtocol.Variable[]>;
  /** Assigns to a child. */
  assign?(name: string, value: Runtime.CallArgument): Promise<Runtime.RemoteObject>;
  /** Evaluates an expression where the children live, to assign it; undefined for the notebook's scope. */
  readonly callFrameId?: string | undefined;
}

export class Variables {
  readonly #client: InspectorClient;
  readonly #containers = new Map<number, Container>();
  /** False for clients that don't ask for types, or would show them in place of values. */
  showsTypes = true;
  #next = 1;

  constructor(client: InspectorClient) {
    this.#client = client;
  }

  add(container: Container): number {
    const reference = this.#next++;
    this.#containers.set(reference, container);
    return reference;
  }

  /** @throws {RequestError} for a reference that is no more. */
  get(reference: number): Container {
    const container = this.#containers.get(reference);
    if (container === undefined)
      throw new RequestError("This value is no longer available; the program has gone on");
    return container;
  }

  /** Ends all references of a group and lets the child forget their values. */
  async release(group: string): Promise<void> {
    for (const [reference, container] of this.#containers) {
      if (container.group === group) this.#containers.delete(reference);
    }
    await this.#client.attempt("Runtime.releaseObjectGroup", { objectGroup: group });
  }

  /** Forgets all, for a child that is no more. */
  clear(): void {
    this.#containers.clear();
  }

  /** Shows a value under a name. */
  show(
    name: string,
    value: Runtime.RemoteObject,
    group: string,
    path?: Path,
    callFrameId?: string,
  ): DebugProtocol.Variable {
    const shown = {
      name,
      value: valueText(value),
      ...(this.showsTypes ? { type: typeText(value) } : {}),
      ...(path === undefined ? {} : { evaluateName: path }),
    };
    if (value.objectId === undefined) return { ...shown, variablesReference: 0 };
    const variablesReference = this.add(this.#object(value, value.objectId, group, path, callFrameId));
    return isIndexed(value) || isKeyed(value)
      ? { ...shown, variablesReference, indexedVariables: sizeOf(value), namedVariables: 1 }
      : { ...shown, variablesReference };
  }

  /** Shows the properties of an object. */
  async properties(
    objectId: string,
    group: string,
    path: Path,
    options: {
      readonly receiver?: string;
      readonly scope?: boolean;
      readonly callFrameId?: string | undefined;
    } = {},
  ): Promise<DebugProtocol.Variable[]> {
    const { result, internalProperties = [] } = await this.#client.post("Runtime.getProperties", {
      objectId,
      ownProperties: true,
      generatePreview: true,
    });
    const receiver = options.receiver ?? objectId;
    const shown = result.flatMap((property) => {
      const name =
        property.symbol === undefined ? property.name : (property.symbol.description ?? property.name);
      const childPath =
        options.scope === true ? name : property.symbol === undefined ? memberPath(path, name) : undefined;
      return this.#property(name, property, receiver, group, childPath, options.callFrameId);
    });
    if (options.receiver !== undefined || options.scope === true) return shown;
    return [...shown, ...this.#internals(internalProperties, group)];
  }

  #property(
    name: string,
    { value, get, wasThrown }: Runtime.PropertyDescriptor,
    receiver: string,
    group: string,
    path: Path,
    callFrameId: string | undefined,
  ): DebugProtocol.Variable[] {
    if (value !== undefined && wasThrown !== true) return [this.show(name, value, group, path, callFrameId)];
    if (get?.objectId === undefined) return [];
    const getter = get.objectId;
    const variablesReference = this.add({
      group,
      list: async () => {
        const result = await this.#client.call(
          receiver,
          callGetter,
          [{ objectId: getter }, { value: stringLimit }],
          {
            objectGroup: group,
            generatePreview: true,
          },
        );
        return [this.show(name, result, group, path, callFrameId)];
      },
    });
    return [{ name, value: "(…)", variablesReference, presentationHint: { lazy: true } }];
  }

  #internals(
    properties: readonly Runtime.InternalPropertyDescriptor[],
    group: string,
  ): DebugProtocol.Variable[] {
    return properties.flatMap(({ name, value }) => {
      const isPlain =
        name === "[[Prototype]]" && /^(?:Object|Array\(0\)|Map|Set|Function)$/.test(value?.description ?? "");
      if (value === undefined || isPlain || name === "[[Entries]]") return [];
      return [
        { ...this.show(name, value, group), presentationHint: { kind: "virtual", visibility: "internal" } },
      ];
    });
  }

  #object(
    value: Runtime.RemoteObject,
    objectId: string,
    group: string,
    path: Path,
    callFrameId: string | undefined,
  ): Container {
    const common = { group, path, callFrameId };
    const assign = (functionText: string) => async (name: string, argument: Runtime.CallArgument) =>
      await this.#client.call(objectId, functionText, [{ value: name }, argument], {
        objectGroup: group,
        generatePreview: true,
      });
    if (value.subtype === "proxy") {
      return { ...common, list: async () => await this.properties(objectId, group, undefined) };
    }
    if (isKeyed(value)) {
      const list = async (page: Page): Promise<DebugProtocol.Variable[]> =>
        await this.#indexed(
          sizeOf(value),
          page,
          group,
          async (start, count) => await this.#entries(objectId, start, count, group),
        );
      return { ...common, list, ...(value.subtype === "map" ? { assign: assign(assignEntry) } : {}) };
    }
    if (isIndexed(value)) {
      const list = async (page: Page): Promise<DebugProtocol.Variable[]> => {
        const elements =
          page.filter === "named"
            ? []
            : await this.#indexed(
                sizeOf(value),
                page,
                group,
                async (start, count) =>
                  await this.#slice(objectId, sliceElements, start, count, group, path, callFrameId),
              );
        const named =
          page.filter === "indexed" || (page.start ?? 0) > 0
            ? []
            : await this.#namedOfList(objectId, group, path);
        return [...elements, ...named];
      };
      return { ...common, list, assign: assign(assignProperty) };
    }
    const list = async (page: Page): Promise<DebugProtocol.Variable[]> =>
      page.filter === "indexed" ? [] : await this.#named(objectId, page, group, path, callFrameId);
    return { ...common, list, assign: assign(assignProperty) };
  }

  /** Elements of a list; a long one, asked for whole, comes as ranges that can be opened. */
  async #indexed(
    length: number,
    { start = 0, count }: Page,
    group: string,
    read: (start: number, count: number) => Promise<DebugProtocol.Variable[]>,
  ): Promise<DebugProtocol.Variable[]> {
    // DAP has it that a count of 0 means all.
    const end = count === undefined || count === 0 ? length : Math.min(length, start + count);
    return await this.#range(start, end, group, read);
  }

  async #range(
    start: number,
    end: number,
    group: string,
    read: (start: number, count: number) => Promise<DebugProtocol.Variable[]>,
  ): Promise<DebugProtocol.Variable[]> {
    if (end <= start) return [];
    if (end - start <= pageSize) return await read(start, end - start);
    let width = pageSize;
    while ((end - start) / width > pageSize) width *= pageSize;
    const ranges: DebugProtocol.Variable[] = [];
    for (let from = start; from < end; from += width) {
      const to = Math.min(end, from + width);
      const variablesReference = this.add({
        group,
        list: async () => await this.#range(from, to, group, read),
      });
      ranges.push({ name: `[${from} … ${to - 1}]`, value: "", variablesReference });
    }
    return ranges;
  }

  async #named(
    objectId: string,
    { start = 0, count }: Page,
    group: string,
    path: Path,
    callFrameId: string | undefined,
  ): Promise<DebugProtocol.Variable[]> {
    const read = async (from: number, size: number): Promise<DebugProtocol.Variable[]> =>
      await this.#slice(objectId, sliceProperties, from, size, group, path, callFrameId);
    const measured = await this.#client.call(objectId, measureProperties, [], { returnByValue: true });
    // SAFETY: the function returns these two numbers.
    const [length, longest] = measured.value as readonly [number, number];
    const isSmall = length <= pageSize && longest <= stringLimit;
    const end = count === undefined || count === 0 ? length : Math.min(length, start + count);
    const shown = await this.#range(start, end, group, read);
    return start === 0 ? [...shown, ...(await this.#inherited(objectId, isSmall, group))] : shown;
  }

  /** What an object has from its class: accessors, to be called on demand, and internal slots. */
  async #inherited(objectId: string, isSmall: boolean, group: string): Promise<DebugProtocol.Variable[]> {
    const { result } = await this.#client.post("Runtime.getProperties", {
      objectId,
      ownProperties: false,
      accessorPropertiesOnly: true,
    });
    const accessors = result
      .filter(({ name, isOwn, symbol }) => isOwn !== true && symbol === undefined && name !== "__proto__")
      .flatMap((property) => this.#property(property.name, property, objectId, group, undefined, undefined));
    // Private fields and internal slots come only together with all properties.
    if (!isSmall) return accessors;
    const all = await this.#client.post("Runtime.getProperties", {
      objectId,
      ownProperties: true,
      generatePreview: true,
    });
    const fields = (all.privateProperties ?? []).flatMap(({ name, value }) =>
      value === undefined ? [] : [this.show(name, value, group)],
    );
    return [...fields, ...accessors, ...this.#internals(all.internalProperties ?? [], group)];
  }

  async #namedOfList(objectId: string, group: string, path: Path): Promise<DebugProtocol.Variable[]> {
    const { result } = await this.#client.post("Runtime.getProperties", {
      objectId,
      ownProperties: true,
      nonIndexedPropertiesOnly: true,
      generatePreview: true,
    });
    return result.flatMap((property) =>
      this.#property(property.name, property, objectId, group, memberPath(path, property.name), undefined),
    );
  }

  async #slice(
    objectId: string,
    functionText: string,
    start: number,
    count: number,
    group: string,
    path: Path,
    callFrameId: string | undefined,
  ): Promise<DebugProtocol.Variable[]> {
    const args = [{ value: start }, { value: count }, { value: stringLimit }];
    const page = await this.#client.call(objectId, functionText, args, { objectGroup: group });
    if (page.objectId === undefined) return [];
    return await this.properties(page.objectId, group, path, { receiver: objectId, callFrameId });
  }

  async #entries(
    objectId: string,
    start: number,
    count: number,
    group: string,
  ): Promise<DebugProtocol.Variable[]> {
    const args = [{ value: start }, { value: count }, { value: stringLimit }];
    const page = await this.#client.call(objectId, sliceEntries, args, { objectGroup: group });
    if (page.objectId === undefined) return [];
    const { result } = await this.#client.post("Runtime.getProperties", {
      objectId: page.objectId,
      ownProperties: true,
      generatePreview: true,
    });
    const items = result.filter(({ name }) => /^\d+$/.test(name));
    const shown: DebugProtocol.Variable[] = [];
    for (let index = 0; index + 1 < items.length; index += 2) {
      const value = items[index + 1]?.value;
      if (value !== undefined) shown.push(this.show(String(items[index]?.value?.value ?? ""), value, group));
    }
    return shown;
  }
}

function isIndexed({ subtype }: Runtime.RemoteObject): boolean {
  return subtype === "array" || subtype === "typedarray";
}

function isKeyed({ subtype }: Runtime.RemoteObject): boolean {
  return subtype === "map" || subtype === "set";
}

function memberPath(path: Path, name: string): Path {
  if (path === undefined) return undefined;
  if (/^\d+$/.test(name)) return `${path}[${name}]`;
  return /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(name)
    ? `${path}.${name}`
    : `${path}[${JSON.stringify(name)}]`;
}
