/** @file Names whose narrowed types a cell may change, for those who come after it. */
import type { Node } from "oxc-parser";
import { childNodes } from "./scopes.ts";

/** Functions with such names are taken to assert something of their arguments. */
const asserting = /assert|invariant|ensure|expect|check|must|ok$/i;

/** Names that are assigned to anywhere, or tested at the top level such that what fails the test ends there. */
export function* namesWithChangedTypes(program: Node & { type: "Program" }): Generator<string> {
  yield* assignedNames(program);
  for (const statement of program.body) {
    if (statement.type === "IfStatement" && ends(statement.consequent)) yield* identifiers(statement.test);
    else if (statement.type === "ExpressionStatement" && statement.expression.type === "CallExpression") {
      const { callee, arguments: values } = statement.expression;
      const name = callee.type === "MemberExpression" && !callee.computed ? callee.property : callee;
      const isAsserting = [...identifiers(callee)].some((part) => asserting.test(part));
      if (name.type === "Identifier" && (isAsserting || asserting.test(name.name))) {
        for (const value of values) yield* identifiers(value);
      }
    }
  }
}

function* assignedNames(node: Node): Generator<string> {
  if (
    node.type === "AssignmentExpression" ||
    node.type === "ForInStatement" ||
    node.type === "ForOfStatement"
  ) {
    yield* identifiers(node.left);
  } else if (node.type === "UpdateExpression") yield* identifiers(node.argument);
  for (const child of childNodes(node)) yield* assignedNames(child);
}

function* identifiers(node: Node): Generator<string> {
  if (node.type === "Identifier") yield node.name;
  for (const child of childNodes(node)) yield* identifiers(child);
}

/** True where control may leave for good: by throwing, or through a function that does not return. */
function ends(node: Node): boolean {
  if (node.type === "ThrowStatement" || node.type === "CallExpression") return true;
  for (const child of childNodes(node)) if (ends(child)) return true;
  return false;
}
