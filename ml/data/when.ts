/** @file A choice by conditions: the value of the first one that holds. */
import type {
  ByGiven,
  Common,
  KindOf,
  LeavesOfOperand,
  NeedsOf,
  Operand,
  TruthOperand,
} from "./expression-types.ts";
import { SqlExpression, typed, untyped } from "./expression.ts";
import type { Family } from "./families.ts";
import { castTo, commonType, made, renderAny, requireFamily, type Renderable } from "./render.ts";

type Condition = Extract<TruthOperand, object>;

/** What a choice gives: a type where all branches name the same, else what they have in common. */
type Chosen<L> = [L] extends ["string"] ? "string" : [L] extends ["boolean"] ? "boolean" : Common<L>;

/** A condition that still needs its value. */
export interface When<N, K, L, C extends Condition> {
  /** The value where the condition holds. */
  then<O extends Operand>(
    value: O,
  ): Then<N & NeedsOf<C, "boolean"> & NeedsOf<O, Family>, K | KindOf<C> | KindOf<O>, L | LeavesOfOperand<O>>;
}

/** A choice that can have more branches. */
export interface Then<N, K, L> {
  /** The next condition, asked where none before it held. */
  when<C extends Condition>(condition: C): When<N, K, L, C>;
  /** The value where no condition held. */
  otherwise<O extends Operand>(
    value: O,
  ): ByGiven<Chosen<L | LeavesOfOperand<O>>, N & NeedsOf<O, Family>, K | KindOf<O>>;
  /** Null where no condition held. */
  otherwiseNull(): ByGiven<Chosen<L>, N, K>;
}

/**
 * A value by conditions. A condition that is null does not hold.
 * @example
 * when(col("delay").gt(60)).then("long").when(col("delay").gt(15)).then("short").otherwise("none");
 */
export function when<C extends Condition>(condition: C): When<unknown, never, never, C> {
  return new Branch([], untyped(condition)) as unknown as When<unknown, never, never, C>; // SAFETY: as in `typed`
}

type Branches = readonly { readonly condition: SqlExpression; readonly value: Renderable }[];

class Branch {
  readonly #before: Branches;
  readonly #condition: SqlExpression;

  constructor(before: Branches, condition: SqlExpression) {
    this.#before = before;
    this.#condition = condition;
  }

  // oxlint-disable-next-line unicorn/no-thenable -- a builder's word, not a promise's: nothing awaits a branch
  then(value: Renderable): Choice {
    return new Choice([...this.#before, { condition: this.#condition, value }]);
  }
}

class Choice {
  readonly #branches: Branches;

  constructor(branches: Branches) {
    this.#branches = branches;
  }

  when(condition: unknown): Branch {
    return new Branch(this.#branches, untyped(condition));
  }

  otherwise(value: Renderable): SqlExpression {
    return choice(this.#branches, [value]);
  }

  otherwiseNull(): SqlExpression {
    return choice(this.#branches, []);
  }
}

function choice(branches: Branches, last: readonly Renderable[]): SqlExpression {
  return typed(
    new SqlExpression((scope) => {
      const conditions = branches.map(({ condition }) =>
        requireFamily(condition.render(scope), "a condition", "boolean"),
      );
      const values = [...branches.map(({ value }) => value), ...last].map((value) => renderAny(value, scope));
      const type = commonType(values.map((value) => value.type));
      const cases = values.map((value, index) => {
        const condition = conditions[index];
        const sql = castTo(value, type);
        return condition === undefined ? `ELSE ${sql}` : `WHEN ${condition.sql} THEN ${sql}`;
      });
      return made([...conditions, ...values], type, `CASE ${cases.join(" ")} END`);
    }),
  );
}
