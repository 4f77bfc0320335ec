/** @file Does what `tenon runs show` is asked. */
import { getRun } from "../../ml/track/search.ts";
import type { StoreCommandOptions } from "../commands/store-options.ts";
import { printJson } from "../print-json.ts";
import { Terminal } from "../terminal.ts";
import { formatNumber, formatTime, printFields, printTable } from "../text-table.ts";
import { took } from "./list-runs.ts";
import { withStore } from "./with-store.ts";

/** Shows a run. @throws {CommandFailure} */
export async function showRun(id: string, { trackingUri, json }: StoreCommandOptions): Promise<void> {
  const run = await withStore(trackingUri, () =>
    getRun(id, trackingUri === undefined ? {} : { trackingUri }),
  );
  const terminal = new Terminal(process.stdout);
  if (json === true) {
    printJson(terminal, run);
    return;
  }
  const { info, data, inputs, outputs } = run;
  printFields(terminal, {
    run: info.runId,
    name: info.runName,
    experiment: info.experimentId,
    user: info.userId,
    status: info.status.toLowerCase(),
    "started (UTC)": formatTime(info.startTime),
    took: took(run),
    artifacts: info.artifactUri,
    deleted: info.lifecycleStage === "deleted" ? "yes" : undefined,
  });
  const pairs = (title: string, record: Readonly<Record<string, string | undefined>>): void => {
    const entries = Object.entries(record).toSorted(([a], [b]) => (a < b ? -1 : 1));
    if (entries.length === 0) return;
    terminal.line();
    printTable(terminal, [
      { title, cells: entries.map(([key]) => key) },
      { title: "", cells: entries.map(([, value]) => value) },
    ]);
  };
  pairs("PARAM", data.params);
  pairs(
    "METRIC",
    Object.fromEntries(Object.entries(data.metrics).map(([key, value]) => [key, formatNumber(value)])),
  );
  pairs("TAG", data.tags);
  pairs("DATA", Object.fromEntries(inputs.datasetInputs.map(({ name, digest }) => [name, digest])));
  pairs(
    "MODEL",
    Object.fromEntries(outputs.modelOutputs.map(({ modelId, step }) => [modelId, `step ${step}`])),
  );
}
