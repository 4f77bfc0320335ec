/** @file The Debug Adapter Protocol's messages as far as the relay reads them; the rest passes through as it came. */
import * as v from "valibot";

export const sourceSchema = v.looseObject({
  name: v.optional(v.string()),
  path: v.optional(v.string()),
  sourceReference: v.optional(v.number()),
});
export type Source = v.InferOutput<typeof sourceSchema>;

export const requestedBreakpointSchema = v.looseObject({ line: v.number() });
export type RequestedBreakpoint = v.InferOutput<typeof requestedBreakpointSchema>;

export const breakpointSchema = v.looseObject({
  id: v.optional(v.number()),
  verified: v.boolean(),
  message: v.optional(v.string()),
  source: v.optional(sourceSchema),
});
export type Breakpoint = v.InferOutput<typeof breakpointSchema>;

export const breakpointsBodySchema = v.looseObject({ breakpoints: v.array(breakpointSchema) });

/** What the editor sends. */
export const requestSchema = v.looseObject({
  seq: v.number(),
  type: v.literal("request"),
  command: v.string(),
  arguments: v.optional(v.record(v.string(), v.unknown()), {}),
});
export type Request = v.InferOutput<typeof requestSchema>;

export const setBreakpointsSchema = v.looseObject({
  source: sourceSchema,
  breakpoints: v.optional(v.array(requestedBreakpointSchema), []),
});

export const withSourceSchema = v.looseObject({ source: v.optional(sourceSchema, {}) });

/** What the kernel answers. */
export const responseSchema = v.looseObject({
  success: v.boolean(),
  message: v.optional(v.string()),
  body: v.optional(v.record(v.string(), v.unknown())),
});
export type Response = v.InferOutput<typeof responseSchema>;

/** What the kernel tells without having been asked. */
export const eventSchema = v.looseObject({
  type: v.literal("event"),
  event: v.string(),
  body: v.optional(v.record(v.string(), v.unknown()), {}),
});
export type Event = v.InferOutput<typeof eventSchema>;

export const breakpointEventSchema = v.looseObject({ breakpoint: breakpointSchema });

export const debugInfoSchema = v.looseObject({
  tmpFilePrefix: v.string(),
  tmpFileSuffix: v.string(),
  stoppedThreads: v.array(v.number()),
});

/** Sends a request to the kernel and resolves with the response's body. @throws {DebugRequestError} */
export type Ask = (
  command: string,
  args?: Readonly<Record<string, unknown>>,
) => Promise<Readonly<Record<string, unknown>>>;

/** The kernel's debugger refused a request; the message is the kernel's own, for the user. */
export class DebugRequestError extends Error {
  override readonly name = "DebugRequestError";
}

/** Replaces each `source` that has a path, at any depth. */
export async function mapSources(
  value: unknown,
  replace: (source: Source) => Promise<Source>,
): Promise<unknown> {
  if (Array.isArray(value)) return await Promise.all(value.map((each) => mapSources(each, replace)));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(async ([key, each]: [string, unknown]) => {
    const source = key === "source" ? v.safeParse(sourceSchema, each) : undefined;
    if (source?.success === true && source.output.path !== undefined)
      return [key, await replace(source.output)] as const;
    return [key, await mapSources(each, replace)] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}
