/** @file What a cell declares and what it uses, from its syntax alone. */

/** How a name is declared. `variable` is `let` and `var`, `constant` is `const` and `using`. */
export type DeclarationKind =
  | "variable"
  | "constant"
  | "function"
  | "class"
  | "enum"
  | "namespace"
  | "interface"
  | "type"
  | "import"
  | "type import";

/** A name that a cell declares at its top level. */
export interface CellDeclaration {
  readonly name: string;
  readonly kind: DeclarationKind;
  /** Where the name stands in the declaration. */
  readonly start: number;
  readonly end: number;
  /** True where a variable's type is written down. */
  readonly annotated: boolean;
  /** What kind of expression a variable starts with, as far as it matters for its type. */
  readonly initializer: "literal" | "other" | "none";
  /** True where a copy of a constant would lose what it is: a unique symbol, a function that asserts. */
  readonly unique: boolean;
  /** The doc comment before the declaration with its delimiters, or nothing. */
  readonly documentation: string;
  /** For imports, what they bring in. */
  readonly imported: ImportedName | undefined;
}

/** Where an imported name comes from. */
export interface ImportedName {
  readonly module: string;
  /** `*` for the whole module, `=` for `import x = require()`. */
  readonly name: string;
}

/** A stretch of the source that the compiler has to see otherwise, in source offsets. */
export interface SourceEdit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** A module specifier and where its text stands, without its quotes. */
export interface ModuleSpecifier {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** A call with a text as its first argument, and where the text stands, without its quotes. */
export interface TextCall extends ModuleSpecifier {
  /** The name that is called, or `name.member`. */
  readonly callee: string;
}

export interface CellSyntaxProblem {
  readonly start: number;
  readonly end: number;
  readonly message: string;
}

/** A cell's syntax, put into terms of names. All offsets are those of the cell's source. */
export interface CellAnalysis {
  readonly declarations: readonly CellDeclaration[];
  /** Names that the cell uses but does not declare where it uses them, with the offset of their first use. */
  readonly freeNames: ReadonlyMap<string, number>;
  /** Free names whose variables may have another type after the cell: it assigns to them or tests them. */
  readonly changedNames: ReadonlySet<string>;
  /** What turns the source into a module's body: `export` removed, a leading object literal in parentheses. */
  readonly edits: readonly SourceEdit[];
  readonly specifiers: readonly ModuleSpecifier[];
  readonly textCalls: readonly TextCall[];
  /** True where the cell adds to global or other modules' declarations. */
  readonly augments: boolean;
  readonly problems: readonly CellSyntaxProblem[];
}

const valueKinds: ReadonlySet<DeclarationKind> = new Set([
  "variable",
  "constant",
  "function",
  "class",
  "enum",
  "namespace",
  "import",
]);

/** True where a declaration of the kind gives its name a value. */
export function hasValue(kind: DeclarationKind): boolean {
  return valueKinds.has(kind);
}

/** True where a declaration of the kind can be used as a type, or as a namespace of types. */
export function hasType(kind: DeclarationKind): boolean {
  return kind !== "variable" && kind !== "constant" && kind !== "function";
}
