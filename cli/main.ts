#!/usr/bin/env node
/**
 * @file The `tenon` command.
 *
 * Commands say here what they take and load what they do when they are asked for, so that help is instant.
 * Exit codes: 0 for success, 1 where what was asked for failed, 2 for a wrong command line.
 */
import { Command, CommanderError } from "commander";
import "../ml/no-telemetry.ts";
import { auditCommand } from "./commands/audit.ts";
import { dataCommand } from "./commands/data.ts";
import { doctorCommand } from "./commands/doctor.ts";
import { decryptCommand, encryptCommand } from "./commands/encrypt.ts";
import { exportCommand } from "./commands/export.ts";
import { gpuCommand } from "./commands/gpu.ts";
import { imageCommand } from "./commands/image.ts";
import { importCommand } from "./commands/import.ts";
import { kernelCommand } from "./commands/kernel.ts";
import { modelsCommand, registerCommand } from "./commands/models.ts";
import { clientCommand, packageCommand } from "./commands/package.ts";
import { demoteCommand, promoteCommand, reviewCommand, rollbackCommand } from "./commands/promote.ts";
import { runCommand } from "./commands/run.ts";
import { runsCommand } from "./commands/runs.ts";
import { signCommand } from "./commands/sign.ts";
import { serveCommand } from "./commands/serve.ts";
import { serverCommand } from "./commands/server.ts";
import { typesCommand } from "./commands/types.ts";
import { verifyCommand } from "./commands/verify.ts";
import { CommandFailure, exitCode } from "./failure.ts";
import { findInstallation } from "./installation.ts";
import { Terminal } from "./terminal.ts";

const program = new Command("tenon")
  .description("TypeScript notebooks that train, package and serve models.")
  .version(findInstallation().version, "-V, --version", "print the version")
  .helpOption("-h, --help", "print this help")
  .addHelpText(
    "after",
    `
Examples:
  tenon run analysis.ipynb
  tenon run train.ipynb --param epochs=5 --html report.html
  tenon export html analysis.ipynb
  tenon types data/flights.parquet
  tenon data validate flights.suite.json flights.parquet
  tenon data profile flights.parquet -o flights.html
  tenon package risk.json --out models/risk --rows loans.parquet
  tenon image build dist -o image --model flights=model -- /usr/local/bin/node /app/main.js
  tenon sign model --key key.pem
  tenon serve models/risk
  tenon server
  tenon runs list
  tenon promote risk 3 --alias champion
  tenon kernel install
  tenon doctor

Exit codes: 0 success, 1 failure, 2 wrong usage, 130 ended by Ctrl-C.
\`tenon COMMAND --help\` tells more about a command.`,
  )
  .showSuggestionAfterError()
  .showHelpAfterError("(--help tells what there is)");
for (const command of [
  runCommand(),
  exportCommand(),
  importCommand(),
  typesCommand(),
  dataCommand(),
  packageCommand(),
  clientCommand(),
  imageCommand(),
  signCommand(),
  verifyCommand(),
  encryptCommand(),
  decryptCommand(),
  serveCommand(),
  serverCommand(),
  runsCommand(),
  modelsCommand(),
  registerCommand(),
  reviewCommand(),
  promoteCommand(),
  demoteCommand(),
  rollbackCommand(),
  auditCommand(),
  kernelCommand(),
  gpuCommand(),
  doctorCommand(),
])
  program.addCommand(command);
throwOnExit(program);

/** Lets the error handling below decide the exit code. */
function throwOnExit(command: Command): void {
  command.exitOverride();
  for (const child of command.commands) {
    child.copyInheritedSettings(command);
    throwOnExit(child);
  }
}

try {
  // On Electron run as a Node, which has an argument more than Electron alone.
  await program.parseAsync(process.argv, { from: "node" });
} catch (error) {
  process.exitCode = report(error);
}

function report(error: unknown): number {
  // Commander has printed its message.
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCode.ok : exitCode.usage;
  const terminal = new Terminal(process.stderr);
  const label = terminal.style("red", "error:");
  if (error instanceof CommandFailure) {
    terminal.line(`${label} ${error.message}`);
    return error.exitCode;
  }
  terminal.line(`${label} ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  return exitCode.failed;
}
