/** @file The module that a cell becomes for the compiler. */
import { isAbsolute, join } from "node:path";
import type { CellAnalysis, CellDeclaration, DeclarationKind, SourceEdit } from "../analysis.ts";
import { ModuleText } from "../text-map.ts";
import type { Binding, CellModule, Use } from "./binding.ts";
import { type Header, writeFooter, writeHeader } from "./header.ts";
import { forwardSlashes } from "./workspace.ts";

/** A cell's source with the head that binds what it uses. */
export interface ModuleOfCell {
  readonly source: string;
  readonly analysis: CellAnalysis;
  readonly text: ModuleText;
  readonly header: Header;
  /** Absolute module paths and the relative specifiers that the user wrote for them. */
  readonly resolved: ReadonlyMap<string, string>;
  /** How a name that comes from an earlier cell was declared. */
  readonly kindOf: (name: string) => DeclarationKind | undefined;
  /** The declaration of a name that comes from an earlier cell. */
  readonly declarationOf: (name: string) => CellDeclaration | undefined;
}

/** A relative specifier as a path that means the same in every folder; others stay as they are. */
export function resolveSpecifier(specifier: string, directory: string): string {
  if (!/^\.{1,2}(\/|$)/.test(specifier) || isAbsolute(specifier)) return specifier;
  return forwardSlashes(join(directory, specifier));
}

/** Makes the module of a cell that is being written. */
export function moduleOfCell(
  source: string,
  analysis: CellAnalysis,
  uses: readonly Use[],
  directory: string,
  footer = "",
): ModuleOfCell {
  const resolved = new Map<string, string>();
  const resolve = (specifier: string): string => {
    const path = resolveSpecifier(specifier, directory);
    if (path !== specifier) resolved.set(path, specifier);
    return path;
  };
  const edits: SourceEdit[] = [...analysis.edits];
  for (const { start, end, text } of analysis.specifiers) {
    const path = resolve(text);
    if (path !== text) edits.push({ start, end, text: path });
  }
  const header = writeHeader(uses, resolve);
  const declarationOf = (name: string): CellDeclaration | undefined =>
    uses.find(({ binding }) => binding.name === name)?.binding.declaration;
  const kindOf = (name: string): DeclarationKind | undefined => declarationOf(name)?.kind;
  const text = new ModuleText(header.text, source, edits, footer);
  return { source, analysis, text, header, resolved, kindOf, declarationOf };
}

/** The text of an executed cell's module. */
export function executedModuleText(
  module: CellModule,
  bindings: Iterable<Binding>,
  directory: string,
): string {
  return moduleOfCell(module.source, module.analysis, module.uses, directory, writeFooter(bindings)).text
    .text;
}
