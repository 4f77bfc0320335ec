/** @file Does what `tenon runs list` is asked. */
import * as v from "valibot";
import type { RunRecord } from "../../ml/track/run-records.ts";
import { searchRuns } from "../../ml/track/search.ts";
import { askFor, type TrackingApi } from "../../ml/track/tracking-api.ts";
import type { RunsListOptions } from "../commands/runs.ts";
import { CommandFailure } from "../failure.ts";
import { printJson } from "../print-json.ts";
import { formatDuration, Terminal } from "../terminal.ts";
import { type Column, formatNumber, formatTime, printTable } from "../text-table.ts";
import { withStore } from "./with-store.ts";

const experimentsSchema = v.object({
  experiments: v.optional(v.array(v.object({ experiment_id: v.string(), name: v.string() })), []),
  next_page_token: v.optional(v.string(), ""),
});

/** The most metrics that are columns of the table. */
const mostMetrics = 4;

/** Lists runs. @throws {CommandFailure} */
export async function listRuns(options: RunsListOptions): Promise<void> {
  const { trackingUri, filter, orderBy, limit, deleted } = options;
  const [runs, names] = await withStore(trackingUri, async (api) => {
    const experiments = await allExperiments(api);
    const found = await searchRuns({
      ...(trackingUri !== undefined && { trackingUri }),
      experimentIds: chosen(experiments, options.experiment),
      ...(filter !== undefined && { filterString: filter }),
      orderBy,
      maxResults: limit,
      ...(deleted === true && { runViewType: "DELETED_ONLY" }),
    });
    return [found, experiments] as const;
  });
  const terminal = new Terminal(process.stdout);
  if (options.json === true) printJson(terminal, runs);
  else if (runs.length === 0) terminal.line("There are no such runs.");
  else printTable(terminal, columnsOf(runs, names));
}

async function allExperiments(api: TrackingApi): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for (let token = ""; ;) {
    const page = await askFor(api, experimentsSchema, "POST", "experiments/search", {
      max_results: 1000,
      ...(token !== "" && { page_token: token }),
    });
    for (const { experiment_id: id, name } of page.experiments) found.set(id, name);
    token = page.next_page_token;
    if (token === "") return found;
  }
}

function chosen(experiments: ReadonlyMap<string, string>, names: readonly string[]): readonly string[] {
  if (names.length === 0) return [...experiments.keys()];
  return names.map((name) => {
    const byName = [...experiments].find(([, each]) => each === name)?.[0];
    if (byName !== undefined) return byName;
    if (experiments.has(name)) return name;
    throw new CommandFailure(
      `there is no experiment ${JSON.stringify(name)}; there are: ${[...experiments.values()].join(", ")}`,
    );
  });
}

function columnsOf(runs: readonly RunRecord[], experiments: ReadonlyMap<string, string>): readonly Column[] {
  const counts = new Map<string, number>();
  for (const { data } of runs)
    for (const key of Object.keys(data.metrics)) counts.set(key, (counts.get(key) ?? 0) + 1);
  const metrics = [...counts].toSorted((a, b) => b[1] - a[1]).slice(0, mostMetrics);
  return [
    { title: "RUN", cells: runs.map(({ info }) => info.runId) },
    { title: "NAME", cells: runs.map(({ info }) => info.runName) },
    {
      title: "EXPERIMENT",
      cells: runs.map(({ info }) => experiments.get(info.experimentId) ?? info.experimentId),
    },
    { title: "STATUS", cells: runs.map(({ info }) => info.status.toLowerCase()) },
    { title: "STARTED (UTC)", cells: runs.map(({ info }) => formatTime(info.startTime)) },
    { title: "TOOK", align: "right", cells: runs.map(took) },
    ...metrics.map(([key]): Column => ({
      title: key,
      align: "right",
      cells: runs.map(({ data }) => formatNumber(data.metrics[key])),
    })),
  ];
}

/** How long a run took, where it has ended. */
export function took({ info }: RunRecord): string | undefined {
  const { startTime, endTime } = info;
  return endTime === undefined || endTime < startTime
    ? undefined
    : formatDuration((endTime - startTime) / 1000);
}
