/** @file Measures against stored values of theirs: each by its name, on named data, with its options. */
import assert from "node:assert/strict";
import * as v from "valibot";
import { assertCloseTo } from "../close-to.ts";
import { readReference } from "../reference.ts";

/** A number, lists of them; null is NaN. */
export type Values = number | null | readonly Values[];

const values: v.GenericSchema<unknown, Values> = v.lazy(() =>
  v.union([v.number(), v.null(), v.array(values)]),
);

/** Reads references of one form: named data, and the values of measures on them. */
export function readMeasured<
  const Schema extends v.GenericSchema,
  const OptionsSchema extends v.GenericSchema<unknown, object>,
>(name: string, data: Schema, options: OptionsSchema) {
  return readReference(
    name,
    v.object({
      data: v.record(v.string(), data),
      values: v.array(
        v.object({
          measure: v.string(),
          data: v.string(),
          options,
          weighted: v.optional(v.boolean(), false),
          value: values,
        }),
      ),
    }),
  );
}

/** One test for each measure and data, over all its options. */
export function testMeasured<Data, Options extends object>(
  reference: {
    readonly data: Readonly<Record<string, Data>>;
    readonly values: readonly {
      readonly measure: string;
      readonly data: string;
      readonly options: Options;
      readonly weighted: boolean;
      readonly value: Values;
    }[];
  },
  measures: Readonly<
    Record<string, (data: Data, options: Options, weighted: boolean) => Values | Promise<Values>>
  >,
  tolerance: number,
): void {
  const titled = reference.values.map((each) => ({ ...each, title: `${each.measure}: ${each.data}` }));
  for (const title of new Set(titled.map((each) => each.title))) {
    const group = titled.filter((each) => each.title === title);
    it(title, async () => {
      for (const { measure, data, options, weighted, value } of group) {
        const compute = measures[measure];
        const given = reference.data[data];
        assert.ok(compute && given, title);
        const actual = await compute(given, options, weighted);
        const what = `${title} ${JSON.stringify(options)}${weighted ? " by weight" : ""}`;
        const expected = flat(value);
        const largest = Math.max(1, ...expected.filter((each) => Number.isFinite(each)).map(Math.abs));
        const numbers = flat(actual);
        assert.deepEqual(numbers.map(Number.isNaN), expected.map(Number.isNaN), what);
        assertCloseTo(
          numbers.map((each) => (Number.isNaN(each) ? 0 : each)),
          expected.map((each) => (Number.isNaN(each) ? 0 : each)),
          tolerance * largest,
          what,
        );
      }
    });
  }
}

function flat(value: Values): number[] {
  if (value === null) return [Number.NaN];
  return typeof value === "number" ? [value] : value.flatMap(flat);
}
