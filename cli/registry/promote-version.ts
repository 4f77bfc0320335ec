/** @file Does what `tenon promote` is asked. */
import { GovernanceClient } from "../../ml/registry/governance/client.ts";
import type { PromoteOptions } from "../commands/promote.ts";
import { exitCode } from "../failure.ts";
import { printJson } from "../print-json.ts";
import { Terminal } from "../terminal.ts";
import { plainCell } from "../text-table.ts";
import { findVersion } from "./find-version.ts";
import { withStore } from "./with-store.ts";

/** Promotes a version, or tells what speaks against it; resolves with the exit code. @throws {CommandFailure} */
export async function promoteVersion(
  name: string,
  version: string,
  { alias, check, json, trackingUri }: PromoteOptions,
): Promise<number> {
  const [number, answer] = await withStore(trackingUri, async (api) => {
    const found = await findVersion(api, name, version);
    const client = new GovernanceClient(api);
    return [
      found,
      await (check === true ? client.check(name, found, alias) : client.promote(name, found, alias)),
    ] as const;
  });
  const terminal = new Terminal(process.stdout);
  const { allowed, objections, holder, rules } = answer;
  if (json === true) printJson(terminal, { name, version: number, alias, ...answer });
  else if (allowed) {
    const before = holder === undefined || holder === number ? "" : ` (before: version ${holder})`;
    terminal.line(
      check === true
        ? `${terminal.style("green", "✓")} @${alias} of ${name} may point to version ${number}${rules === 0 ? ": no rule is about it" : ""}`
        : `@${alias} of ${name} points to version ${number}${before}`,
    );
  } else {
    terminal.line(`The policy refuses @${alias} for version ${number} of ${name}:`);
    for (const { message } of objections)
      terminal.line(`  ${terminal.style("red", "✗")} ${plainCell(message)}`);
  }
  return allowed ? exitCode.ok : exitCode.failed;
}
