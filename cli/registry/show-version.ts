/** @file Does what `tenon models show` is asked. */
import { describeActor } from "../../ml/registry/governance/actor.ts";
import { GovernanceClient, type VersionReport } from "../../ml/registry/governance/client.ts";
import type { StoreCommandOptions } from "../commands/store-options.ts";
import { printJson } from "../print-json.ts";
import { Terminal } from "../terminal.ts";
import { formatNumber, formatTime, printFields, printTable } from "../text-table.ts";
import { findVersion } from "./find-version.ts";
import { withStore } from "./with-store.ts";

/** Shows a version. @throws {CommandFailure} */
export async function showVersion(
  name: string,
  version: string | undefined,
  { trackingUri, json }: StoreCommandOptions,
): Promise<void> {
  const report = await withStore(trackingUri, async (api) =>
    new GovernanceClient(api).version(name, await findVersion(api, name, version)),
  );
  const terminal = new Terminal(process.stdout);
  if (json === true) printJson(terminal, report);
  else printReport(terminal, report);
}

function printReport(terminal: Terminal, report: VersionReport): void {
  const { files } = report;
  printFields(terminal, {
    model: report.name,
    version: report.version,
    aliases: report.aliases.map((alias) => `@${alias}`).join(", "),
    authors: report.authors.join(", "),
    files: "unreadable" in files ? files.unreadable : files.digest,
  });
  for (const alias of report.changedSince)
    terminal.line(terminal.style("red", `Its files have changed since it became @${alias}`));
  if ("digest" in files) printSignature(terminal, files.signature);
  const metrics = Object.entries(report.metrics);
  if (metrics.length > 0) {
    terminal.line();
    printTable(terminal, [
      { title: "METRIC", cells: metrics.map(([key]) => key) },
      { title: "", align: "right", cells: metrics.map(([, value]) => formatNumber(value)) },
    ]);
  }
  if (report.evidence.length > 0) {
    terminal.line();
    printTable(terminal, [
      { title: "EVIDENCE", cells: report.evidence.map(({ kind }) => kind) },
      { title: "VERDICT", cells: report.evidence.map(({ verdict }) => verdict) },
      {
        title: "FIGURES",
        cells: report.evidence.map(({ figures }) =>
          Object.entries(figures)
            .map(([key, value]) => `${key} ${formatNumber(value) ?? ""}`)
            .join(", "),
        ),
      },
      {
        title: "BY",
        cells: report.evidence.map(({ by }) => (by === undefined ? "the package" : describeActor(by))),
      },
    ]);
  }
  if (report.reviews.length === 0) return;
  terminal.line();
  printTable(terminal, [
    { title: "REVIEW", cells: report.reviews.map(({ verdict }) => verdict) },
    { title: "BY", cells: report.reviews.map(({ by }) => describeActor(by)) },
    { title: "AT (UTC)", cells: report.reviews.map(({ at }) => formatTime(at)) },
    { title: "COMMENT", cells: report.reviews.map(({ comment }) => comment) },
  ]);
}

function printSignature(
  terminal: Terminal,
  signature: Exclude<VersionReport["files"], { unreadable: string }>["signature"],
): void {
  terminal.line();
  if ("unknown" in signature) {
    terminal.line(`Its signature isn't known: ${signature.unknown}`);
    return;
  }
  const { inputs, outputs } = signature;
  printTable(terminal, [
    {
      title: "TAKES",
      cells: [...inputs.map((input) => input.name), ...outputs.map((output) => `→ ${output.name}`)],
    },
    {
      title: "TYPE",
      cells: [
        ...inputs.map(({ type, required }) => (required ? type : `${type}, may be missing`)),
        ...outputs.map(({ type, values, columns }) =>
          [
            type,
            ...(columns ? [`of ${columns.join(", ")}`] : []),
            ...(values ? [values.join(" | ")] : []),
          ].join(" "),
        ),
      ],
    },
  ]);
}
