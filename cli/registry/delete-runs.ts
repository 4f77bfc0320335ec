/** @file Does what `tenon runs delete` is asked. */
import type { StoreCommandOptions } from "../commands/store-options.ts";
import { Terminal } from "../terminal.ts";
import { withStore } from "./with-store.ts";

/** Deletes runs, one after another: those before one that is refused are deleted. @throws {CommandFailure} */
export async function deleteRuns(
  ids: readonly string[],
  { trackingUri }: StoreCommandOptions,
): Promise<void> {
  const terminal = new Terminal(process.stdout);
  await withStore(trackingUri, async (api) => {
    for (const id of ids) {
      await api.ask("POST", "runs/delete", { run_id: id });
      terminal.line(`Deleted ${id}`);
    }
  });
}
