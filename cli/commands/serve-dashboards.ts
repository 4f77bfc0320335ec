/** @file `tenon serve dashboards` */
import { Command, InvalidArgumentError } from "commander";

export interface DashboardsCommandOptions {
  readonly out: string;
  readonly runbookUrl: string;
  readonly job: string;
  readonly errorRate?: number;
  readonly p99?: number;
  readonly memory?: number;
}

export function dashboardsCommand(): Command {
  return new Command("dashboards")
    .description("Write a Grafana dashboard, Prometheus alert rules, and a runbook for each alert.")
    .option("-o, --out <folder>", "where they are written", "dashboards")
    .option("--runbook-url <address>", "where the runbook will stand, for links in alerts", "runbook.md")
    .option("--job <name>", "the name of the scrape job", "tenon")
    .option("--error-rate <share>", "alert when more of the calls fail (default: 0.05)", positive)
    .option("--p99 <seconds>", "alert when the 99th percentile is more (default: 0.5)", positive)
    .option("--memory <bytes>", "alert when a process takes more (default: 2 GiB)", positive)
    .action(async (options: DashboardsCommandOptions) => {
      const { writeDashboards } = await import("../serve/dashboards.ts");
      await writeDashboards(options);
    });
}

function positive(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value < Infinity)) throw new InvalidArgumentError("It must be a number above 0.");
  return value;
}
