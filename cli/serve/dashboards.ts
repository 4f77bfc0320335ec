/** @file `tenon serve dashboards`: writes what watches a service. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { InvalidInputError } from "../../ml/errors.ts";
import { alertRules, grafanaDashboard, runbookText, servingAlerts } from "../../ml/serve/dashboards/index.ts";
import type { DashboardsCommandOptions } from "../commands/serve-dashboards.ts";
import { CommandFailure, describeFileError, exitCode } from "../failure.ts";
import { Terminal } from "../terminal.ts";

/** Writes the dashboard, the alerts' rules and their runbook into a folder. */
export async function writeDashboards(options: DashboardsCommandOptions): Promise<void> {
  const { out, runbookUrl, job, errorRate, p99, memory } = options;
  try {
    const alerts = servingAlerts({
      job,
      ...(errorRate !== undefined && { errorRate }),
      ...(p99 !== undefined && { p99Seconds: p99 }),
      ...(memory !== undefined && { memoryBytes: memory }),
    });
    const files = {
      "grafana-dashboard.json": grafanaDashboard(),
      "alerts.yaml": alertRules(alerts, runbookUrl),
      "runbook.md": runbookText(alerts),
    };
    await mkdir(out, { recursive: true });
    const terminal = new Terminal(process.stdout);
    for (const [name, text] of Object.entries(files)) {
      await writeFile(join(out, name), text);
      terminal.line(join(out, name));
    }
  } catch (error) {
    const message = error instanceof InvalidInputError ? error.message : describeFileError(error, out);
    throw new CommandFailure(message, exitCode.failed, { cause: error });
  }
}
