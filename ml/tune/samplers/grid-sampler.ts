import { InvalidInputError } from "../../errors.ts";
import { contains, internalValue, isSingle, type Choice } from "../distributions.ts";
import type { NamedParameter, SearchSpace } from "../space.ts";
import { sampleGroups, trialRandom, type Sampler } from "./sampler.ts";

/** More are no grid that anybody would wait for. */
const mostValues = 10_000;

/**
 * A sampler that tries every combination of values, the last parameter's fastest, and then ends the search.
 * @param grid the values of parameters by their name; others take all their values, which must be countable
 * @example gridSampler({ alpha: [0.01, 0.1, 1] })
 * @throws {@link InvalidInputError} when it is used with a space that has conditional parameters, lacks a name of the grid, or
 * has numbers without steps that the grid doesn't name
 */
export function gridSampler(grid: Readonly<Record<string, readonly Choice[]>> = {}): Sampler {
  return {
    kind: "grid",
    limit: (space) => axesOf(space, grid).reduce((size, { values }) => size * values.length, 1),
    suggest: (sampled) => {
      let rest = sampled.number;
      const chosen = new Map<string, number>();
      for (const { name, values } of axesOf(sampled.space, grid).toReversed()) {
        chosen.set(name, values[rest % values.length] ?? 0);
        rest = Math.floor(rest / values.length);
      }
      return { values: sampleGroups(sampled, trialRandom(0, sampled.number), () => chosen) };
    },
  };
}

interface Axis {
  readonly name: string;
  readonly values: readonly number[];
}

function axesOf(space: SearchSpace, grid: Readonly<Record<string, readonly Choice[]>>): readonly Axis[] {
  const [group, ...branches] = space.groups;
  if (!group || branches.length > 0)
    throw new InvalidInputError("a space with conditional parameters has no grid");
  const names = new Set(group.parameters.map(({ name }) => name));
  const unknown = Object.keys(grid).find((name) => !names.has(name));
  if (unknown !== undefined) throw new InvalidInputError(`the space has no parameter "${unknown}"`);
  return group.parameters
    .filter(({ distribution }) => !isSingle(distribution))
    .map((parameter) => ({ name: parameter.name, values: axisValues(parameter, grid[parameter.name]) }));
}

function axisValues(
  { name, distribution }: NamedParameter,
  given: readonly Choice[] | undefined,
): readonly number[] {
  if (given?.length === 0) throw new InvalidInputError(`the grid has no values of "${name}"`);
  if (given) return given.map((value) => internalValue(distribution, value));
  if (distribution.kind === "categorical") return Array.from(distribution.choices.keys());
  const { low, high, step } = distribution;
  const count = step === undefined ? Number.POSITIVE_INFINITY : Math.round((high - low) / step) + 1;
  if (step === undefined || count > mostValues)
    throw new InvalidInputError(
      `"${name}" has too many values for a grid: name some in gridSampler({ ${name}: […] })`,
    );
  const values = Array.from({ length: count }, (_, index) => Number((low + index * step).toPrecision(15)));
  return values.filter((value) => contains(distribution, value));
}
