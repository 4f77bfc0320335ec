/** @file `--param name=value`: put into a notebook file, below the cell tagged `parameters`. */
import { declarationsOf } from "../../cells/parameters/declarations.ts";
import {
  type GivenParameter,
  type InjectedParameters,
  MisspeltParameterError,
  defaultValues,
  injectedParameters,
} from "../../cells/parameters/parameters.ts";
import { injectedTag, parametersTag } from "../../cells/parameters/tags.ts";
import {
  type Cell,
  type CodeCell,
  type Notebook,
  cellTags,
  createCodeCell,
  joinText,
} from "../../jupyter/notebook-file.ts";
import { CommandFailure, exitCode } from "../failure.ts";

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
  const cell = notebook.cells.find((each) => isTagged(each, parametersTag));
  const declared = cell === undefined ? undefined : declarationsOf(joinText(cell.source));
  const { code, values, undeclared } = injected(given, declared);
  const warnings = undeclared.map(
    (name) =>
      `the parameters cell does not declare ${name}; it has ${[...(declared?.keys() ?? [])].join(", ") || "nothing"}`,
  );
  if (cell === undefined) {
    warnings.push(`no cell is tagged "${parametersTag}"; the parameters were put at the top`);
  }
  notebook.cells = notebook.cells.filter((other) => !isTagged(other, injectedTag));
  // The earlier injected cell may have stood above.
  const position = cell === undefined ? 0 : notebook.cells.indexOf(cell) + 1;
  notebook.cells.splice(position, 0, createCodeCell(code, [injectedTag]));
  return { values, warnings };
}

/** The values that the notebook gives its parameters where they are plain JSON, for the run's metadata. */
export function defaultParameters(notebook: Notebook): Record<string, unknown> {
  const cell = notebook.cells.find((candidate) => isTagged(candidate, parametersTag));
  return cell === undefined ? {} : defaultValues(joinText(cell.source));
}

function injected(...parameters: Parameters<typeof injectedParameters>): InjectedParameters {
  try {
    return injectedParameters(...parameters);
  } catch (cause) {
    if (!(cause instanceof MisspeltParameterError)) throw cause;
    throw new CommandFailure(`--param ${cause.parameter}: ${cause.message}`, exitCode.usage, { cause });
  }
}

function isTagged(cell: Cell, tag: string): cell is CodeCell {
  return cell.cell_type === "code" && cellTags(cell).includes(tag);
}
