/** @file Does what `tenon audit list` is asked. */
import { describeActor } from "../../ml/registry/governance/actor.ts";
import {
  type AuditEntry,
  type ChainedEntry,
  parseEntry,
} from "../../ml/registry/governance/audit/audit-entry.ts";
import { GovernanceClient } from "../../ml/registry/governance/client.ts";
import type { AuditListOptions } from "../commands/audit.ts";
import { printJson } from "../print-json.ts";
import { Terminal } from "../terminal.ts";
import { printTable } from "../text-table.ts";
import { withStore } from "./with-store.ts";

/** Lists the last entries, the latest last. @throws {CommandFailure} */
export async function listAudit({ trackingUri, limit, json }: AuditListOptions): Promise<void> {
  const entries = await withStore(trackingUri, async (api) => {
    const client = new GovernanceClient(api);
    const { sequence } = await client.auditLast();
    const found: ChainedEntry[] = [];
    for await (const entry of client.auditEntries(Math.max(0, sequence - limit))) found.push(entry);
    return found.slice(-limit);
  });
  const parsed = entries.map(({ sequence, text }) => [sequence, parseEntry(text)] as const);
  const terminal = new Terminal(process.stdout);
  if (json === true)
    printJson(
      terminal,
      parsed.map(([, entry]) => entry),
    );
  else if (parsed.length === 0) terminal.line("Nothing is entered.");
  else
    printTable(terminal, [
      { title: "NO", align: "right", cells: parsed.map(([sequence]) => String(sequence)) },
      {
        title: "AT (UTC)",
        cells: parsed.map(([, entry]) => entry?.at.slice(0, 19).replace("T", " ")),
      },
      { title: "BY", cells: parsed.map(([, entry]) => entry && describeActor(entry.actor)) },
      { title: "ACTION", cells: parsed.map(([, entry]) => entry?.action ?? "damaged") },
      { title: "OF", cells: parsed.map(([, entry]) => entry && subjectOf(entry)) },
      {
        title: "DETAILS",
        cells: parsed.map(([, entry]) => entry?.details && JSON.stringify(entry.details)),
      },
    ]);
}

function subjectOf({ model = "", version, alias }: AuditEntry): string {
  return `${model}${version === undefined ? "" : `/${version}`}${alias === undefined ? "" : ` @${alias}`}`;
}
