/**
 * @file The lines of a journal: eight hexadecimal digits of the CRC-32 of what follows the space, and JSON. A line that was torn by
 * the end of the process, or damaged later, is told by its checksum.
 */
import { crc32 } from "node:zlib";
import * as v from "valibot";

/** Calls that a journal may hold: they are made again without harm. */
export const journalEndpoints = ["runs/log-batch", "runs/log-inputs", "runs/outputs", "runs/update"] as const;
export type JournalEndpoint = (typeof journalEndpoints)[number];

const recordSchema = v.variant("kind", [
  /** The first line: what the journal is of. */
  v.object({
    kind: v.literal("open"),
    version: v.literal(1),
    trackingUri: v.string(),
    runId: v.pipe(v.string(), v.regex(/^[a-zA-Z0-9][\w-]{0,255}$/)),
  }),
  /** A call to the store; `body` is its JSON. */
  v.object({
    kind: v.literal("call"),
    seq: v.pipe(v.number(), v.safeInteger()),
    endpoint: v.picklist(journalEndpoints),
    body: v.record(v.string(), v.unknown()),
  }),
  /** All calls up to this one were made. */
  v.object({ kind: v.literal("done"), seq: v.pipe(v.number(), v.safeInteger()) }),
]);
export type JournalRecord = v.InferOutput<typeof recordSchema>;
export type OpenRecord = JournalRecord & { readonly kind: "open" };

/** The first line of a journal. */
export function openLine(trackingUri: string, runId: string): string {
  return lineOf(JSON.stringify({ kind: "open", version: 1, trackingUri, runId } satisfies OpenRecord));
}

/** The line of a call whose body is JSON already. */
export function callLine(seq: number, endpoint: JournalEndpoint, body: string): string {
  return lineOf(`{"kind":"call","seq":${seq},"endpoint":"${endpoint}","body":${body}}`);
}

/** The line that says that the calls up to one were made. */
export function doneLine(seq: number): string {
  return lineOf(`{"kind":"done","seq":${seq}}`);
}

function lineOf(json: string): string {
  return `${crc32(json).toString(16).padStart(8, "0")} ${json}\n`;
}

/** What a line says; nothing where it is torn, damaged or unknown. */
export function parseLine(line: string): JournalRecord | undefined {
  const json = line.slice(9);
  if (!/^[0-9a-f]{8} /.test(line) || crc32(json) !== Number.parseInt(line.slice(0, 8), 16)) return undefined;
  try {
    return v.parse(recordSchema, JSON.parse(json));
  } catch {
    return undefined;
  }
}
