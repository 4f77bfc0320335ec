/** @file What a supervisor and its workers say to each other. Both are of one release: the supervisor starts its own program. */
import * as v from "valibot";
import type { MetricSnapshot } from "../observe/metrics.ts";
import { rulesSchema, type TrafficRules } from "../traffic/rules.ts";

/** What a worker says. */
export type WorkerMessage =
  /** It answers calls at an address. */
  | { readonly kind: "ready"; readonly url: string }
  /** How much memory it takes, in bytes. */
  | { readonly kind: "memory"; readonly bytes: number }
  /** It wants the metrics of all. */
  | { readonly kind: "collect"; readonly id: number }
  /** Its own metrics, as they were asked for. */
  | { readonly kind: "report"; readonly id: number; readonly metrics: readonly MetricSnapshot[] }
  /** It takes no more connections and has answered all. */
  | { readonly kind: "drained" }
  /** Something that all should do. */
  | { readonly kind: "share"; readonly news: SharedNews };

/** What a supervisor says. */
export type SupervisorMessage =
  | { readonly kind: "report"; readonly id: number }
  | { readonly kind: "collected"; readonly id: number; readonly metrics: readonly MetricSnapshot[] }
  | { readonly kind: "share"; readonly news: SharedNews }
  /** It should answer what it has and end. */
  | { readonly kind: "drain" }
  /** Whatever was on its way to it has come: it can end. */
  | { readonly kind: "end" };

/** What one worker was told and all must know. */
export type SharedNews =
  | { readonly kind: "traffic"; readonly rules: TrafficRules }
  | { readonly kind: "invalidate"; readonly model: string; readonly version?: string | undefined };

const labels = v.record(v.string(), v.string());
const metricsSchema = v.array(
  v.object({
    name: v.string(),
    help: v.string(),
    kind: v.picklist(["counter", "gauge", "histogram"]),
    merge: v.picklist(["sum", "max"]),
    series: v.array(
      v.union([
        v.object({ labels, bounds: v.array(v.number()), counts: v.array(v.number()), sum: v.number() }),
        // JSON has no infinite numbers and no NaN.
        v.object({ labels, value: v.nullable(v.number(), Number.NaN) }),
      ]),
    ),
  }),
);

const newsSchema = v.variant("kind", [
  v.object({ kind: v.literal("traffic"), rules: rulesSchema }),
  v.object({
    kind: v.literal("invalidate"),
    model: v.string(),
    version: v.optional(v.string()),
  }),
]);

const share = v.object({ kind: v.literal("share"), news: newsSchema });

const workerSchema = v.variant("kind", [
  v.object({ kind: v.literal("ready"), url: v.string() }),
  v.object({ kind: v.literal("memory"), bytes: v.number() }),
  v.object({ kind: v.literal("drained") }),
  v.object({ kind: v.literal("collect"), id: v.number() }),
  v.object({ kind: v.literal("report"), id: v.number(), metrics: metricsSchema }),
  share,
]);

const supervisorSchema = v.variant("kind", [
  v.object({ kind: v.literal("report"), id: v.number() }),
  v.object({ kind: v.literal("collected"), id: v.number(), metrics: metricsSchema }),
  share,
  v.object({ kind: v.literal("drain") }),
  v.object({ kind: v.literal("end") }),
]);

/** A worker's message; undefined for anything else that comes through the channel. */
export function parseWorkerMessage(input: unknown): WorkerMessage | undefined {
  const result = v.safeParse(workerSchema, input);
  return result.success ? result.output : undefined;
}

/** A supervisor's message; undefined for anything else. */
export function parseSupervisorMessage(input: unknown): SupervisorMessage | undefined {
  const result = v.safeParse(supervisorSchema, input);
  return result.success ? result.output : undefined;
}
