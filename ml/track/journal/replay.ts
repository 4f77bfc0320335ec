/**
 * @file Journals that processes have left which are gone: what their stores haven't answered is sent, and runs that were never ended
 * are marked as killed.
 */
import { createReadStream } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { createInterface } from "node:readline";
import * as v from "valibot";
import { TrackingError, TrackingUnavailableError } from "../errors.ts";
import { RefusedFile } from "../refused-file.ts";
import { salvage } from "../salvage.ts";
import type { TrackingApi } from "../tracking-api.ts";
import { warn } from "../warn.ts";
import { claimJournal, findJournals } from "./journal-folder.ts";
import { type JournalRecord, type OpenRecord, parseLine } from "./journal-lines.ts";

/** What was found in the journals. */
export interface Replayed {
  /** Runs whose journals are sent and gone. */
  readonly runs: number;
  /** Calls that were made again. */
  readonly calls: number;
  /** Lines that were torn or damaged. */
  readonly damaged: number;
}

const statusSchema = v.object({
  run: v.object({ info: v.object({ status: v.string(), lifecycle_stage: v.string() }) }),
});

/**
 * Sends what the journals of dead processes hold.
 * @throws {@link TrackingUnavailableError} where the store doesn't answer: the journals stay for the next time
 */
export async function replayFolder(api: TrackingApi, folder: string): Promise<Replayed> {
  const total = { runs: 0, calls: 0, damaged: 0 };
  const journals = await findJournals(folder);
  for (const journal of journals) {
    if (journal.isAlive) continue;
    const path = await claimJournal(journal);
    if (path === undefined) continue;
    try {
      const { calls, damaged, ended } = await replayFile(api, folder, path);
      const others = journals.some((other) => other.runId === journal.runId && other.isAlive);
      if (!ended && !others) await markKilled(api, journal.runId);
      total.calls += calls;
      total.damaged += damaged;
      total.runs += 1;
    } catch (error) {
      // For the next time, and for others.
      await rename(path, journal.path).catch(() => {});
      throw error;
    }
    await rm(path, { force: true });
  }
  return total;
}

async function replayFile(
  api: TrackingApi,
  folder: string,
  path: string,
): Promise<{ calls: number; damaged: number; ended: boolean }> {
  // Which calls were made stands behind them: the file is read twice, and never held whole.
  let done = 0;
  let damaged = 0;
  let opened: OpenRecord | undefined;
  let ended = false;
  for await (const record of records(path)) {
    if (record === undefined) damaged += 1;
    else if (record.kind === "done") done = Math.max(done, record.seq);
    else if (record.kind === "open") opened ??= record;
    else ended = record.endpoint === "runs/update";
  }
  if (damaged > 0) warn(`${damaged} lines of the journal ${path} are torn or damaged: they are left out`);
  if (!opened) return { calls: 0, damaged, ended: true };
  const refused = new RefusedFile(folder, opened.runId);
  let calls = 0;
  for await (const record of records(path)) {
    if (record?.kind !== "call" || record.seq <= done) continue;
    const body = JSON.stringify(record.body);
    try {
      await api.ask("POST", record.endpoint, body);
    } catch (error) {
      if (error instanceof TrackingUnavailableError || !(error instanceof TrackingError)) throw error;
      await salvage(api, refused, record.endpoint, body, error);
    }
    calls += 1;
  }
  return { calls, damaged, ended };
}

/** The records of a file; nothing for a line that is torn or damaged. */
async function* records(path: string): AsyncGenerator<JournalRecord | undefined> {
  const stream = createReadStream(path, "utf8");
  for await (const line of createInterface({ input: stream, crlfDelay: Infinity }))
    if (line !== "") yield parseLine(line);
}

async function markKilled(api: TrackingApi, runId: string): Promise<void> {
  try {
    const { run } = v.parse(statusSchema, await api.ask("GET", "runs/get", { run_id: runId }));
    if (run.info.status !== "RUNNING" || run.info.lifecycle_stage !== "active") return;
    await api.ask("POST", "runs/update", { run_id: runId, status: "KILLED", end_time: Date.now() });
  } catch (error) {
    if (error instanceof TrackingUnavailableError || !(error instanceof TrackingError)) throw error;
  }
}
