/** @file Calls whose first argument is a text that stands in the source, such as `read("flights.parquet")`. */
import type { Node } from "oxc-parser";
import type { TextCall } from "./analysis.ts";

/** The call that a node is, where it is one of a name or a name's member with a text first. */
export function textCall(node: Node): TextCall | undefined {
  if (node.type !== "CallExpression") return undefined;
  const callee = calleeName(node.callee);
  const [argument] = node.arguments;
  if (callee === undefined || argument === undefined) return undefined;
  const text = literalText(argument);
  if (text === undefined) return undefined;
  return { callee, text, start: argument.start + 1, end: argument.end - 1 };
}

function calleeName(node: Node): string | undefined {
  if (node.type === "Identifier") return node.name;
  if (node.type !== "MemberExpression" || node.computed) return undefined;
  const { object, property } = node;
  return object.type === "Identifier" && property.type === "Identifier"
    ? `${object.name}.${property.name}`
    : undefined;
}

function literalText(node: Node): string | undefined {
  if (node.type === "Literal") return typeof node.value === "string" ? node.value : undefined;
  if (node.type !== "TemplateLiteral" || node.expressions.length > 0) return undefined;
  return node.quasis[0]?.value.cooked ?? undefined;
}
