/** @file The variables that a cell declares at its top, read without running it. */
import { type Expression, parseSync } from "oxc-parser";
import { type Constant, constantOf } from "./constants.ts";

/** One variable. */
export interface Declaration {
  readonly kind: "const" | "let" | "var";
  /** The written type, or that of a literal initializer widened; `undefined` where it has to be inferred. */
  readonly type: string | undefined;
  /** The initializer's text. */
  readonly initializer: string | undefined;
  /** The initializer's value where it can be read without running it. */
  readonly constant: Constant | undefined;
}

/** The variables that TypeScript code declares at its top, by name; nothing where the code does not parse. */
export function declarationsOf(code: string): Map<string, Declaration> {
  const found = new Map<string, Declaration>();
  const { program } = parseSync("cell.ts", code, { sourceType: "module" });
  for (const statement of program.body) {
    const declared =
      statement.type === "ExportNamedDeclaration" && statement.declaration !== null
        ? statement.declaration
        : statement;
    if (declared.type !== "VariableDeclaration") continue;
    const { kind } = declared;
    if (kind !== "const" && kind !== "let" && kind !== "var") continue;
    for (const { id, init } of declared.declarations) {
      if (id.type !== "Identifier") continue;
      const written = id.typeAnnotation?.typeAnnotation;
      found.set(id.name, {
        kind,
        type: written == null ? literalType(init) : code.slice(written.start, written.end),
        initializer: init === null ? undefined : code.slice(init.start, init.end),
        constant: init === null ? undefined : constantOf(init),
      });
    }
  }
  return found;
}

function literalType(initializer: Expression | null): string | undefined {
  if (initializer === null) return undefined;
  if (initializer.type === "TemplateLiteral") return "string";
  if (initializer.type === "UnaryExpression") {
    const { operator, argument } = initializer;
    return operator === "-" || operator === "+"
      ? literalType(argument)
      : operator === "!"
        ? "boolean"
        : undefined;
  }
  if (initializer.type !== "Literal" || initializer.value === null) return undefined;
  const type = typeof initializer.value;
  return type === "string" || type === "number" || type === "boolean" ? type : undefined;
}
