/** @file `tenon audit` */
import { Command } from "commander";
import { count } from "../option-values.ts";
import { jsonCommand, type StoreCommandOptions, storeCommand } from "./store-options.ts";

export interface AuditListOptions extends StoreCommandOptions {
  readonly limit: number;
}

export interface AuditVerifyOptions extends StoreCommandOptions {
  readonly head?: string;
  readonly key?: string;
  readonly file?: string;
}

export interface AuditExportOptions extends StoreCommandOptions {
  readonly out?: string;
  readonly head?: string;
  readonly key?: string;
}

export function auditCommand(): Command {
  return new Command("audit")
    .description("The log of promotions, refusals, reviews, alias changes and deletions.")
    .addCommand(listCommand())
    .addCommand(verifyCommand())
    .addCommand(exportCommand());
}

function listCommand(): Command {
  return jsonCommand("list")
    .description("List the last entries.")
    .option("-n, --limit <number>", "how many at most", count, 50)
    .action(async (options: AuditListOptions) => {
      const { listAudit } = await import("../registry/list-audit.ts");
      await listAudit(options);
    });
}

function verifyCommand(): Command {
  return jsonCommand("verify")
    .description("Find entries that were changed, left out or cut off.")
    .option(
      "--head <file>",
      "a signed head that was exported before: nothing up to it may be missing or other",
    )
    .option("--key <file>", "the public key that the head must be signed with, in PEM")
    .option("--file <file>", "a log that was exported, in place of a store's")
    .addHelpText(
      "after",
      `
Whoever can write the database can write a log anew, but not one that has the hash of a head that was signed and kept
elsewhere: export heads from time to time, and keep them where the server can't write.

Examples:
  tenon audit verify
  tenon audit verify --head audit.head.json --key audit.pub.pem

Exit codes: 0 the log is whole, 1 it is not, 2 wrong usage.`,
    )
    .action(async (options: AuditVerifyOptions) => {
      const { verifyLog } = await import("../registry/verify-log.ts");
      process.exitCode = await verifyLog(options);
    });
}

function exportCommand(): Command {
  return storeCommand("export")
    .description("Write the log as NDJSON, and its head, signed.")
    .option("-o, --out <file>", "the log (default: print it, unless a head is asked for)")
    .option("--head <file>", "the head, signed with --key")
    .option("--key <file>", "a private key in PEM: Ed25519, or P-256, P-384, P-521")
    .addHelpText(
      "after",
      `
The log is verified first. A key's passphrase is taken from TENON_SIGNING_PASSPHRASE.

Examples:
  tenon audit export -o audit.ndjson
  tenon audit export --head audit.head.json --key audit.pem`,
    )
    .action(async (options: AuditExportOptions) => {
      const { exportLog } = await import("../registry/export-log.ts");
      await exportLog(options);
    });
}
