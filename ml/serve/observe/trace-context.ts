/** @file The W3C trace context, level 1: which trace a call is part of. */
import { randomBytes } from "node:crypto";

/** Where a call stands in a trace. */
export interface TraceParent {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** The caller's span, 16 hexadecimal digits. */
  readonly spanId: string;
  readonly isSampled: boolean;
}

const pattern = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;

/** The trace context of a header `traceparent`; undefined for what the specification says to pass over. */
export function parseTraceparent(header: string): TraceParent | undefined {
  const [, version, traceId = "", spanId = "", flags = "", rest] = pattern.exec(header.trim()) ?? [];
  if (version === undefined || version === "ff" || (version === "00" && rest !== undefined)) return undefined;
  if (/^0+$/.test(traceId) || /^0+$/.test(spanId)) return undefined;
  return { traceId, spanId, isSampled: (Number.parseInt(flags, 16) & 1) === 1 };
}

/** The header of a trace context. */
export function traceparentOf({ traceId, spanId, isSampled }: TraceParent): string {
  return `00-${traceId}-${spanId}-${isSampled ? "01" : "00"}`;
}

/** A new trace's id. */
export function newTraceId(): string {
  return randomId(16);
}

/** A new span's id. */
export function newSpanId(): string {
  return randomId(8);
}

/** All zeros are no id. */
function randomId(bytes: number): string {
  for (;;) {
    const id = randomBytes(bytes);
    if (id.some((byte) => byte !== 0)) return id.toString("hex");
  }
}
