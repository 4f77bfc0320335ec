/** @file A training on a streamed table; run as a program, it trains until it is killed. */
import { openDatabase, tableSource, type TableSource } from "../../../ml/data/index.ts";
import {
  adam,
  fit,
  linear,
  streamTable,
  type Fitted,
  type FitSettings,
  type SelectedRows,
} from "../../../ml/nn/index.ts";

const selection = { features: ["x", "z"], target: "y" } as const;

/** The rows that the selection gives. */
export type StreamedRows = SelectedRows<typeof selection>;

const model = linear(2, 1);

/** The parameters of the training. */
export type StreamedParameters = ReturnType<typeof model.init>;

/** Twenty thousand rows, computed as they are read; from one of them on, reading fails. */
export async function computedRows(failsAt?: number): Promise<TableSource> {
  const x = "sin(i)";
  const checked =
    failsAt === undefined ? x : `CASE WHEN i >= ${failsAt} THEN error('the disk is gone') ELSE ${x} END`;
  return await tableSource(
    await openDatabase({ threads: 1 }),
    `SELECT (${checked})::DOUBLE AS x, cos(3 * i) AS z, sin(i) - cos(3 * i) / 2 AS y FROM range(20000) AS rows(i)`,
  );
}

/** Trains for some epochs. */
export async function streamedTableFit(
  epochs: number,
  changes: Partial<FitSettings<StreamedParameters, StreamedRows>> = {},
  { failsAt, seed = 1 }: { readonly failsAt?: number; readonly seed?: number } = {},
): Promise<Fitted<StreamedParameters>> {
  const data = await streamTable(await computedRows(failsAt), selection, {
    batchSize: 256,
    shuffleBuffer: 5000,
    seed,
  });
  return fit({
    parameters: model.init(1),
    loss: (parameters, { features, target }) => model.apply(parameters, features).sub(target).square().mean(),
    data,
    optimizer: adam(),
    learningRate: 0.01,
    epochs,
    ...changes,
  });
}

const [, program, path] = process.argv;
if (program?.endsWith("streamed-table-fit.ts") === true && path !== undefined)
  await streamedTableFit(1e6, { checkpoint: path });
