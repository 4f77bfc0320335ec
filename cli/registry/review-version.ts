/** @file Does what `tenon review` is asked. */
import { GovernanceClient } from "../../ml/registry/governance/client.ts";
import type { ReviewOptions } from "../commands/promote.ts";
import { CommandFailure, exitCode } from "../failure.ts";
import { Terminal } from "../terminal.ts";
import { findVersion } from "./find-version.ts";
import { withStore } from "./with-store.ts";

/** Adds a review. @throws {CommandFailure} */
export async function reviewVersion(
  name: string,
  version: string,
  { approve, reject, comment, trackingUri }: ReviewOptions,
): Promise<void> {
  if ((approve === true) === (reject === true))
    throw new CommandFailure("give --approve or --reject", exitCode.usage);
  const verdict = approve === true ? "approve" : "reject";
  const [number, by] = await withStore(trackingUri, async (api) => {
    const found = await findVersion(api, name, version);
    return [found, await new GovernanceClient(api).review(name, found, verdict, comment)] as const;
  });
  const done = verdict === "approve" ? "Approved" : "Rejected";
  new Terminal(process.stdout).line(`${done} version ${number} of ${name} as ${by.name}`);
  if (!by.verified)
    new Terminal(process.stderr).line(
      "The name is unverified, so the review doesn't count for a policy: ask a server that knows its users.",
    );
}
