/** @file Spans and log records in the JSON encoding of OTLP 1.x: ids in hexadecimal, times as texts of nanoseconds. */

/** What is said of a span, a record or the service. */
export type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;

/** A call as a trace shows it. */
export interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly start: number;
  readonly end: number;
  readonly attributes: Attributes;
  /** Why it failed; undefined where it didn't. */
  readonly error: string | undefined;
}

/** Something to be told. */
export interface LogRecord {
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly severity: "info" | "warn" | "error";
  readonly body: string;
  readonly attributes: Attributes;
  readonly traceId?: string | undefined;
  readonly spanId?: string | undefined;
}

const scope = { name: "tenon.serve" };
const serverKind = 2;
const errorStatus = 2;
const severities = { info: 9, warn: 13, error: 17 } as const;

/** The body of a request to `/v1/traces`. */
export function tracesBody(resource: Attributes, spans: readonly Span[]): object {
  return {
    resourceSpans: [
      {
        resource: { attributes: attributesOf(resource) },
        scopeSpans: [{ scope, spans: spans.map(spanBody) }],
      },
    ],
  };
}

/** The body of a request to `/v1/logs`. */
export function logsBody(resource: Attributes, records: readonly LogRecord[]): object {
  return {
    resourceLogs: [
      {
        resource: { attributes: attributesOf(resource) },
        scopeLogs: [{ scope, logRecords: records.map(recordBody) }],
      },
    ],
  };
}

function spanBody(span: Span): object {
  const { traceId, spanId, parentSpanId, name, start, end, attributes, error } = span;
  return {
    traceId,
    spanId,
    ...(parentSpanId !== undefined && { parentSpanId }),
    name,
    kind: serverKind,
    startTimeUnixNano: nanoseconds(start),
    endTimeUnixNano: nanoseconds(end),
    attributes: attributesOf(attributes),
    ...(error !== undefined && { status: { code: errorStatus, message: error } }),
  };
}

function recordBody({ time, severity, body, attributes, traceId, spanId }: LogRecord): object {
  return {
    timeUnixNano: nanoseconds(time),
    observedTimeUnixNano: nanoseconds(time),
    severityNumber: severities[severity],
    severityText: severity.toUpperCase(),
    body: { stringValue: body },
    attributes: attributesOf(attributes),
    ...(traceId !== undefined && { traceId }),
    ...(spanId !== undefined && { spanId }),
  };
}

function attributesOf(attributes: Attributes): object[] {
  return Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ({ key, value: valueBody(value) }));
}

function valueBody(value: string | number | boolean | undefined): object {
  if (typeof value === "string") return { stringValue: value };
  if (typeof value === "boolean") return { boolValue: value };
  return Number.isSafeInteger(value) ? { intValue: String(value) } : { doubleValue: value };
}

/** A number of nanoseconds since 1970 has more digits than a double holds: whole milliseconds and their rest are put together. */
function nanoseconds(milliseconds: number): string {
  const whole = Math.floor(milliseconds);
  return `${whole}${String(Math.floor((milliseconds - whole) * 1e6)).padStart(6, "0")}`;
}
