import assert from "node:assert/strict";
import * as v from "valibot";
import { fromData } from "../../ml/graph/create.ts";
import { adam } from "../../ml/graph/optimizers/index.ts";
import { valueAndGrad } from "../../ml/graph/transforms/grad.ts";
import { mapTree } from "../../ml/graph/trees.ts";
import type { Encoding } from "../../ml/nn/encoding.ts";
import { encodeRows, learnEncoding } from "../../ml/nn/encoding.ts";
import {
  networkDataset,
  networkLoss,
  networkParameters,
  type NetworkParameters,
  type NetworkRows,
} from "../../ml/nn/loss.ts";
import { Training } from "../../ml/nn/training/training.ts";
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
    const initial = networkParameters(
      expected.parameters.map(({ shape, data }, index) => ({
        name: `parameter ${index}`,
        shape,
        data: Float32Array.from(data),
      })),
    );
    const loss = (parameters: NetworkParameters, batch: NetworkRows) =>
      networkLoss(encoding, parameters, batch, expected.positiveWeight);
    const rows = encodeRows(features, encoding);
    const { batchSize, labels } = expected;
    const data = networkDataset({ rows, labels: Float32Array.from(labels) });

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
      const first = await data.take(Array.from({ length: batchSize }, (_, row) => row));
      const columns = await first.columns();
      const batch = mapTree(first.batch(batchSize), ({ value: { source, shape } }) => {
        const column = source.kind === "input" ? columns[source.name] : undefined;
        assert.ok(column);
        return fromData(column.dtype as "float32", column.data as Float32Array, shape.map(Number));
      });
      // SAFETY: a dataset's batch has the form of its rows.
      const { value, gradient } = valueAndGrad((parameters: NetworkParameters) =>
        loss(parameters, batch as NetworkRows),
      )(initial);
      assertCloseTo([await value.item()], [expected.firstLoss], 1e-6, "loss");
      for (const [index, { data: slope }] of expected.firstGradients.entries()) {
        const found = await gradient[`parameter ${index}`]?.data();
        assertCloseTo(Array.from(found ?? [], Number), slope, 1e-6, `gradient ${index}`);
      }
    });

    it(`${expected.name}: the loss curve and the parameters after ${expected.losses.length} steps of Adam`, async () => {
      const steps = expected.losses.length;
      const form = data.batch(batchSize);
      await using training = await Training.create(
        {
          parameters: initial,
          loss: (parameters, batch) => loss(parameters, batch as NetworkRows),
          optimizer: adam(),
        },
        form,
      );
      const order = Uint32Array.from({ length: steps * batchSize }, (_, row) => row % labels.length);
      const rates = new Float64Array(steps).fill(expected.learningRate);
      const batches = { data: await training.keep(data, batchSize), rows: order, batchSize };
      const { losses } = await training.steps(form, batches, rates, 0);
      assertCloseTo(losses, expected.losses, 1e-5, "loss");
      const trained = training.parameters(await training.snapshot());
      for (const [index, { data: parameter }] of expected.finalParameters.entries()) {
        const found = await trained[`parameter ${index}`]?.data();
        assertCloseTo(Array.from(found ?? [], Number), parameter, 1e-4, `parameter ${index}`);
      }
    });
  }
});
