/**
 * @file Parameters of a run: `--param name=value` against the cell tagged `parameters`.
 *
 * The injected cell gives a parameter its new value and leaves its type as wide as the notebook declared it: a `let`
 * is assigned to, a `const` is declared again with the declared type. So the type check holds the value against the
 * declaration, and later cells see what they saw before.
 */
import {
  type Cell,
  type CodeCell,
  type Notebook,
  cellTags,
  createCodeCell,
  joinText,
} from "../../jupyter/notebook-file.ts";
import { CommandFailure, exitCode } from "../failure.ts";
import { type Declaration, declarationsOf } from "./declarations.ts";
import { nearest } from "./nearest.ts";

const parametersTag = "parameters";
const injectedTag = "injected-parameters";

/** A value as given on the command line. */
export interface GivenParameter {
  readonly name: string;
  readonly text: string;
}

/** What was injected. */
export interface Injection {
  /** The values by name, as JSON. */
  readonly values: Readonly<Record<string, unknown>>;
  /** What the user should know, one line each. */
  readonly warnings: readonly string[];
}

/** Splits `name=value` arguments. @throws {CommandFailure} */
export function parseParameters(given: readonly string[]): GivenParameter[] {
  const parameters = given.map((argument) => {
    const [, name, text] = /^([\p{ID_Start}$_][\p{ID_Continue}$]*)=(.*)$/su.exec(argument) ?? [];
    if (name === undefined || text === undefined) {
      throw new CommandFailure(
        `--param ${argument}: write it as name=value, with an identifier as the name`,
        exitCode.usage,
      );
    }
    return { name, text };
  });
  for (const [index, { name }] of parameters.entries()) {
    if (parameters.findIndex((other) => other.name === name) !== index) {
      throw new CommandFailure(`--param ${name} is given twice`, exitCode.usage);
    }
  }
  return parameters;
}

/** Puts the parameters into the notebook, in place. @throws {CommandFailure} where a name is a misspelt one. */
export function injectParameters(notebook: Notebook, given: readonly GivenParameter[]): Injection {
  if (given.length === 0) return { values: {}, warnings: [] };
  const at = notebook.cells.findIndex((cell) => isTagged(cell, parametersTag));
  const cell = notebook.cells[at];
  const declared = cell === undefined ? undefined : declarationsOf(joinText(cell.source));
  const warnings: string[] = [];
  const values: Record<string, unknown> = {};
  const lines = ["// Parameters of this run"];
  for (const { name, text } of given) {
    const declaration = declared?.get(name);
    if (declared !== undefined && declaration === undefined) {
      const guess = nearest(name, [...declared.keys()]);
      if (guess !== undefined) {
        throw new CommandFailure(
          `--param ${name}: the parameters cell declares no ${name}; did you mean ${guess}?`,
          exitCode.usage,
        );
      }
      warnings.push(
        `the parameters cell does not declare ${name}; it has ${[...declared.keys()].join(", ") || "nothing"}`,
      );
    }
    const value = parseValue(text, declaration);
    values[name] = value;
    lines.push(statement(name, value, declaration));
  }
  if (declared === undefined) {
    warnings.push(`no cell is tagged "${parametersTag}"; the parameters were put at the top`);
  }
  const injected = createCodeCell(lines.join("\n"), [injectedTag]);
  notebook.cells = notebook.cells.filter((other) => !isTagged(other, injectedTag));
  // The earlier injected cell may have stood above.
  const position = cell === undefined ? 0 : notebook.cells.indexOf(cell) + 1;
  notebook.cells.splice(position, 0, injected);
  return { values, warnings };
}

/** The values that the notebook gives its parameters where they are plain JSON, for the run's metadata. */
export function defaultParameters(notebook: Notebook): Record<string, unknown> {
  const cell = notebook.cells.find((candidate) => isTagged(candidate, parametersTag));
  const defaults: Record<string, unknown> = {};
  if (cell === undefined) return defaults;
  for (const [name, { initializer }] of declarationsOf(joinText(cell.source))) {
    try {
      defaults[name] = JSON.parse(initializer ?? "null");
    } catch {
      // Computed, not a literal.
    }
  }
  return defaults;
}

function isTagged(cell: Cell, tag: string): cell is CodeCell {
  return cell.cell_type === "code" && cellTags(cell).includes(tag);
}

/** JSON, else the text itself; the text too where the notebook wants a string and the JSON is none. */
function parseValue(text: string, declaration: Declaration | undefined): unknown {
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
