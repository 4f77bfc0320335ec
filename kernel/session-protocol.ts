/**
 * @file What the kernel tells an editor that comes back to it: which cells run, wait and have run, and their outputs
 * since. So a window may be loaded anew while cells run, and shows them as if it had been there.
 *
 * An execute request asks to be kept with {@link keepMetadata}. The editor opens a comm on {@link sessionTarget} with
 * {@link sessionRequestSchema} as its data; the kernel answers with one message, {@link sessionReplySchema}, and closes
 * the comm. The answer is in order with all other broadcasts: what an execution has published before it is in it, and
 * nothing of what comes after.
 */
import * as v from "valibot";

/** The comm target that editors open. */
export const sessionTarget = "tenon.session";

/** Raised when a message changes its meaning. */
export const sessionProtocolVersion = 1;

/** The metadata of an execute request whose outputs are to be kept for an editor that comes back. */
export const keepMetadata = { "tenon.keep": true } as const;

/**
 * The key in an execute request's metadata that names its batch: after a failed cell, those of its batch that are still
 * on their way do not run either.
 */
export const batchKey = "tenon.batch";

export { lingerVariable } from "./linger-variable.ts";

export const sessionRequestSchema = v.strictObject({
  version: v.number(),
  /** Seconds that the kernel goes on without a client, from now on; null for ever. Without it, as before. */
  linger: v.optional(v.nullable(v.pipe(v.number(), v.minValue(1)))),
  /**
   * The editor takes the place of one that has gone: it is told what runs, and asked what running cells ask. Without it
   * the lists of the answer are empty.
   */
  takeOver: v.optional(v.boolean(), false),
});
export type SessionRequest = v.InferInput<typeof sessionRequestSchema>;

const statusSchema = v.picklist(["ok", "error", "aborted"]);

/** One cell with what it has put out. */
export const keptExecutionSchema = v.strictObject({
  /** The execute request's message id. */
  id: v.string(),
  cellId: v.nullable(v.string()),
  code: v.string(),
  state: v.picklist(["waiting", "running", "ended"]),
  /** Milliseconds since 1970. */
  started: v.nullable(v.number()),
  ended: v.nullable(v.number()),
  count: v.nullable(v.number()),
  status: v.nullable(statusSchema),
  /** True where only outputs that came after the cell's end are here. */
  late: v.boolean(),
  /** The content and metadata of IOPub messages. Text of one stream is joined. */
  outputs: v.array(
    v.strictObject({
      type: v.string(),
      content: v.record(v.string(), v.unknown()),
    }),
  ),
  /** Bytes of outputs that were too many to keep. */
  dropped: v.number(),
});
export type KeptExecution = v.InferOutput<typeof keptExecutionSchema>;

/** One cell that has run, without what it put out. What is optional, older kernels don't say. */
export const pastExecutionSchema = v.strictObject({
  /** The execute request's message id. */
  id: v.optional(v.string()),
  cellId: v.nullable(v.string()),
  code: v.string(),
  status: statusSchema,
  count: v.optional(v.number()),
  /**
   * The display ids of its outputs that are MIME bundles, in their order; null for those without one. Absent where none of
   * them has one.
   */
  displays: v.optional(v.array(v.nullable(v.string()))),
});
export type PastExecution = v.InferOutput<typeof pastExecutionSchema>;

export const sessionReplySchema = v.variant("type", [
  v.strictObject({
    type: v.literal("session"),
    version: v.number(),
    /** In the order in which they were asked for. */
    executions: v.array(keptExecutionSchema),
    /** The cells that have run before, oldest first. */
    past: v.array(pastExecutionSchema),
    /** The comms that cells have opened and that are open, with the ids of the execute requests. */
    comms: v.optional(v.array(v.strictObject({ comm: v.string(), run: v.string() })), []),
    /** What a cell asks the user and nobody has answered. */
    input: v.nullable(v.strictObject({ id: v.string(), prompt: v.string(), password: v.boolean() })),
  }),
  v.strictObject({ type: v.literal("error"), message: v.string() }),
]);
export type SessionReply = v.InferOutput<typeof sessionReplySchema>;
