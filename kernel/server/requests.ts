/** @file The contents of the requests that the kernel answers, parsed. */
import * as v from "valibot";

/** A request whose content does not have the fields that the specification asks for. */
export class BadRequestError extends Error {
  override readonly name = "BadRequestError";
}

const dictionary = v.record(v.string(), v.unknown());

export const executeRequest = v.object({
  code: v.string(),
  silent: v.optional(v.boolean(), false),
  store_history: v.optional(v.boolean(), true),
  user_expressions: v.optional(v.nullable(v.record(v.string(), v.string())), {}),
  allow_stdin: v.optional(v.boolean(), false),
  stop_on_error: v.optional(v.boolean(), true),
});
export type ExecuteRequest = v.InferOutput<typeof executeRequest>;

export const inspectRequest = v.object({
  code: v.string(),
  cursor_pos: v.pipe(v.number(), v.integer(), v.minValue(0)),
  detail_level: v.optional(v.picklist([0, 1]), 0),
});

export const completeRequest = v.object({
  code: v.string(),
  cursor_pos: v.pipe(v.number(), v.integer(), v.minValue(0)),
});

export const isCompleteRequest = v.object({ code: v.string() });

export const historyRequest = v.object({
  output: v.optional(v.boolean(), false),
  raw: v.optional(v.boolean(), true),
  hist_access_type: v.picklist(["range", "tail", "search"]),
  session: v.optional(v.nullable(v.number())),
  start: v.optional(v.nullable(v.number())),
  stop: v.optional(v.nullable(v.number())),
  n: v.optional(v.nullable(v.number())),
  pattern: v.optional(v.nullable(v.string())),
  unique: v.optional(v.nullable(v.boolean())),
});
export type HistoryRequest = v.InferOutput<typeof historyRequest>;

export const commInfoRequest = v.object({ target_name: v.optional(v.nullable(v.string())) });

export const commOpen = v.object({
  comm_id: v.string(),
  target_name: v.string(),
  data: v.optional(dictionary, {}),
});
export const commMessage = v.object({ comm_id: v.string(), data: v.optional(dictionary, {}) });

export const shutdownRequest = v.object({ restart: v.optional(v.boolean(), false) });

export const subshellRequest = v.object({ subshell_id: v.string() });

export const inputReply = v.object({ value: v.string() });

/** Parses a request's content. @throws {BadRequestError} naming the field. */
export function parseContent<T>(schema: v.GenericSchema<unknown, T>, content: unknown): T {
  const result = v.safeParse(schema, content);
  if (result.success) return result.output;
  const issue = result.issues[0];
  throw new BadRequestError(`${v.getDotPath(issue) ?? "content"}: ${issue.message}`);
}
