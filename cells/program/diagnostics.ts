/** @file The compiler's findings about a module, as problems of the cell it was made of. */
import { isBuiltin } from "node:module";
import type { CompilerDiagnostic, ChainedMessage } from "../compiler/responses.ts";
import type { CellDiagnostic } from "../types.ts";
import { withoutGenerated } from "./generated-names.ts";
import type { ModuleOfCell } from "./module-of-cell.ts";

/** TypeScript's numbers of the errors that need care. */
const codes = {
  cannotFindModule: 2307,
  cannotFindModuleForSideEffect: 2882,
  noExportedMember: 2305,
  noDefaultExport: 1192,
  noExportedMemberDidYouMean: 2724,
  untypedModule: 7016,
  assignmentToImport: 2632,
} as const;

/** Errors that an import has wherever it is repeated; they are shown at the name's first use. */
const importErrors: ReadonlySet<number> = new Set([
  codes.cannotFindModule,
  codes.noExportedMember,
  codes.noDefaultExport,
  codes.noExportedMemberDidYouMean,
]);

/** What may not be assigned to, by kind: cells import each other's names, so the compiler only speaks of imports. */
const assignmentErrors: Readonly<Record<string, { code: number; what: string }>> = {
  constant: { code: 2588, what: "a constant" },
  function: { code: 2630, what: "a function" },
  class: { code: 2629, what: "a class" },
  enum: { code: 2628, what: "an enum" },
  namespace: { code: 2631, what: "a namespace" },
};

/** Turns the compiler's diagnostics of a cell's module into those of the cell, in the order of their places. */
export function cellDiagnostics(
  found: readonly CompilerDiagnostic[],
  module: ModuleOfCell,
): CellDiagnostic[] {
  const diagnostics: CellDiagnostic[] = [];
  const seen = new Set<string>();
  for (const diagnostic of found) {
    const place = placeOf(diagnostic, module);
    if (place === undefined) continue;
    const { code, message } = reword(diagnostic, module);
    const severity =
      code === codes.untypedModule ? "suggestion" : (severities[diagnostic.category] ?? "suggestion");
    const key = `${place.start} ${code} ${message}`;
    if (seen.has(key)) continue;
    seen.add(key);
    diagnostics.push({ ...place, code, severity, message });
  }
  return diagnostics.sort((a, b) => a.start - b.start);
}

const severities = ["warning", "error", "suggestion", "suggestion"] as const;

function placeOf(
  diagnostic: CompilerDiagnostic,
  module: ModuleOfCell,
): { start: number; end: number } | undefined {
  const start = module.text.toSource(diagnostic.pos);
  if (typeof start === "number") {
    const end = module.text.toSource(diagnostic.end);
    return { start, end: typeof end === "number" ? Math.max(start, end) : module.source.length };
  }
  if (start === "footer") {
    // What is missing at the end of the cell: the compiler points behind it.
    const end = module.source.trimEnd().length;
    return { start: Math.max(0, end - 1), end };
  }
  if (!importErrors.has(diagnostic.code)) return undefined;
  const name = module.header.owners.find(({ end }) => diagnostic.pos < end)?.name ?? "";
  const use = module.analysis.freeNames.get(name);
  return use === undefined ? undefined : { start: use, end: use + name.length };
}

function reword(diagnostic: CompilerDiagnostic, module: ModuleOfCell): { code: number; message: string } {
  const lines: string[] = [];
  addChain(lines, diagnostic, 0);
  const likely = likelyName(lines);
  if (likely !== undefined) lines.unshift(likely);
  for (const { code, text } of diagnostic.relatedInformation ?? [])
    if (explains(code)) lines.push(`  ${text}`);
  let message = withoutGenerated(lines.join("\n"));
  for (const [absolute, specifier] of module.resolved) message = message.replaceAll(absolute, specifier);
  if (diagnostic.code === codes.assignmentToImport) {
    const name = /'([^']*)'/.exec(message)?.[1] ?? "";
    const known = assignmentErrors[module.kindOf(name) ?? ""];
    if (known !== undefined) {
      return { code: known.code, message: `Cannot assign to '${name}' because it is ${known.what}.` };
    }
  }
  if (diagnostic.code === codes.cannotFindModule || diagnostic.code === codes.cannotFindModuleForSideEffect) {
    const specifier = /'([^']*)'/.exec(message)?.[1] ?? "";
    const name = packageName(specifier);
    if (name !== undefined) message += `\n  %npm install ${name}`;
  }
  return { code: diagnostic.code, message };
}

/**
 * What is wrong in one line, where the compiler says it at the end of its reasons only: a text that is none of some names,
 * with the one that was likely meant. What stands before are types of expressions, which say little to whoever misspelt it.
 */
function likelyName([first = "", ...reasons]: readonly string[]): string | undefined {
  if (first.includes("Did you mean")) return undefined;
  for (const reason of reasons) {
    const [, given, meant] =
      /^\s*Type '"([^"]+)"' is not assignable to type '.*'\. Did you mean '"([^"]+)"'\?$/.exec(reason) ?? [];
    if (given !== undefined && meant !== undefined) return `There is no "${given}". Did you mean "${meant}"?`;
  }
  return undefined;
}

function addChain(lines: string[], { text, messageChain }: ChainedMessage, depth: number): void {
  lines.push(`${"  ".repeat(depth)}${text}`);
  for (const next of messageChain ?? []) addChain(lines, next, depth + 1);
}

/** Related information is worth a line where it tells what to do or why; where something is declared does not. */
function explains(code: number): boolean {
  return code === 6500 || code === 6501 || code === 6502 || code === 2728 || code === 1356 || code === 2773;
}

/** The package that a specifier names; undefined for paths and Node's own modules. */
export function packageName(specifier: string): string | undefined {
  if (specifier === "" || /^[./#]|^\w+:/.test(specifier) || isBuiltin(specifier)) return undefined;
  const parts = specifier.split("/");
  return parts.slice(0, specifier.startsWith("@") ? 2 : 1).join("/");
}
