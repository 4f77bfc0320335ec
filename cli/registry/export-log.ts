/** @file Does what `tenon audit export` is asked. */
import { readFile } from "node:fs/promises";
import { unfinishedFile, writeFileAtomically } from "../../ml/atomic-file.ts";
import { signHead } from "../../ml/registry/governance/audit/audit-head.ts";
import type { ChainedEntry } from "../../ml/registry/governance/audit/audit-entry.ts";
import { verifyChain } from "../../ml/registry/governance/audit/verify-chain.ts";
import { GovernanceClient } from "../../ml/registry/governance/client.ts";
import type { AuditExportOptions } from "../commands/audit.ts";
import { CommandFailure, exitCode } from "../failure.ts";
import { sayWritten } from "../share/shared-file.ts";
import { Terminal } from "../terminal.ts";
import { entryLine } from "./audit-files.ts";
import { withStore } from "./with-store.ts";

/** Writes a log and its head. @throws {CommandFailure} where the log is not whole: then nothing is written */
export async function exportLog({ out, head, key, trackingUri }: AuditExportOptions): Promise<void> {
  if ((head === undefined) !== (key === undefined))
    throw new CommandFailure("--head and --key belong together", exitCode.usage);
  const { TENON_SIGNING_PASSPHRASE: passphrase } = process.env;
  const terminal = new Terminal(process.stdout);
  const written = await withStore(trackingUri, async (api) => {
    const privateKey = key === undefined ? undefined : await readFile(key, "utf8");
    const client = new GovernanceClient(api);
    const last = await client.auditLast();
    const file = out === undefined ? undefined : await unfinishedFile(out);
    try {
      const pass = async function* (): AsyncGenerator<ChainedEntry> {
        for await (const entry of client.auditEntries()) {
          // What was entered since belongs to the next export.
          if (entry.sequence > last.sequence) return;
          if (file) await file.write(Buffer.from(entryLine(entry)));
          else if (head === undefined) terminal.write(entryLine(entry));
          yield entry;
        }
      };
      const found = await verifyChain(pass(), { last });
      if (!found.intact)
        throw new CommandFailure(
          `the log is not what was entered: ${found.problems[0]?.message ?? ""}; tenon audit verify tells all`,
        );
      if (file && out !== undefined) await file.commit(out);
    } finally {
      await file?.discard();
    }
    if (head !== undefined && privateKey !== undefined) {
      const signed = signHead({ ...last, at: new Date().toISOString() }, privateKey, passphrase);
      await writeFileAtomically(head, [Buffer.from(`${signed}\n`)]);
    }
    return [out, head].filter((path) => path !== undefined);
  });
  for (const path of written) sayWritten(path);
}
