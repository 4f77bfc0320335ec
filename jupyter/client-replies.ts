/** @file The kernel's replies as typed values. Unknown fields are kept. */
import * as v from "valibot";
import { UnexpectedReplyError } from "./client-errors.ts";
import type { Message } from "./message.ts";

const dictionary = v.record(v.string(), v.unknown());
const failure = {
  ename: v.optional(v.string(), "Error"),
  evalue: v.optional(v.string(), ""),
  traceback: v.optional(v.array(v.string()), []),
};
const executionCount = v.optional(v.nullable(v.number()), null);

export const executeReplySchema = v.union([
  v.looseObject({
    status: v.literal("ok"),
    execution_count: executionCount,
    user_expressions: v.nullish(dictionary),
  }),
  v.looseObject({ status: v.literal("error"), execution_count: executionCount, ...failure }),
  v.pipe(
    v.looseObject({ status: v.picklist(["aborted", "abort"]), execution_count: executionCount }),
    v.transform((reply) => ({ ...reply, status: "aborted" as const })),
  ),
]);
export type ExecuteReply = v.InferOutput<typeof executeReplySchema>;

export const kernelInfoSchema = v.looseObject({
  protocol_version: v.optional(v.string(), "5.0"),
  implementation: v.optional(v.string(), ""),
  implementation_version: v.optional(v.string(), ""),
  banner: v.optional(v.string(), ""),
  language_info: v.looseObject({ name: v.string(), version: v.optional(v.string(), "") }),
  supported_features: v.nullish(v.array(v.string())),
  debugger: v.nullish(v.boolean()),
});
export type KernelInfo = v.InferOutput<typeof kernelInfoSchema>;

export const completeReplySchema = v.looseObject({
  status: v.optional(v.string(), "ok"),
  matches: v.array(v.string()),
  cursor_start: v.number(),
  cursor_end: v.number(),
  metadata: v.nullish(dictionary),
});
export type CompleteReply = v.InferOutput<typeof completeReplySchema>;

export const inspectReplySchema = v.looseObject({
  status: v.optional(v.string(), "ok"),
  found: v.optional(v.boolean(), false),
  data: v.optional(dictionary, {}),
  metadata: v.nullish(dictionary),
});
export type InspectReply = v.InferOutput<typeof inspectReplySchema>;

export const isCompleteReplySchema = v.looseObject({
  status: v.picklist(["complete", "incomplete", "invalid", "unknown"]),
  indent: v.optional(v.string(), ""),
});
export type IsCompleteReply = v.InferOutput<typeof isCompleteReplySchema>;

export const historyReplySchema = v.looseObject({
  status: v.optional(v.string(), "ok"),
  history: v.array(v.tuple([v.number(), v.number(), v.union([v.string(), v.array(v.nullable(v.string()))])])),
});
export type HistoryReply = v.InferOutput<typeof historyReplySchema>;

export const commInfoReplySchema = v.looseObject({
  status: v.optional(v.string(), "ok"),
  comms: v.record(v.string(), v.looseObject({ target_name: v.string() })),
});
export type CommInfoReply = v.InferOutput<typeof commInfoReplySchema>;

/** Any control reply: its status and whatever else it has. */
export const statusReplySchema = v.looseObject({ status: v.optional(v.string(), "ok") });
export type StatusReply = v.InferOutput<typeof statusReplySchema>;

export const createSubshellReplySchema = v.looseObject({ subshell_id: v.string() });
export const listSubshellReplySchema = v.looseObject({ subshell_id: v.array(v.string()) });

/** Reads a reply's content. @throws {UnexpectedReplyError} with the kernel's error where it has one. */
export function parseReply<T>(schema: v.GenericSchema<unknown, T>, message: Message): T {
  const result = v.safeParse(schema, message.content);
  if (result.success) return result.output;
  const { status, evalue } = message.content;
  const reason =
    status === "error" && typeof evalue === "string"
      ? evalue
      : `${v.getDotPath(result.issues[0]) ?? "content"}: ${result.issues[0].message}`;
  throw new UnexpectedReplyError(`${message.header.msg_type}: ${reason}`);
}
