/** @file The values of expressions that are written out: literals, and arrays and objects of them. */
import type { Expression } from "oxc-parser";

/** A value that JSON can hold. */
export interface Constant {
  readonly value: unknown;
}

/** The value of an expression that is written out; `undefined` for what has to be run, and for what JSON has not. */
export function constantOf(expression: Expression): Constant | undefined {
  switch (expression.type) {
    case "Literal": {
      const { value } = expression;
      const isJson =
        value === null ? !("regex" in expression) : /^(?:string|number|boolean)$/.test(typeof value);
      return isJson ? { value } : undefined;
    }
    case "TemplateLiteral":
      return expression.expressions.length === 0 ? { value: expression.quasis[0]?.value.cooked } : undefined;
    case "UnaryExpression": {
      const constant = constantOf(expression.argument);
      if (typeof constant?.value !== "number") return undefined;
      if (expression.operator === "-") return { value: -constant.value };
      return expression.operator === "+" ? constant : undefined;
    }
    case "ArrayExpression": {
      const values: unknown[] = [];
      for (const element of expression.elements) {
        const constant =
          element === null || element.type === "SpreadElement" ? undefined : constantOf(element);
        if (constant === undefined) return undefined;
        values.push(constant.value);
      }
      return { value: values };
    }
    case "ObjectExpression": {
      const entries: [string, unknown][] = [];
      for (const property of expression.properties) {
        if (property.type !== "Property" || property.computed) return undefined;
        const { key } = property;
        const name =
          key.type === "Identifier" ? key.name : key.type === "Literal" ? String(key.value) : undefined;
        const constant = constantOf(property.value);
        if (name === undefined || constant === undefined) return undefined;
        entries.push([name, constant.value]);
      }
      return { value: Object.fromEntries(entries) };
    }
    case "TSAsExpression":
    case "TSSatisfiesExpression":
    case "ParenthesizedExpression":
      return constantOf(expression.expression);
    default:
      return undefined;
  }
}
