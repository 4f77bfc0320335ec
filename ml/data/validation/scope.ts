/** @file What an expectation sees of a table: its columns, and the rows that its row condition lets through. */
import type { ColumnDescription } from "../query-result.ts";
import { nearName } from "../near-name.ts";
import { SuiteError } from "./errors.ts";
import type { RowCondition } from "./row-condition.ts";
import { inSet, requiredLiteral, sqlColumn, type SqlColumn } from "./sql-values.ts";

const comparisons = { "==": "=", "!=": "<>", "<": "<", "<=": "<=", ">": ">", ">=": ">=" } as const;

/** The name under which rounds make the rows known to the statements of expectations. */
export const sourceName = "tenon_source";

/** The rows and columns of one expectation. */
export class Scope {
  readonly columns: readonly ColumnDescription[];
  readonly #filter: string | undefined;

  constructor(columns: readonly ColumnDescription[], condition?: RowCondition) {
    this.columns = columns;
    this.#filter = condition === undefined ? undefined : this.#condition(condition);
  }

  /** Whether a row condition leaves rows out. */
  get isFiltered(): boolean {
    return this.#filter !== undefined;
  }

  /** @throws {@link SuiteError} where there is no such column; the message suggests the likely one */
  column(name: string): SqlColumn {
    const found = this.columns.find((column) => column.name === name);
    if (found !== undefined) return sqlColumn(found);
    const near = nearName(
      name,
      this.columns.map((column) => column.name),
    );
    throw new SuiteError(
      `there is no column "${name}"${near === undefined ? "" : `; did you mean "${near}"?`}`,
    );
  }

  /** An aggregate over the rows, or over those of them that meet a condition too. */
  aggregate(sql: string, condition?: string): string {
    const where = this.#where(condition);
    return where === undefined ? sql : `${sql} FILTER (WHERE ${where})`;
  }

  /** `FROM … WHERE …`: the rows, or those of them that meet a condition too. */
  from(condition?: string): string {
    const where = this.#where(condition);
    return `FROM ${sourceName}${where === undefined ? "" : ` WHERE ${where}`}`;
  }

  #where(condition: string | undefined): string | undefined {
    const parts = [this.#filter, condition].filter((part) => part !== undefined);
    return parts.length === 0 ? undefined : parts.map((part) => `(${part})`).join(" AND ");
  }

  #condition(condition: RowCondition): string {
    if ("conditions" in condition) {
      const parts = condition.conditions.map((part) => `(${this.#condition(part)})`);
      return parts.join(condition.type === "and" ? " AND " : " OR ");
    }
    const column = this.column(condition.column.name);
    if (condition.type === "nullity") return `${column.value} IS ${condition.is_null ? "" : "NOT "}NULL`;
    if (condition.operator === "IN" || condition.operator === "NOT_IN") {
      const isIn = inSet(column, condition.parameter);
      return condition.operator === "IN" ? isIn : `${column.value} IS NOT NULL AND NOT (${isIn})`;
    }
    const { operator, parameter } = condition;
    return `${column.value} ${comparisons[operator]} ${requiredLiteral(column, parameter)}`;
  }
}
