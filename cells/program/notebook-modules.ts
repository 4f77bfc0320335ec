/**
 * @file The modules of a notebook's executed cells, on disk, and which of them are still needed.
 *
 * A module is needed while a live name's declaration is in it, or a needed module or settled type refers to it. What
 * is no longer needed is deleted, so the program grows with the names alive, not with the cells executed.
 */
import { isBuiltin } from "node:module";
import type { CellAnalysis } from "../analysis.ts";
import { keptFile } from "./compiler-host.ts";
import { type Binding, type CellModule, LiveNames, type NameChanges, type Use } from "./binding.ts";
import { moduleFile, settledFile, settledName, settledValueName } from "./generated-names.ts";
import { isSettled } from "./header.ts";
import { executedModuleText, resolveSpecifier } from "./module-of-cell.ts";
import type { Workspace } from "./workspace.ts";

interface Entry {
  readonly module: CellModule;
  readonly bindings: readonly Binding[];
  /** What the file holds now. */
  text: string;
}

/** A cell that is not executed yet, added to the names of those before it. */
export interface ExpectedCell {
  readonly source: string;
  readonly module: CellModule;
  readonly bindings: readonly Binding[];
  readonly changes: NameChanges;
  /** What its file holds; nothing where it has none. */
  readonly text: string | undefined;
}

/** Starts with the files that {@link CompilerHost} has written: no settled names, no packages. */
export class NotebookModules {
  readonly #workspace: Workspace;
  readonly #directory: string;
  readonly #entries = new Map<number, Entry>();
  readonly #dirty = new Set<string>();
  readonly #kept = new Set<string>();
  readonly #declaredNames = new Set<string>();
  #live = new LiveNames();
  #nextId = 1;
  #addedSinceTidy = 0;
  #settledText = "export {};\n";

  constructor(workspace: Workspace, directory: string) {
    this.#workspace = workspace;
    this.#directory = directory;
  }

  /** Forgets all cells. */
  reset(): void {
    for (const id of this.#entries.keys()) this.#workspace.delete(moduleFile(id));
    this.#entries.clear();
    this.#kept.clear();
    this.#declaredNames.clear();
    this.#live = new LiveNames();
    this.#write(keptFile, "export {};\n");
    this.writeSettled([]);
  }

  get live(): LiveNames {
    return this.#live;
  }

  usesOf(analysis: CellAnalysis): Use[] {
    return this.#live.usesOf(analysis);
  }

  /** True where any cell ever declared the name. */
  wasDeclared(name: string): boolean {
    return this.#declaredNames.has(name);
  }

  /** Adds an executed cell. */
  add(source: string, analysis: CellAnalysis): void {
    const cell = this.#prepare(source, analysis, this.#live);
    this.#take(cell);
  }

  /**
   * Writes the module of a cell that is expected to run, and adds its names to `names` only. The number of its file is
   * never used again, because the compiler may have read it.
   */
  expect(source: string, analysis: CellAnalysis, names: LiveNames): ExpectedCell {
    return this.#prepare(source, analysis, names);
  }

  /** Adds a cell that ran as expected: after the same cells as when it was expected. */
  addExpected(cell: ExpectedCell): void {
    this.#live.apply(cell.changes);
    this.#take(cell);
  }

  /** Removes what {@link expect} wrote. */
  forgetExpected({ module, text }: ExpectedCell): void {
    if (text !== undefined) this.#workspace.delete(moduleFile(module.id));
  }

  /** True where the program already has what the cell imports, and nothing else that may change before it runs. */
  hasImportsOf({ specifiers }: CellAnalysis): boolean {
    return specifiers.every(({ text }) => isBuiltin(text) || (!text.startsWith(".") && this.#kept.has(text)));
  }

  #prepare(source: string, analysis: CellAnalysis, names: LiveNames): ExpectedCell {
    const module: CellModule = { id: this.#nextId, source, analysis, uses: names.usesOf(analysis) };
    const changes = names.declare(module);
    const own = new Set(changes.flatMap(({ binding }) => (binding?.module === module ? [binding] : [])));
    const live = own.size === 0 ? own : names.bindings();
    const bindings = [...own].filter((binding) => live.has(binding));
    if (bindings.length === 0 && !analysis.augments)
      return { source, module, bindings, changes, text: undefined };
    this.#nextId += 1;
    const hasFile =
      analysis.augments || bindings.some(({ declaration }) => declaration.imported === undefined);
    const text = hasFile ? executedModuleText(module, bindings, this.#directory) : undefined;
    if (text !== undefined) this.#workspace.write(moduleFile(module.id), text);
    return { source, module, bindings, changes, text };
  }

  #take({ module, bindings, text }: ExpectedCell): void {
    if (bindings.length === 0 && !module.analysis.augments) return;
    for (const { name } of module.analysis.declarations) this.#declaredNames.add(name);
    if (text !== undefined) {
      this.#entries.set(module.id, { module, bindings, text });
      this.#addedSinceTidy += 1;
    }
    this.#keep(module);
  }

  /** Packages stay in the program: taking one out and in again would have it rebuilt twice. */
  #keep({ id, analysis }: CellModule): void {
    const before = this.#kept.size;
    for (const { imported } of analysis.declarations) {
      if (imported !== undefined) this.#kept.add(resolveSpecifier(imported.module, this.#directory));
    }
    if (analysis.augments) this.#kept.add(`./${moduleFile(id)}`);
    if (this.#kept.size === before) return;
    const imports = Array.from(this.#kept, (specifier) => `import ${JSON.stringify(specifier)};\n`);
    this.#write(keptFile, `export {};\n${imports.join("")}`);
  }

  #write(name: string, text: string): void {
    this.#workspace.write(name, text);
    this.#dirty.add(this.#workspace.path(name));
  }

  /** The files that changed since the last call. */
  takeDirty(): string[] {
    const files = [...this.#dirty];
    this.#dirty.clear();
    return files;
  }

  /** The bindings that later cells depend on. */
  neededBindings(): Set<Binding> {
    const needed = new Set<Binding>();
    const waiting = [...this.#live.bindings()];
    for (const { module, bindings } of this.#entries.values())
      if (module.analysis.augments) waiting.push(...bindings);
    for (let binding = waiting.pop(); binding !== undefined; binding = waiting.pop()) {
      if (needed.has(binding)) continue;
      needed.add(binding);
      const modules = isSettled(binding) ? this.#pins(binding) : [binding.module];
      for (const module of modules) waiting.push(...module.uses.map((use) => use.binding));
    }
    return needed;
  }

  /** The modules that a settled type names. */
  #pins({ settled }: Binding): CellModule[] {
    if (typeof settled !== "object") return [];
    const modules: CellModule[] = [];
    for (const [, id] of `${settled.declared} ${settled.narrowed}`.matchAll(
      /import\("\.\/cell-(\d+)\.ts"\)/g,
    )) {
      const entry = this.#entries.get(Number(id));
      if (entry !== undefined) modules.push(entry.module);
    }
    return modules;
  }

  /** Writes the module of settled declarations with these bindings in it. */
  writeSettled(bindings: Iterable<Binding>): void {
    const text = `export {};\n${Array.from(bindings, settledDeclaration).join("")}`;
    if (text === this.#settledText) return;
    this.#settledText = text;
    this.#write(settledFile, text);
  }

  /** Has all modules refer to settled declarations where there are some, and deletes what is not needed any more. */
  tidy(): void {
    this.#addedSinceTidy = 0;
    const needed = this.neededBindings();
    this.writeSettled([...needed].filter(isSettled));
    const modules = new Set<CellModule>();
    for (const binding of needed) {
      for (const module of isSettled(binding) ? this.#pins(binding) : [binding.module]) modules.add(module);
    }
    for (const [id, entry] of this.#entries) {
      if (!modules.has(entry.module) && !entry.module.analysis.augments) {
        this.#entries.delete(id);
        this.#workspace.delete(moduleFile(id));
        continue;
      }
      const text = executedModuleText(entry.module, entry.bindings, this.#directory);
      if (text === entry.text) continue;
      entry.text = text;
      this.#write(moduleFile(id), text);
    }
  }

  /** How many modules came after the last {@link tidy}, needed or not. */
  get addedSinceTidy(): number {
    return this.#addedSinceTidy;
  }

  /** The modules that exist, for tests and measurements. */
  get moduleCount(): number {
    return this.#entries.size;
  }
}

function settledDeclaration(binding: Binding): string {
  const { settled, declaration } = binding;
  if (typeof settled !== "object") return "";
  const comment = declaration.documentation === "" ? "" : `${declaration.documentation}\n`;
  const value = settledValueName(binding);
  const name = settledName(binding);
  if (declaration.kind === "function")
    return `${comment}export declare const ${name}: ${settled.declared};\n`;
  if (declaration.kind === "constant") {
    const type = settled.literal === undefined ? `: ${settled.narrowed}` : ` = ${settled.literal}`;
    return `${comment}export declare const ${value}${type};\n`;
  }
  return `${comment}export declare let ${name}: ${settled.declared};\nexport declare const ${value}: ${settled.narrowed};\n`;
}
