/**
 * @file The variable view's requests over a scope, as plain functions; the comm target and the debugger use them.
 */
import {
  largestPage,
  type ChildList,
  type Filter,
  type Page,
  type Profile,
  type Variable,
  type VariableList,
  type VariablePath,
  type VariablesChanged,
} from "../../protocol.ts";
import { childCount, childrenOf, resolvePath } from "./children.ts";
import { describeVariable } from "./describe-variable.ts";
import { pageOf, type PageQuery } from "./page.ts";
import { profileOf } from "./profile.ts";
import { forgetOrders } from "./row-order.ts";
import type { VariableScope } from "./scope.ts";

/** Lists, opens, pages and profiles a notebook's variables. */
export class VariableService {
  readonly #scope: VariableScope;
  /** Each variable's description as text, as of the last look. */
  #known = new Map<string, string>();

  constructor(scope: VariableScope) {
    this.#scope = scope;
  }

  /** All variables, the first thousand described. */
  list(): VariableList {
    const names = this.#scope.names();
    return {
      variables: names.slice(0, largestPage).flatMap((name) => this.#describe(name) ?? []),
      total: names.length,
    };
  }

  children(path: VariablePath, offset: number, limit: number): ChildList {
    const value = resolvePath(this.#scope, path);
    return {
      children: childrenOf(value, offset, Math.min(limit, largestPage)).map((child) =>
        describeVariable(child.name, [...path, child.step], child.value),
      ),
      total: childCount(value),
    };
  }

  page(path: VariablePath, query: PageQuery): Page | Promise<Page> {
    return pageOf(resolvePath(this.#scope, path), query);
  }

  profile(
    path: VariablePath,
    columns: readonly string[] | undefined,
    filters: readonly Filter[],
  ): Profile | Promise<Profile> {
    return profileOf(resolvePath(this.#scope, path), columns, filters);
  }

  /** The value itself, for the debugger. */
  value(path: VariablePath): unknown {
    return resolvePath(this.#scope, path);
  }

  /** Takes the present state as the one that the next {@link changes} compares with. */
  remember(): VariableList {
    const list = this.list();
    this.#known = new Map(list.variables.map((variable) => [variable.name, JSON.stringify(variable)]));
    return list;
  }

  /** Call after each cell: values may have changed, so sorted orders of before don't hold any more. */
  cellEnded(): void {
    forgetOrders();
  }

  /** What is different since the last call (or {@link remember}); undefined where nothing is. */
  changes(): VariablesChanged | undefined {
    const before = this.#known;
    const { variables } = this.remember();
    const added = variables.filter((variable) => !before.has(variable.name));
    const changed = variables.filter((variable) => {
      const known = before.get(variable.name);
      return known !== undefined && known !== JSON.stringify(variable);
    });
    const removed = [...before.keys()].filter((name) => !this.#known.has(name));
    return added.length + changed.length + removed.length === 0
      ? undefined
      : { type: "changed", added, changed, removed };
  }

  #describe(name: string): Variable | undefined {
    try {
      return describeVariable(name, [name], this.#scope.value(name));
    } catch {
      // A name whose declaration failed has no value; it is not listed.
      return undefined;
    }
  }
}
