/**
 * @file A call that the store refused. A batch is refused whole where one entry is wrong: its halves are sent apart until the wrong
 * entries are alone; the others arrive.
 */
import * as v from "valibot";
import { TrackingError, TrackingUnavailableError } from "./errors.ts";
import type { JournalEndpoint } from "./journal/journal-lines.ts";
import type { RefusedEntry, RefusedFile } from "./refused-file.ts";
import type { TrackingApi } from "./tracking-api.ts";

const entries = v.optional(v.array(v.looseObject({})), []);
const batchSchema = v.object({ run_id: v.string(), metrics: entries, params: entries, tags: entries });
const stageSchema = v.object({ run: v.object({ info: v.object({ lifecycle_stage: v.string() }) }) });

interface Entry {
  readonly list: "metrics" | "params" | "tags";
  readonly value: object;
}

const kinds = { metrics: "metric", params: "param", tags: "tag" } as const;

/**
 * Sends what can be sent of a refused call, and keeps the rest.
 * @throws {@link TrackingUnavailableError} where the store doesn't answer meanwhile: the whole may be tried again
 */
export async function salvage(
  api: TrackingApi,
  refused: RefusedFile,
  endpoint: JournalEndpoint,
  body: string,
  error: TrackingError,
): Promise<void> {
  const batch = v.safeParse(batchSchema, JSON.parse(body));
  if (endpoint !== "runs/log-batch" || !batch.success || !(await isActive(api, batch.output.run_id))) {
    refused.add([{ kind: `call of ${endpoint}`, entry: JSON.parse(body), reason: error.message }]);
    return;
  }
  const { run_id: runId } = batch.output;
  const all = (["params", "tags", "metrics"] as const).flatMap((list) =>
    batch.output[list].map((value): Entry => ({ list, value })),
  );
  const lost: RefusedEntry[] = [];
  await sendParts(all, error);
  refused.add(lost);

  async function sendParts(part: readonly Entry[], reason: TrackingError): Promise<void> {
    const [only] = part;
    if (part.length === 1 && only) {
      lost.push({ kind: kinds[only.list], entry: only.value, reason: reason.message });
      return;
    }
    const middle = Math.ceil(part.length / 2);
    for (const half of [part.slice(0, middle), part.slice(middle)]) {
      const failure = await send(half);
      if (failure) await sendParts(half, failure);
    }
  }

  async function send(part: readonly Entry[]): Promise<TrackingError | undefined> {
    const of = (list: Entry["list"]): unknown[] =>
      part.filter((entry) => entry.list === list).map(({ value }) => value);
    try {
      await api.ask("POST", endpoint, {
        run_id: runId,
        metrics: of("metrics"),
        params: of("params"),
        tags: of("tags"),
      });
      return undefined;
    } catch (error) {
      if (error instanceof TrackingUnavailableError || !(error instanceof TrackingError)) throw error;
      return error;
    }
  }
}

/** Whether the run is there and not deleted: else no part of a batch can arrive. */
async function isActive(api: TrackingApi, runId: string): Promise<boolean> {
  try {
    const answer = await api.ask("GET", "runs/get", { run_id: runId });
    return v.parse(stageSchema, answer).run.info.lifecycle_stage === "active";
  } catch (error) {
    if (error instanceof TrackingUnavailableError || !(error instanceof TrackingError)) throw error;
    return false;
  }
}
