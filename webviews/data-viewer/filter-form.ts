/** @file The form that makes a filter for a column, by the column's type; and filters in words. */
import type { Column, Filter } from "../../kernel/protocol.ts";
import { element } from "../frame/element.ts";
import type { Text } from "./texts.ts";

type Operator = Exclude<Filter["op"], "one-of">;

const comparisons: readonly Operator[] = ["=", "!=", "<", "<=", ">", ">=", "is-null", "is-not-null"];
const signs: Readonly<Record<string, string>> = { "!=": "≠", "<=": "≤", ">=": "≥" };

/** The form. Calls `onFilter` with a filter that is whole. */
export function filterForm(
  { name, type }: Column,
  text: Text,
  onFilter: (filter: Filter) => void,
): HTMLElement {
  const operators: readonly Operator[] =
    type === "number" || type === "bigint" || type === "date"
      ? [">=", ...comparisons.filter((each) => each !== ">=")]
      : type === "boolean"
        ? ["=", "is-null", "is-not-null"]
        : ["contains", ...comparisons];
  const operator = element("select", {
    attributes: { "aria-label": text("condition") },
    children: operators.map((each) =>
      element("option", { text: operatorText(each, text), attributes: { value: each } }),
    ),
  });
  const value =
    type === "boolean"
      ? element("select", {
          attributes: { "aria-label": text("value") },
          children: ["true", "false"].map((each) => element("option", { text: each })),
        })
      : element("input", {
          attributes: {
            "aria-label": text("value"),
            type: type === "date" ? "datetime-local" : type === "number" ? "number" : "text",
            step: type === "date" ? "1" : "any",
          },
        });
  const needsValue = (): boolean => !operator.value.startsWith("is-");
  operator.addEventListener("change", () => {
    value.hidden = !needsValue();
  });
  const submit = element("vscode-button", { text: text("filter") });
  const form = element("form", { class: "filter-form", children: [operator, value, submit] });
  const finish = (): void => {
    const op = operators[operator.selectedIndex];
    if (op === undefined || (needsValue() && value.value === "" && type !== "string")) return;
    onFilter(makeFilter(name, type, op, value.value));
  };
  submit.addEventListener("click", finish);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    finish();
  });
  return form;
}

function makeFilter(column: string, type: Column["type"], op: Operator, value: string): Filter {
  if (op === "is-null" || op === "is-not-null") return { column, op };
  if (op === "contains") return { column, op, value };
  // The field has no time zone; the grid shows UTC.
  if (type === "date") return { column, op, value: `${value}${value.length === 16 ? ":00" : ""}Z` };
  if (type === "number") return { column, op, value: Number(value) };
  if (type === "boolean") return { column, op, value: value === "true" };
  return { column, op, value };
}

function operatorText(op: Operator, text: Text): string {
  if (op === "is-null" || op === "is-not-null" || op === "contains") return text(op);
  return signs[op] ?? op;
}

/** A filter in words, for example `distance ≥ 500`. */
export function filterText(filter: Filter, text: Text): string {
  const { column } = filter;
  if (filter.op === "one-of") return `${column}: ${filter.values.join(", ")}`;
  if (!("value" in filter)) return `${column} ${text(filter.op)}`;
  const value = typeof filter.value === "string" ? `"${filter.value}"` : String(filter.value);
  return `${column} ${operatorText(filter.op, text)} ${value}`;
}
