/** @file Names of completion kinds, those of the Language Server Protocol in lower case. */
import type { DeclarationKind } from "../analysis.ts";

const kinds: readonly string[] =
  " text method function constructor field variable class interface module property unit value enum keyword snippet color file reference folder enumMember constant struct event operator typeParameter".split(
    " ",
  );

/** The name of a kind by its number in the protocol. */
export function completionKind(kind: number | undefined): string {
  return kinds[kind ?? 0] || "text";
}

/** The kind of completion that a declaration is. */
export function kindOfDeclaration(kind: DeclarationKind): string {
  switch (kind) {
    case "import":
    case "namespace":
      return "module";
    case "type":
    case "type import":
      return "interface";
    default:
      return kind;
  }
}
