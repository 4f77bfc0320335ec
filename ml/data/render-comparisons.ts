/** @file Comparisons, conditions and what stands for a null, as SQL. */
import { columnType } from "./column-types.ts";
import { literalAs, type Literal } from "./literals.ts";
import {
  castTo,
  commonType,
  isExpression,
  made,
  renderAny,
  renderBeside,
  requireFamily,
  type Render,
  type Renderable,
  type Rendered,
} from "./render.ts";
import type { Operand } from "./render-numbers.ts";

/** Two values of one family compared. */
export function compared(self: Operand, operator: string, other: Renderable): Render {
  return (scope) => {
    const left = comparable(self.render(scope));
    const right = comparable(renderBeside(other, left, scope));
    return made([left, right], "BOOLEAN", `(${left.sql} ${operator} ${right.sql})`);
  };
}

/** Whether a value is one of several; false for none. */
export function oneOf(self: Operand, values: readonly Literal[]): Render {
  return (scope) => {
    const value = comparable(self.render(scope));
    const list = values.map((each) => renderBeside(each, value, scope).sql);
    return made([value], "BOOLEAN", list.length === 0 ? "false" : `(${value.sql} IN (${list.join(", ")}))`);
  };
}

/** Another value where one is null. A plain value takes the type, an expression's is joined with it. */
export function filled(self: Operand, value: Renderable): Render {
  return (scope) => {
    const own = self.render(scope);
    if (!isExpression(value)) {
      return made([own], own.type, `coalesce(${own.sql}, ${literalAs(value, own).sql})`);
    }
    const other = value.render(scope);
    const type = commonType([own.type, other.type]);
    return made([own, other], type, `coalesce(${castTo(own, type)}, ${castTo(other, type)})`);
  };
}

/** Two conditions joined. */
export function logical(self: Operand, operator: "AND" | "OR", other: Renderable): Render {
  return (scope) => {
    const left = requireFamily(self.render(scope), operator.toLowerCase(), "boolean");
    const right = requireFamily(renderAny(other, scope), operator.toLowerCase(), "boolean");
    return made([left, right], "BOOLEAN", `(${left.sql} ${operator} ${right.sql})`);
  };
}

/** Enumerations and identifiers are compared as texts, so that a text which is none of theirs is no error. */
function comparable(value: Rendered): Rendered {
  return columnType(value.type) === "string" || columnType(value.type) === "uuid"
    ? { ...value, sql: castTo(value, "VARCHAR"), type: "VARCHAR" }
    : value;
}
