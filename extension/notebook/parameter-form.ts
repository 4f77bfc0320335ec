/**
 * @file What a person fills in before a run with parameters: what the notebook declares, with its defaults or the
 * values of the last such run.
 */
import { type Declaration, declarationsOf } from "../../cells/parameters/declarations.ts";
import {
  type InjectedParameters,
  injectedParameters,
  parameterValue,
  valuesOfInjected,
} from "../../cells/parameters/parameters.ts";

/** What a parameter has to be, where that can be told before the type check of the run. */
export type Expected = "number" | "list";

/** One parameter. */
export interface ParameterField {
  readonly name: string;
  /** The declared type, as written or as seen from the default. */
  readonly type: string | undefined;
  /** What is used without a change: a value as a person writes it, or the code that computes it. */
  readonly default: string;
  /** The value as a person writes it; that of {@link default} where nothing is changed. */
  readonly text: string;
  readonly isChanged: boolean;
  /** All that the parameter can be, as a person writes it, where that is little. */
  readonly choices: readonly string[];
}

export class ParameterForm {
  readonly #declared: ReadonlyMap<string, Declaration>;
  readonly #changed = new Map<string, string>();

  /** `injected` is the cell of the last run with parameters, where there is one. */
  constructor(parametersCode: string, injected: string | undefined) {
    this.#declared = declarationsOf(parametersCode);
    const last = injected === undefined ? {} : valuesOfInjected(injected);
    for (const [name, value] of Object.entries(last)) {
      const declaration = this.#declared.get(name);
      if (declaration !== undefined) this.set(name, textOf(value, declaration));
    }
  }

  /** The parameters, in the order of their declarations. */
  get fields(): readonly ParameterField[] {
    return [...this.#declared].map(([name, declaration]) => {
      const text = this.#changed.get(name);
      const unchanged = defaultText(declaration);
      return {
        name,
        type: declaration.type,
        default: unchanged,
        text: text ?? unchanged,
        isChanged: text !== undefined,
        choices: choicesOf(declaration.type),
      };
    });
  }

  /** Gives a parameter a value; its default takes a change back. */
  set(name: string, text: string): void {
    const declaration = this.#declared.get(name);
    if (declaration === undefined) return;
    const { constant } = declaration;
    const value = JSON.stringify(parameterValue(text, declaration));
    const isDefault =
      constant === undefined ? text === defaultText(declaration) : value === JSON.stringify(constant.value);
    if (isDefault) this.#changed.delete(name);
    else this.#changed.set(name, text);
  }

  /** What the parameter has to be where a text is not that; the type check of the run finds the rest. */
  problem(name: string, text: string): Expected | undefined {
    const declaration = this.#declared.get(name);
    if (declaration === undefined || text === defaultText(declaration)) return undefined;
    const value = parameterValue(text, declaration);
    if (declaration.type === "number") return typeof value === "number" ? undefined : "number";
    if (declaration.type?.endsWith("[]") === true || Array.isArray(declaration.constant?.value))
      return Array.isArray(value) ? undefined : "list";
    return undefined;
  }

  /** The cell that gives the changed values; undefined where all are the defaults. */
  injected(): InjectedParameters | undefined {
    if (this.#changed.size === 0) return undefined;
    const given = this.fields.filter(({ isChanged }) => isChanged);
    return injectedParameters(given, this.#declared);
  }
}

function defaultText(declaration: Declaration): string {
  const { constant, initializer = "undefined" } = declaration;
  return constant === undefined ? initializer : textOf(constant.value, declaration);
}

/** A value as a person writes it: a text without quotes, where that stands for the same. */
function textOf(value: unknown, declaration: Declaration): string {
  if (typeof value === "string" && parameterValue(value, declaration) === value) return value;
  return JSON.stringify(value);
}

const literal = /^(?:"[^"\\]*"|'[^'\\]*'|-?\d+(?:\.\d+)?|true|false|null)$/;

function choicesOf(type: string | undefined): readonly string[] {
  if (type === "boolean") return ["true", "false"];
  const parts = type?.split("|").flatMap((part) => (part.trim() === "" ? [] : [part.trim()])) ?? [];
  if (parts.length < 2 || !parts.every((part) => literal.test(part))) return [];
  return parts.map((part) => part.replace(/^(["'])(.*)\1$/, "$2"));
}
