/** @file Does what `tenon runs compare` is asked. */
import { getRun } from "../../ml/track/search.ts";
import type { StoreCommandOptions } from "../commands/store-options.ts";
import { CommandFailure, exitCode } from "../failure.ts";
import { printJson } from "../print-json.ts";
import { Terminal } from "../terminal.ts";
import { formatNumber, printTable } from "../text-table.ts";
import { withStore } from "./with-store.ts";

/** Compares runs. @throws {CommandFailure} */
export async function compareRuns(
  ids: readonly string[],
  { trackingUri, json }: StoreCommandOptions,
): Promise<void> {
  if (ids.length < 2) throw new CommandFailure("give two runs or more", exitCode.usage);
  const store = trackingUri === undefined ? {} : { trackingUri };
  const runs = await withStore(trackingUri, () => Promise.all(ids.map((id) => getRun(id, store))));
  const params = valuesOf(runs.map(({ data }) => data.params));
  const metrics = valuesOf(runs.map(({ data }) => data.metrics));
  const terminal = new Terminal(process.stdout);
  if (json === true) {
    const byRun = (values: Values<unknown>): object =>
      Object.fromEntries(
        values.map(([key, each]) => [
          key,
          Object.fromEntries(each.map((value, at) => [ids[at] ?? "", value])),
        ]),
      );
    const infos = runs.map(({ info }) => info);
    printJson(terminal, { runs: infos, params: byRun(params), metrics: byRun(metrics) });
    return;
  }
  const rows: (readonly [name: string, values: readonly (string | undefined)[]])[] = [
    ["run", ids],
    ...differing(params).map(([key, values]) => [`param ${key}`, values] as const),
    ...differing(metrics).map(([key, values]) => [`metric ${key}`, values.map(formatNumber)] as const),
  ];
  printTable(terminal, [
    { title: "", cells: rows.map(([name]) => name) },
    ...runs.map(({ info }, at) => ({ title: info.runName, cells: rows.map(([, values]) => values[at]) })),
  ]);
}

type Values<T> = readonly (readonly [key: string, values: readonly (T | undefined)[]])[];

function valuesOf<T>(records: readonly Readonly<Record<string, T | undefined>>[]): Values<T> {
  const keys = [...new Set(records.flatMap((record) => Object.keys(record)))].toSorted();
  return keys.map((key) => [
    key,
    records.map((record) => (Object.hasOwn(record, key) ? record[key] : undefined)),
  ]);
}

function differing<T>(values: Values<T>): Values<T> {
  return values.filter(([, each]) => each.some((value) => !Object.is(value, each[0])));
}
