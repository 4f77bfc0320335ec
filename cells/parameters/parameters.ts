/**
 * @file Parameters of a run: values for what the cell tagged `parameters` declares, and the cell that gives them.
 *
 * The injected cell gives a parameter its new value and leaves its type as wide as the notebook declared it: a `let`
 * is assigned to, a `const` is declared again with the declared type. So the type check holds the value against the
 * declaration, and later cells see what they saw before.
 */
import { parseSync } from "oxc-parser";
import { constantOf } from "./constants.ts";
import { type Declaration, declarationsOf } from "./declarations.ts";
import { nearest } from "./nearest.ts";

/** A number as code writes it, `20_000`. */
const separated = /^-?\d+(?:_\d+)+(?:\.\d+)?$/;

/** A value as a person writes it. */
export interface GivenParameter {
  readonly name: string;
  readonly text: string;
}

/** The cell that gives parameters their values. */
export interface InjectedParameters {
  /** The cell's code. */
  readonly code: string;
  /** The values by name, as JSON. */
  readonly values: Readonly<Record<string, unknown>>;
  /** Names that the parameters cell does not declare. */
  readonly undeclared: readonly string[];
}

/** A name that the parameters cell does not declare, but for a few letters. */
export class MisspeltParameterError extends Error {
  override readonly name = "MisspeltParameterError";
  readonly parameter: string;
  /** What it declares. */
  readonly guess: string;

  constructor(parameter: string, guess: string) {
    super(`the parameters cell declares no ${parameter}; did you mean ${guess}?`);
    this.parameter = parameter;
    this.guess = guess;
  }
}

/**
 * The code that gives parameters their values; without declarations, all are taken as they come.
 *
 * @throws {MisspeltParameterError}
 */
export function injectedParameters(
  given: readonly GivenParameter[],
  declared: ReadonlyMap<string, Declaration> | undefined,
): InjectedParameters {
  const undeclared: string[] = [];
  const values: Record<string, unknown> = {};
  const lines = ["// Parameters of this run"];
  for (const { name, text } of given) {
    const declaration = declared?.get(name);
    if (declared !== undefined && declaration === undefined) {
      const guess = nearest(name, [...declared.keys()]);
      if (guess !== undefined) throw new MisspeltParameterError(name, guess);
      undeclared.push(name);
    }
    const value = parameterValue(text, declaration);
    values[name] = value;
    lines.push(statement(name, value, declaration));
  }
  return { code: lines.join("\n"), values, undeclared };
}

/** The values that a parameters cell's code gives its parameters where they are written out. */
export function defaultValues(code: string): Record<string, unknown> {
  const defaults: Record<string, unknown> = {};
  for (const [name, { initializer, constant }] of declarationsOf(code)) {
    if (initializer === undefined) defaults[name] = null;
    else if (constant !== undefined) defaults[name] = constant.value;
  }
  return defaults;
}

/** The values that an injected cell's code gives, by name. */
export function valuesOfInjected(code: string): Record<string, unknown> {
  const values = defaultValues(code);
  for (const statement of parseSync("cell.ts", code, { sourceType: "module" }).program.body) {
    const expression = statement.type === "ExpressionStatement" ? statement.expression : undefined;
    if (expression?.type !== "AssignmentExpression") continue;
    const constant = constantOf(expression.right);
    if (expression.left.type === "Identifier" && constant !== undefined)
      values[expression.left.name] = constant.value;
  }
  return values;
}

/** What a text stands for: JSON, else the text itself; the text too where a string is wanted and the JSON is none. */
export function parameterValue(text: string, declaration: Declaration | undefined): unknown {
  if (declaration?.type === "number" && separated.test(text)) return Number(text.replaceAll("_", ""));
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return text;
  }
  return declaration?.type === "string" && typeof value !== "string" ? text : value;
}

function statement(name: string, value: unknown, declaration: Declaration | undefined): string {
  const literal = JSON.stringify(value);
  if (declaration === undefined) return `const ${name}${annotation(typeof value)} = ${literal};`;
  if (declaration.kind !== "const") return `${name} = ${literal};`;
  return `const ${name}${annotation(declaration.type)} = ${literal};`;
}

function annotation(type: string | undefined): string {
  return type === undefined || type === "object" ? "" : `: ${type}`;
}
