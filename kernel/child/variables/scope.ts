/**
 * @file The notebook's own names and their values: what cells declared at top level, without Node's and the
 * kernel's globals.
 */
import { Session } from "node:inspector";
import { readOwn } from "../rich/safe-read.ts";

/** Where the variable view takes names and values from. */
export interface VariableScope {
  /** The names in the order of their declaration. */
  names(): string[];
  /** A name's value; throws where it has none yet. */
  value(name: string): unknown;
}

const identifier = /^[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*$/u;
const receiverSymbol = Symbol.for("tenon.variables.receive");

/** Raised where a name can't be read. */
export class VariableError extends Error {
  override readonly name = "VariableError";
}

/**
 * The scope of V8's REPL mode, read through an inspector session of the same thread, whose answers come
 * synchronously. Globals that exist when this is made are not the notebook's; names that start with two underscores
 * are the compiler's.
 */
export class NotebookScope implements VariableScope {
  /** Connected when it is first asked for: most notebooks run without a variable view. */
  #session: Session | undefined;
  readonly #builtin = new Set<PropertyKey>(Object.getOwnPropertyNames(globalThis));
  readonly #hidden: ReadonlySet<string>;

  /** `hidden` names are not listed. */
  constructor(hidden: Iterable<string> = []) {
    this.#hidden = new Set(hidden);
  }

  names(): string[] {
    let lexical: string[] = [];
    this.#connected().post("Runtime.globalLexicalScopeNames", {}, (error, reply) => {
      if (error === null) lexical = reply.names;
    });
    const global = Object.getOwnPropertyNames(globalThis).filter((name) => !this.#builtin.has(name));
    return [...new Set([...lexical, ...global])].filter((name) => !this.#isHidden(name));
  }

  value(name: string): unknown {
    if (!identifier.test(name) || this.#isHidden(name))
      throw new VariableError(`there is no variable "${name}"`);
    let received: { readonly value: unknown } | undefined;
    const receiver = (value: unknown): void => {
      received = { value };
    };
    Object.defineProperty(globalThis, receiverSymbol, { value: receiver, configurable: true });
    try {
      this.#connected().post("Runtime.evaluate", {
        expression: `globalThis[Symbol.for("tenon.variables.receive")](${name})`,
        silent: true,
        returnByValue: false,
      });
    } finally {
      Reflect.deleteProperty(globalThis, receiverSymbol);
    }
    if (received === undefined) throw new VariableError(`"${name}" has no value now`);
    return received.value;
  }

  #connected(): Session {
    if (this.#session === undefined) {
      this.#session = new Session();
      this.#session.connect();
    }
    return this.#session;
  }

  #isHidden(name: string): boolean {
    return this.#hidden.has(name) || name.startsWith("__");
  }
}

/** A scope over an object's own properties; for values that are not in the REPL scope. */
export function objectScope(object: object): VariableScope {
  return {
    names: () => Object.keys(object),
    value: (name) => {
      if (!Object.hasOwn(object, name)) throw new VariableError(`there is no variable "${name}"`);
      return readOwn(object, name);
    },
  };
}
