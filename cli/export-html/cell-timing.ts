/** @file When a cell ran and for how long, from the metadata that Jupyter's clients and papermill write. */
import * as v from "valibot";

const time = v.pipe(v.string(), v.isoTimestamp());

const metadataSchema = v.object({
  execution: v.optional(
    v.object({
      "iopub.status.busy": v.optional(time),
      "iopub.execute_input": v.optional(time),
      "shell.execute_reply": v.optional(time),
      "iopub.status.idle": v.optional(time),
    }),
  ),
  papermill: v.optional(
    v.object({ duration: v.optional(v.nullable(v.number())), end_time: v.optional(v.nullable(v.string())) }),
  ),
});

export interface CellTiming {
  readonly seconds: number;
  readonly end: Date;
}

/** A cell's timing; undefined when its metadata doesn't say. */
export function cellTiming(metadata: Readonly<Record<string, unknown>>): CellTiming | undefined {
  const parsed = v.safeParse(metadataSchema, metadata);
  if (!parsed.success) return undefined;
  const { execution, papermill } = parsed.output;
  const start = execution?.["iopub.execute_input"] ?? execution?.["iopub.status.busy"];
  const end = execution?.["shell.execute_reply"] ?? execution?.["iopub.status.idle"];
  if (start !== undefined && end !== undefined)
    return { seconds: Math.max(0, (Date.parse(end) - Date.parse(start)) / 1000), end: new Date(end) };
  const ended = new Date(papermill?.end_time ?? Number.NaN);
  if (typeof papermill?.duration !== "number" || Number.isNaN(ended.getTime())) return undefined;
  return { seconds: papermill.duration, end: ended };
}

/** A duration as people read it: `8 ms`, `1.2 s`, `3 min 20 s`. */
export function formatDuration(seconds: number): string {
  if (seconds < 0.0995) return `${Math.max(1, Math.round(seconds * 1000))} ms`;
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}
