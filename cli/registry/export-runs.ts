/** @file Does what `tenon runs export` is asked. */
import { exportRunToJson } from "../../ml/track/export/json.ts";
import { exportRunToTensorBoard } from "../../ml/track/export/tensorboard.ts";
import { exportRunToWandb } from "../../ml/track/export/wandb.ts";
import type { RunsExportOptions } from "../commands/runs.ts";
import { Terminal } from "../terminal.ts";
import { withStore } from "./with-store.ts";

/** Writes runs one after another, and prints where each is. @throws {CommandFailure} */
export async function exportRuns(
  ids: readonly string[],
  { trackingUri, format, out, project }: RunsExportOptions,
): Promise<void> {
  const store = trackingUri === undefined ? {} : { trackingUri };
  const write = async (id: string): Promise<string> => {
    if (format === "tensorboard") return await exportRunToTensorBoard(id, out, store);
    if (format === "json") return await exportRunToJson(id, out, store);
    return await exportRunToWandb(id, out, { ...store, ...(project !== undefined && { project }) });
  };
  const terminal = new Terminal(process.stdout);
  await withStore(trackingUri, async () => {
    for (const id of ids) terminal.line(await write(id));
  });
}
