/** @file The names of a notebook and the modules that hold their declarations. */
import { type CellAnalysis, type CellDeclaration, hasType, hasValue } from "../analysis.ts";

/** The types that stand in for a declaration once it is settled. */
export interface SettledTypes {
  /** The type it was declared with; what may be assigned to a variable. */
  readonly declared: string;
  /** The type at the end of the cell, after narrowing. */
  readonly narrowed: string;
  /** A literal to start a constant with, where its type has to stay open to widening. */
  readonly literal: string | undefined;
}

/** One declaration of one name. It is alive as long as a later cell could mean it. */
export interface Binding {
  readonly name: string;
  readonly declaration: CellDeclaration;
  readonly module: CellModule;
  /** Undefined until it is settled; `never` where its type cannot be written down. */
  settled: SettledTypes | "never" | undefined;
}

/** What a name means to a cell: with its value, as a type, or both. */
export interface Use {
  readonly binding: Binding;
  readonly meaning: "any" | "type";
}

/** An executed cell's module. */
export interface CellModule {
  readonly id: number;
  readonly source: string;
  readonly analysis: CellAnalysis;
  /** The names of earlier cells that it uses, as they were when it ran. */
  readonly uses: readonly Use[];
}

/** What declaring a cell's names did, in order: names that got a binding or lost theirs. */
export type NameChanges = readonly {
  readonly meaning: "value" | "type";
  readonly name: string;
  readonly binding: Binding | undefined;
}[];

/** The names that a new cell can see. */
export class LiveNames {
  readonly #values: Map<string, Binding>;
  readonly #types: Map<string, Binding>;
  #changes: NameChanges[number][] = [];

  /** Starts with the names of another one, which stays as it is. */
  constructor(start?: LiveNames) {
    this.#values = new Map(start === undefined ? [] : start.#values);
    this.#types = new Map(start === undefined ? [] : start.#types);
  }

  /** Takes over what {@link declare} did to an equal set of names. */
  apply(changes: NameChanges): void {
    for (const { meaning, name, binding } of changes) this.#set(meaning, name, binding);
    this.#changes = [];
  }

  #set(meaning: "value" | "type", name: string, binding: Binding | undefined): void {
    const names = meaning === "value" ? this.#values : this.#types;
    if (binding === undefined) names.delete(name);
    else names.set(name, binding);
    this.#changes.push({ meaning, name, binding });
  }

  /** Adds what a cell declares; earlier declarations of the same names are no longer seen. */
  declare(module: CellModule): NameChanges {
    this.#changes = [];
    this.#continue(module);
    const own = new Map<string, Binding>();
    for (const declaration of module.analysis.declarations) {
      const { name, kind } = declaration;
      const known = own.get(name);
      const sameMeaning = known !== undefined && (hasValue(known.declaration.kind) || !hasValue(kind));
      const binding = sameMeaning ? known : { name, declaration, module, settled: undefined };
      if (known === undefined)
        this.#forget(name, hasValue(kind) && !hasType(kind) ? "value" : hasValue(kind) ? "all" : "type");
      own.set(name, binding);
      if (hasValue(kind)) this.#set("value", name, binding);
      if (hasType(kind)) this.#set("type", name, binding);
    }
    const changes = this.#changes;
    this.#changes = [];
    return changes;
  }

  /**
   * Takes over variables of earlier cells whose narrowed types end up different: from here on the module that changed
   * them says what they are.
   */
  #continue(module: CellModule): void {
    const { changedNames, declarations } = module.analysis;
    for (const name of changedNames) {
      const value = this.#values.get(name);
      const kind = value?.declaration.kind;
      if (value === undefined || (kind !== "variable" && kind !== "constant")) continue;
      if (declarations.some((declaration) => declaration.name === name)) continue;
      this.#set("value", name, { name, declaration: value.declaration, module, settled: undefined });
    }
  }

  /** A class or an import is one thing with two meanings: it goes as a whole. */
  #forget(name: string, meaning: "value" | "type" | "all"): void {
    const value = this.#values.get(name);
    const type = this.#types.get(name);
    const joined = value !== undefined && value === type;
    if (meaning !== "type" || joined) this.#set("value", name, undefined);
    if (meaning !== "value" || joined) this.#set("type", name, undefined);
  }

  /** What the cell's names refer to: those that it does not declare itself. */
  usesOf({ declarations, freeNames }: CellAnalysis): Use[] {
    const uses: Use[] = [];
    for (const name of freeNames.keys()) this.#add(uses, name, true, true);
    const own = new Map<string, { value: boolean; type: boolean }>();
    for (const { name, kind } of declarations) {
      const meaning = own.get(name) ?? { value: false, type: false };
      own.set(name, { value: meaning.value || hasValue(kind), type: meaning.type || hasType(kind) });
    }
    for (const [name, { value, type }] of own) this.#add(uses, name, !value, !type);
    return uses;
  }

  #add(uses: Use[], name: string, wantsValue: boolean, wantsType: boolean): void {
    const value = this.#values.get(name);
    const type = this.#types.get(name);
    if (value !== undefined && value === type) {
      if (wantsValue && wantsType) uses.push({ binding: value, meaning: "any" });
      return;
    }
    if (wantsValue && value !== undefined) uses.push({ binding: value, meaning: "any" });
    if (wantsType && type !== undefined) uses.push({ binding: type, meaning: "type" });
  }

  /** All bindings that a later cell can mean. */
  bindings(): Set<Binding> {
    return new Set([...this.#values.values(), ...this.#types.values()]);
  }

  /** The binding of a name: its value if it has one, else its type. */
  get(name: string): Binding | undefined {
    return this.#values.get(name) ?? this.#types.get(name);
  }
}
