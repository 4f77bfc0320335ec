/** @file Expressions that people type into a debugger: TypeScript in, JavaScript out. */
import { parseSync, Visitor } from "oxc-parser";
import { transformSync } from "oxc-transform";
import { RequestError } from "./requests.ts";

/** Compiles one expression. @throws {RequestError} where it isn't one. */
export function compileExpression(text: string): string {
  const code = transform(`(\n${text}\n)`);
  if (code === undefined) throw new RequestError(firstError(text));
  return code.replace(/;\s*$/, "");
}

/** Compiles an expression or, where it isn't one, statements. @throws {RequestError} for a syntax error. */
export function compileSnippet(text: string): { readonly code: string; readonly isExpression: boolean } {
  const expression = transform(`(\n${text}\n)`);
  if (expression !== undefined) return { code: expression.replace(/;\s*$/, ""), isExpression: true };
  const code = transform(text);
  if (code === undefined) throw new RequestError(firstError(text));
  return { code, isExpression: false };
}

/** True for JavaScript that awaits outside of a function of its own. */
export function awaits(code: string): boolean {
  if (!code.includes("await")) return false;
  let depth = 0;
  let found = false;
  const enter = (): void => void (depth += 1);
  const leave = (): void => void (depth -= 1);
  const note = (): void => {
    if (depth === 0) found = true;
  };
  new Visitor({
    FunctionDeclaration: enter,
    "FunctionDeclaration:exit": leave,
    FunctionExpression: enter,
    "FunctionExpression:exit": leave,
    ArrowFunctionExpression: enter,
    "ArrowFunctionExpression:exit": leave,
    AwaitExpression: note,
    ForOfStatement({ await: isAwaited }) {
      if (isAwaited) note();
    },
  }).visit(parseSync("expression.js", code, { sourceType: "module" }).program);
  return found;
}

function transform(text: string): string | undefined {
  const { code, errors } = transformSync("expression.ts", text, {
    lang: "ts",
    sourceType: "module",
    target: "es2022",
    typescript: { onlyRemoveTypeImports: true },
  });
  return errors.length > 0 ? undefined : code;
}

function firstError(text: string): string {
  const { errors } = transformSync("expression.ts", text, { lang: "ts", sourceType: "module" });
  return `SyntaxError: ${errors[0]?.message ?? `${text} is not an expression`}`;
}
