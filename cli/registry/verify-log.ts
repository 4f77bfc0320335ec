/** @file Does what `tenon audit verify` is asked. */
import { readFile } from "node:fs/promises";
import { type AuditHead, verifyHead } from "../../ml/registry/governance/audit/audit-head.ts";
import { type AuditVerification, verifyChain } from "../../ml/registry/governance/audit/verify-chain.ts";
import { GovernanceClient } from "../../ml/registry/governance/client.ts";
import type { AuditVerifyOptions } from "../commands/audit.ts";
import { CommandFailure, exitCode } from "../failure.ts";
import { printJson } from "../print-json.ts";
import { withRefusals } from "../refusals.ts";
import { Terminal } from "../terminal.ts";
import { entriesInFile } from "./audit-files.ts";
import { withStore } from "./with-store.ts";

/** Verifies a log; resolves with the exit code. @throws {CommandFailure} */
export async function verifyLog(options: AuditVerifyOptions): Promise<number> {
  const { head: headFile, key, file, trackingUri, json } = options;
  if ((headFile === undefined) !== (key === undefined))
    throw new CommandFailure("--head and --key belong together", exitCode.usage);
  if (file !== undefined && trackingUri !== undefined)
    throw new CommandFailure("give --file or --tracking-uri", exitCode.usage);
  const head =
    headFile === undefined || key === undefined
      ? undefined
      : await withRefusals(async () =>
          verifyHead(await readFile(headFile, "utf8"), await readFile(key, "utf8")),
        );
  const found =
    file === undefined
      ? await withStore(trackingUri, async (api) => new GovernanceClient(api).verifyAudit(head))
      : await withRefusals(async () => verifyChain(entriesInFile(file), { head }));
  const terminal = new Terminal(process.stdout);
  if (json === true) printJson(terminal, found);
  else print(terminal, found, head);
  return found.intact ? exitCode.ok : exitCode.failed;
}

function print(terminal: Terminal, found: AuditVerification, head: AuditHead | undefined): void {
  const entries = found.entries === 1 ? "1 entry" : `${found.entries} entries`;
  if (found.intact) {
    const known = head === undefined ? "" : `, with the ${head.sequence} that the head of ${head.at} knows`;
    terminal.line(`${terminal.style("green", "✓")} The log is whole: ${entries}${known}`);
    terminal.line(terminal.style("dim", found.hash));
    printUnfinished(terminal, found);
    return;
  }
  terminal.line(`The log of ${entries} is not what was entered:`);
  for (const { message } of found.problems) terminal.line(`  ${terminal.style("red", "✗")} ${message}`);
  printUnfinished(terminal, found);
}

function printUnfinished(terminal: Terminal, { unfinished }: AuditVerification): void {
  for (const { sequence, path } of unfinished)
    terminal.line(
      `${terminal.style("yellow", "!")} Entry ${sequence} begins to delete ${path}, and no entry ends it: look whether it is there still`,
    );
}
