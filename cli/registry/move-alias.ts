/** @file Does what `tenon demote` and `tenon rollback` are asked. */
import { GovernanceClient } from "../../ml/registry/governance/client.ts";
import type { AliasOptions } from "../commands/promote.ts";
import { Terminal } from "../terminal.ts";
import { withStore } from "./with-store.ts";

/** Takes an alias away. @throws {CommandFailure} */
export async function demote(name: string, { alias, trackingUri }: AliasOptions): Promise<void> {
  await withStore(trackingUri, async (api) => new GovernanceClient(api).demote(name, alias));
  new Terminal(process.stdout).line(`@${alias} of ${name} points to no version`);
}

/** Moves an alias back. @throws {CommandFailure} */
export async function rollback(name: string, { alias, trackingUri }: AliasOptions): Promise<void> {
  const { from, to } = await withStore(trackingUri, async (api) =>
    new GovernanceClient(api).rollBack(name, alias),
  );
  const before = from === undefined ? "" : ` (before: version ${from})`;
  new Terminal(process.stdout).line(`@${alias} of ${name} points to version ${to}${before}`);
}
