/**
 * @file The scopes of a frame and their variables.
 *
 * The objects that V8 hands out for scopes are copies made at the stop. So values are read by name where the program
 * stands, and from the copy only where an inner scope hides the name.
 */
import type { Debugger, Runtime } from "node:inspector";
import type { DebugProtocol } from "@vscode/debugprotocol";
import {
  assignProperty,
  ownGlobals,
  ownNames,
  pageOfNames,
  sliceProperties,
  stringLimit,
} from "./child-functions.ts";
import { objectGroups, valueOf } from "./inspector-client.ts";
import type { InspectorClient } from "./inspector-client.ts";
import { RequestError } from "./requests.ts";
import { builtInGlobals } from "./stack.ts";
import type { Frame } from "./stack.ts";
import type { Variables } from "./variables.ts";

const titles: Readonly<Record<string, string>> = {
  block: "Block",
  catch: "Catch",
  closure: "Closure",
  eval: "Eval",
  global: "Global",
  local: "Local",
  module: "Module",
  script: "Notebook",
  "wasm-expression-stack": "Stack",
  with: "With",
};
const identifier = /^[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*$/u;
const group = objectGroups.paused;

export class FrameScopes {
  readonly #variables: Variables;
  readonly #client: InspectorClient;

  constructor(variables: Variables, client: InspectorClient) {
    this.#variables = variables;
    this.#client = client;
  }

  /** The scopes of a frame, innermost first. A frame that is no longer on the stack has none. */
  list({ call }: Frame): DebugProtocol.Scope[] {
    if (call === undefined) return [];
    return call.scopeChain.flatMap((scope, index): DebugProtocol.Scope[] => {
      const { objectId } = scope.object;
      if (objectId === undefined) return [];
      const variablesReference = this.#variables.add({
        group,
        callFrameId: call.callFrameId,
        list: async ({ filter }) => (filter === "indexed" ? [] : await this.#read(call, index, objectId)),
        assign: async (name, value) => await this.#assign(call, index, objectId, name, value),
      });
      const title = titles[scope.type] ?? scope.type;
      const name = scope.type === "closure" && scope.name !== undefined ? `${title} (${scope.name})` : title;
      const shown = { name, variablesReference, expensive: scope.type === "global" };
      return [scope.type === "local" ? Object.assign(shown, { presentationHint: "locals" }) : shown];
    });
  }

  async #read(call: Debugger.CallFrame, index: number, objectId: string): Promise<DebugProtocol.Variable[]> {
    if (call.scopeChain[index]?.type === "global") return await this.#readGlobals(call, objectId);
    const isNotebook = call.scopeChain[index]?.type === "script";
    // What was declared since the stop isn't in the copy.
    const names = isNotebook
      ? (await this.#client.post("Runtime.globalLexicalScopeNames")).names
      : await this.#names(objectId);
    const hidden = await this.#innerNames(call, index);
    const current = await this.#current(
      call,
      names.filter((name) => !hidden.has(name) && identifier.test(name)),
    );
    const copied = names.some((name) => hidden.has(name)) ? await this.#copied(call, objectId) : [];
    const shown = [...current, ...copied.filter(({ name }) => hidden.has(name))].filter(
      ({ name }) => !name.startsWith("__"),
    );
    return index === 0 ? [...shown, ...(await this.#special(call))] : shown;
  }

  async #names(objectId: string): Promise<readonly string[]> {
    const names = await this.#client.call(objectId, ownNames, [], { returnByValue: true });
    // SAFETY: the function returns an array of strings.
    return names.value as readonly string[];
  }

  async #innerNames(call: Debugger.CallFrame, index: number): Promise<ReadonlySet<string>> {
    const hidden = new Set<string>();
    for (const { object } of call.scopeChain.slice(0, index)) {
      if (object.objectId === undefined) continue;
      for (const name of await this.#names(object.objectId)) hidden.add(name);
    }
    return hidden;
  }

  async #current(call: Debugger.CallFrame, names: readonly string[]): Promise<DebugProtocol.Variable[]> {
    if (names.length === 0) return [];
    const { callFrameId } = call;
    const expression = pageOfNames(names);
    const page = valueOf(
      await this.#client.post("Debugger.evaluateOnCallFrame", {
        callFrameId,
        expression,
        objectGroup: group,
        silent: true,
      }),
    );
    if (page.objectId === undefined) return [];
    return await this.#variables.properties(page.objectId, group, undefined, { scope: true, callFrameId });
  }

  async #copied({ callFrameId }: Debugger.CallFrame, objectId: string): Promise<DebugProtocol.Variable[]> {
    const args = [{ value: 0 }, { value: Number.MAX_SAFE_INTEGER }, { value: stringLimit }];
    const page = await this.#client.call(objectId, sliceProperties, args, { objectGroup: group });
    if (page.objectId === undefined) return [];
    return await this.#variables.properties(page.objectId, group, undefined, {
      receiver: objectId,
      callFrameId,
    });
  }

  async #readGlobals(
    { callFrameId }: Debugger.CallFrame,
    objectId: string,
  ): Promise<DebugProtocol.Variable[]> {
    const page = await this.#client.call(objectId, ownGlobals, [{ value: builtInGlobals }], {
      objectGroup: group,
    });
    if (page.objectId === undefined) return [];
    const options = { scope: true, receiver: objectId, callFrameId };
    return await this.#variables.properties(page.objectId, group, undefined, options);
  }

  async #special(call: Debugger.CallFrame): Promise<DebugProtocol.Variable[]> {
    const special: DebugProtocol.Variable[] = [];
    if (call.returnValue !== undefined) {
      const shown = this.#variables.show("(return value)", call.returnValue, group);
      special.push({ ...shown, presentationHint: { kind: "virtual" } });
    }
    const isMethod = call.scopeChain.some(({ type }) => type === "local") && call.this.className !== "global";
    if (isMethod && call.this.objectId !== undefined) {
      const { callFrameId } = call;
      const options = {
        callFrameId,
        expression: "this",
        objectGroup: group,
        generatePreview: true,
        silent: true,
      };
      const receiver = valueOf(await this.#client.post("Debugger.evaluateOnCallFrame", options));
      special.push(this.#variables.show("this", receiver, group, "this", callFrameId));
    }
    return special;
  }

  async #assign(
    call: Debugger.CallFrame,
    index: number,
    objectId: string,
    variableName: string,
    newValue: Runtime.CallArgument,
  ): Promise<Runtime.RemoteObject> {
    const { callFrameId } = call;
    const assignToCopy = async (): Promise<Runtime.RemoteObject> =>
      await this.#client.call(objectId, assignProperty, [{ value: variableName }, newValue], {
        objectGroup: group,
        generatePreview: true,
      });
    // The global scope's object is the global object itself.
    if (call.scopeChain[index]?.type === "global") return await assignToCopy();
    if (!(await this.#names(objectId)).includes(variableName))
      throw new RequestError(`${variableName} can't be assigned to`);
    await this.#client.post("Debugger.setVariableValue", {
      scopeNumber: index,
      variableName,
      newValue,
      callFrameId,
    });
    return await assignToCopy();
  }
}
