import * as v from "valibot";
import { TrainingSession, type Parameter } from "../../ml/graph/training-session.ts";
import { Batcher } from "../../ml/nn/batches.ts";
import type { Encoding } from "../../ml/nn/encoding.ts";
import { encodeRows, learnEncoding } from "../../ml/nn/encoding.ts";
import { networkLoss } from "../../ml/nn/loss.ts";
import { assertCloseTo } from "./close-to.ts";
import { readReference } from "./reference.ts";

const numbers = v.array(v.number());
const arrays = v.array(v.object({ shape: numbers, data: numbers }));
const reference = readReference(
  "training",
  v.object({
    cases: v.array(
      v.object({
        name: v.string(),
        positiveWeight: v.number(),
        learningRate: v.number(),
        batchSize: v.number(),
        categories: numbers,
        labels: numbers,
        numeric: v.array(numbers),
        means: numbers,
        deviations: numbers,
        parameters: arrays,
        firstLoss: v.number(),
        firstGradients: arrays,
        losses: numbers,
        finalParameters: arrays,
      }),
    ),
  }),
);

describe("training, against a float64 reference", () => {
  for (const expected of reference.cases) {
    const columnNames = expected.means.map((_, index) => `x${index}`);
    const features = {
      ...Object.fromEntries(
        columnNames.map((name, index) => [
          name,
          Float32Array.from(expected.numeric, (row) => row[index] ?? 0),
        ]),
      ),
      kind: expected.categories.map((category) => `category ${category}`),
    };
    const learnt = learnEncoding(features, columnNames, ["kind"]);
    // The reference numbers categories from 0, without a place for unknown ones.
    const encoding: Encoding = {
      numeric: learnt.numeric,
      categorical: [{ name: "kind", categories: learnt.categorical[0]?.categories.slice(1) ?? [] }],
    };
    const parameters = (): Parameter[] =>
      expected.parameters.map(({ shape, data }, index) => ({
        name: `parameter ${index}`,
        shape,
        data: Float32Array.from(data),
      }));
    const batcher = new Batcher(
      encodeRows(features, encoding),
      Float32Array.from(expected.labels),
      ["kind"],
      expected.batchSize,
    );
    const batch = (step: number): ReturnType<Batcher["batch"]> => {
      const first = (step * expected.batchSize) % expected.labels.length;
      return batcher.batch(Uint32Array.from({ length: expected.batchSize }, (_, row) => first + row));
    };
    const create = (initial: readonly Parameter[]): Promise<TrainingSession> =>
      TrainingSession.create((values) => networkLoss(encoding, values, expected.positiveWeight), initial);

    it(`${expected.name}: standardisation`, () => {
      assertCloseTo(
        learnt.numeric.map(({ mean }) => mean),
        expected.means,
        1e-9,
      );
      assertCloseTo(
        learnt.numeric.map(({ deviation }) => deviation),
        expected.deviations,
        1e-9,
      );
    });

    it(`${expected.name}: loss and gradients of the first batch`, async () => {
      await using session = await create(parameters());
      assertCloseTo([await session.evaluate(batch(0))], [expected.firstLoss], 1e-6, "loss");
      for (const [index, { data }] of expected.firstGradients.entries()) {
        assertCloseTo(session.gradients[index] ?? [], data, 1e-6, `gradient ${index}`);
      }
    });

    it(`${expected.name}: the loss curve and the parameters after ${expected.losses.length} steps of Adam`, async () => {
      const trained = parameters();
      await using session = await create(trained);
      const losses: number[] = [];
      for (let step = 0; step < expected.losses.length; step++) {
        losses.push(await session.step(batch(step), expected.learningRate));
      }
      assertCloseTo(losses, expected.losses, 1e-5, "loss");
      for (const [index, { data }] of expected.finalParameters.entries()) {
        assertCloseTo(trained[index]?.data ?? [], data, 1e-4, `parameter ${index}`);
      }
    });
  }
});
