/**
 * @file The generated head of a cell's module: it binds the names of earlier cells that the cell uses.
 *
 * The first import is always the one of settled declarations, and the only one of it, because a program is rebuilt
 * only where a module's list of imports has changed.
 */
import { hasValue } from "../analysis.ts";
import type { Binding, Use } from "./binding.ts";
import { moduleFile, settledFile, settledName, settledValueName, valueName } from "./generated-names.ts";

/** A header and which of its stretches stands for which name. */
export interface Header {
  readonly text: string;
  /** In order; each stretch ends at `end`. */
  readonly owners: readonly { readonly end: number; readonly name: string }[];
}

/** Writes the header. `resolve` turns the specifier of a user's import into one that holds anywhere. */
export function writeHeader(uses: readonly Use[], resolve: (specifier: string) => string): Header {
  const settled: string[] = [];
  const lines: { name: string; text: string }[] = [];
  for (const use of uses) {
    const { binding } = use;
    const { name } = binding;
    const fromSettled = isSettled(binding);
    const { imports, after } = importsOf(use, fromSettled);
    if (fromSettled) {
      settled.push(...imports);
      if (after !== "") lines.push({ name, text: after });
    } else lines.push({ name, text: importLine(use, imports, resolve) + after });
  }
  let text = `export {}; import { ${settled.join(", ")} } from "./${settledFile}";\n`;
  const owners = [{ end: text.length, name: "" }];
  for (const line of lines) {
    text += `${line.text}\n`;
    owners.push({ end: text.length, name: line.name });
  }
  return { text, owners };
}

/** True where the binding's declaration is in the module of settled declarations. */
export function isSettled(binding: Binding): boolean {
  return typeof binding.settled === "object";
}

function importLine(
  { binding, meaning }: Use,
  imports: readonly string[],
  resolve: (specifier: string) => string,
): string {
  const { declaration, module, name } = binding;
  const { imported, kind } = declaration;
  if (imported === undefined) {
    return `import ${meaning === "type" ? "type " : ""}{ ${imports.join(", ")} } from "./${moduleFile(module.id)}";`;
  }
  const keyword = kind === "type import" ? "import type" : "import";
  const specifier = JSON.stringify(resolve(imported.module));
  if (imported.name === "=") return `${keyword} ${name} = require(${specifier});`;
  if (imported.name === "*") return `${keyword} * as ${name} from ${specifier};`;
  return `${keyword} { ${/^[\p{ID_Continue}$]+$/u.test(imported.name) ? imported.name : JSON.stringify(imported.name)} as ${name} } from ${specifier};`;
}

function importsOf({ binding }: Use, fromSettled: boolean): { imports: string[]; after: string } {
  const { name, declaration } = binding;
  const declared = fromSettled ? settledName(binding) : name;
  const value = fromSettled ? settledValueName(binding) : valueName(name);
  switch (declaration.kind) {
    case "constant":
      return { imports: [`${value} as ${name}`], after: "" };
    case "variable": {
      // A variable of its own: what is assigned to it here narrows it, and its declared type bounds what may be.
      const [type, start] = [`${declared} as $tenon_d_${name}`, `${value} as $tenon_v_${name}`];
      return { imports: [type, start], after: `let ${name}: typeof $tenon_d_${name} = $tenon_v_${name};` };
    }
    default:
      return { imports: [declared === name ? name : `${declared} as ${name}`], after: "" };
  }
}

/** The end of an executed cell's module: all its names are exported, variables also as the cell left them. */
export function writeFooter(bindings: Iterable<Binding>): string {
  const names = new Set<string>();
  let values = "";
  for (const { name, declaration } of bindings) {
    if (declaration.imported !== undefined || names.has(name)) continue;
    names.add(name);
    const { kind, unique } = declaration;
    if (!hasValue(kind) || (kind !== "variable" && kind !== "constant")) continue;
    values += unique
      ? `export { ${name} as ${valueName(name)} };`
      : `export const ${valueName(name)} = ${name};`;
  }
  return `\n;export { ${[...names].join(", ")} };\n${values}\n`;
}
