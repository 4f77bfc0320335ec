/**
 * @file What is searched: parameters by name, some of which may only be there where another has a certain value. The type
 * of the settings that the objective gets follows from the space.
 */
import { InvalidInputError } from "../errors.ts";
import { type CategoricalDistribution, type Distribution, externalValue } from "./distributions.ts";

/** One of several sets of parameters; see {@link conditional}. */
export interface ConditionalParameter<B extends Branches = Branches> {
  readonly kind: "conditional";
  readonly branches: B;
}

/** Parameters by the name of their branch. */
export type Branches = { readonly [branch: string]: SpaceParameters };

/** Parameters by their name. */
export interface SpaceParameters {
  readonly [name: string]: Distribution | ConditionalParameter;
}

/** The settings that a space's parameters make: what an objective gets. */
export type SettingsOf<P extends SpaceParameters> = {
  readonly [Name in keyof P]: SettingOf<P[Name]>;
};

type SettingOf<D> = D extends { readonly kind: "float" | "int" }
  ? number
  : D extends CategoricalDistribution<infer C>
    ? C
    : D extends ConditionalParameter<infer B>
      ? { readonly [Name in keyof B]: { readonly kind: Name } & SettingsOf<B[Name]> }[keyof B]
      : never;

/** A parameter by the name under which it is stored. */
export interface NamedParameter {
  readonly name: string;
  readonly distribution: Distribution;
}

/** Parameters that are always there together: samplers look at them jointly. */
export interface ParameterGroup {
  /** The choice on which they depend; none for those that are always there. */
  readonly condition: { readonly name: string; readonly choice: number } | undefined;
  readonly parameters: readonly NamedParameter[];
}

/** A search space; immutable. */
export class SearchSpace<P extends SpaceParameters = SpaceParameters> {
  readonly parameters: P;
  /** What belongs together; a group comes after the one that its condition is in. */
  readonly groups: readonly ParameterGroup[];

  /** @internal */
  constructor(parameters: P) {
    this.parameters = parameters;
    this.groups = groupsOf(parameters, "", undefined);
    const names = this.groups.flatMap((group) => group.parameters.map(({ name }) => name));
    if (names.length === 0) throw new InvalidInputError("space({}) has no parameters");
    const twice = names.find((name, index) => names.indexOf(name) !== index);
    if (twice !== undefined) throw new InvalidInputError(`two parameters are stored as "${twice}"`);
  }

  /** The settings that stored numbers stand for. */
  settings(values: ReadonlyMap<string, number>): SettingsOf<P> {
    // SAFETY: nested() makes of each parameter what SettingsOf says of it.
    return nested(this.parameters, "", values) as SettingsOf<P>;
  }

  /** The groups that are there, given the numbers of those before them. */
  *activeGroups(values: ReadonlyMap<string, number>): Generator<ParameterGroup> {
    for (const group of this.groups) {
      const { condition } = group;
      if (condition === undefined || values.get(condition.name) === condition.choice) yield group;
    }
  }
}

/**
 * What is searched.
 * @example space({ learningRate: float(1e-4, 1e-1, { log: true }), depth: int(2, 10), kind: categorical(["a", "b"]) })
 * @throws {@link InvalidInputError} for no parameters
 */
export function space<const P extends SpaceParameters>(parameters: P): SearchSpace<P> {
  return new SearchSpace(parameters);
}

/**
 * A parameter that has parameters of its own, which depend on the branch that is taken. The objective gets an object whose
 * `kind` names the branch, beside the branch's settings. It is stored as a category, and `name.branch.parameter` for
 * each parameter of the branch.
 * @example conditional({ tree: { depth: int(2, 10) }, linear: { alpha: float(1e-3, 10, { log: true }) } })
 * @throws {@link InvalidInputError} for no branches
 */
export function conditional<const B extends Branches>(branches: B): ConditionalParameter<B> {
  if (Object.keys(branches).length === 0) throw new InvalidInputError("conditional({}) has no branches");
  for (const [branch, parameters] of Object.entries(branches))
    if ("kind" in parameters)
      throw new InvalidInputError(
        `a parameter of branch "${branch}" is named "kind", which names the branch`,
      );
  return { kind: "conditional", branches };
}

function groupsOf(
  parameters: SpaceParameters,
  prefix: string,
  condition: ParameterGroup["condition"],
): ParameterGroup[] {
  const own: NamedParameter[] = [];
  const below: ParameterGroup[] = [];
  for (const [key, parameter] of Object.entries(parameters)) {
    const name = prefix + key;
    if (parameter.kind !== "conditional") {
      own.push({ name, distribution: parameter });
      continue;
    }
    const branches = Object.entries(parameter.branches);
    own.push({ name, distribution: { kind: "categorical", choices: branches.map(([branch]) => branch) } });
    for (const [choice, [branch, inner]] of branches.entries())
      below.push(...groupsOf(inner, `${name}.${branch}.`, { name, choice }));
  }
  const group = { condition, parameters: own };
  return own.length === 0 ? below : [group, ...below];
}

function nested(
  parameters: SpaceParameters,
  prefix: string,
  values: ReadonlyMap<string, number>,
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(parameters).map(([key, parameter]): [string, unknown] => {
      const name = prefix + key;
      const value = values.get(name);
      if (value === undefined) throw new InvalidInputError(`there is no value of "${name}"`);
      if (parameter.kind !== "conditional") return [key, externalValue(parameter, value)];
      const [branch, inner] = Object.entries(parameter.branches)[value] ?? [];
      if (branch === undefined || inner === undefined)
        throw new InvalidInputError(`"${name}" has no branch ${value}`);
      return [key, { kind: branch, ...nested(inner, `${name}.${branch}.`, values) }];
    }),
  );
}
