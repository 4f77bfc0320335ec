/** @file The notebook's variables: listed, shown richly, and added to from a frame. They need no stop. */
import type { Runtime } from "node:inspector";
import type { DebugProtocol } from "@vscode/debugprotocol";
import * as v from "valibot";
import { asMimeBundle, ownGlobals, pageOfNames } from "./child-functions.ts";
import type { Evaluation } from "./evaluation.ts";
import { objectGroups } from "./inspector-client.ts";
import type { InspectorClient } from "./inspector-client.ts";
import { RequestError } from "./requests.ts";
import { builtInGlobals } from "./stack.ts";
import type { Stop } from "./stack.ts";
import { valueText } from "./value-text.ts";
import type { Variables } from "./variables.ts";

const identifier = /^[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*$/u;
const bundleSchema = v.record(v.string(), v.unknown());
const copyKey = `globalThis[Symbol.for("tenon.debug.copy")]`;

export interface RichVariable {
  readonly data: Record<string, unknown>;
  readonly metadata: Record<string, unknown>;
}

export class NotebookVariables {
  readonly #client: InspectorClient;
  readonly #variables: Variables;
  readonly #evaluation: Evaluation;

  constructor(client: InspectorClient, variables: Variables, evaluation: Evaluation) {
    this.#client = client;
    this.#variables = variables;
    this.#evaluation = evaluation;
  }

  /** All variables of the notebook: what cells declared, and what they put on the global object. */
  async list(): Promise<DebugProtocol.Variable[]> {
    const group = objectGroups.running;
    await this.#variables.release(group);
    const { names } = await this.#client.post("Runtime.globalLexicalScopeNames");
    const shown = names.filter((name) => identifier.test(name) && !name.startsWith("__"));
    const lexical = await this.#page(pageOfNames(shown));
    const global = await this.#evaluate("globalThis");
    const globals =
      global.objectId === undefined
        ? []
        : await this.#show(
            await this.#client.call(global.objectId, ownGlobals, [{ value: builtInGlobals }], {
              objectGroup: group,
            }),
            global.objectId,
          );
    return [...lexical, ...globals].filter(({ name }) => !name.startsWith("__"));
  }

  /** A variable as its MIME bundle. */
  async rich(name: string, stop: Stop | undefined, frameId: number | undefined): Promise<RichVariable> {
    const request = { expression: name, frameId, context: "watch" };
    const value = await this.#evaluation.evaluate(stop, request);
    const plain = { "text/plain": value.type === "string" ? String(value.value) : valueText(value) };
    if (value.objectId === undefined || value.subtype === "proxy") return { data: plain, metadata: {} };
    const isRunning = stop === undefined;
    const bundle = await this.#client
      .call(value.objectId, asMimeBundle, [{ value: isRunning }], { awaitPromise: isRunning })
      .catch(() => undefined);
    const parsed = v.safeParse(bundleSchema, parseJson(bundle?.value));
    return { data: parsed.success ? { ...plain, ...parsed.output } : plain, metadata: {} };
  }

  /** Declares a notebook variable with the value that a name has in a frame. */
  async copy(stop: Stop, source: string, target: string, frameId: number): Promise<DebugProtocol.Variable> {
    if (!identifier.test(target)) throw new RequestError(`${target} is not a name for a variable`);
    const expression = `void (${copyKey} = (${source}))`;
    await this.#evaluation.evaluate(stop, { expression, frameId, context: "repl" });
    // REPL mode answers from a promise, which settles only when the program goes on; the declaration is made at once.
    void this.#client.attempt("Runtime.evaluate", {
      expression: `let ${target} = ${copyKey}`,
      replMode: true,
      silent: true,
    });
    const declared = await this.#evaluate(target);
    await this.#evaluate(`void delete ${copyKey}`);
    return this.#variables.show(target, declared, objectGroups.paused, target);
  }

  async #page(expression: string): Promise<DebugProtocol.Variable[]> {
    return await this.#show(await this.#evaluate(expression));
  }

  async #show(page: Runtime.RemoteObject, receiver?: string): Promise<DebugProtocol.Variable[]> {
    if (page.objectId === undefined) return [];
    const options = receiver === undefined ? { scope: true } : { scope: true, receiver };
    return await this.#variables.properties(page.objectId, objectGroups.running, undefined, options);
  }

  async #evaluate(expression: string): Promise<Runtime.RemoteObject> {
    const options = { expression, objectGroup: objectGroups.running, silent: true, disableBreaks: true };
    return (await this.#client.post("Runtime.evaluate", { ...options, generatePreview: true })).result;
  }
}

function parseJson(text: unknown): unknown {
  return typeof text === "string" ? JSON.parse(text) : undefined;
}
