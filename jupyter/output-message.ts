/** @file The IOPub messages that are a cell's outputs, as typed values. */
import * as v from "valibot";
import type { Message } from "./message.ts";

const dictionary = v.record(v.string(), v.unknown());
const metadata = v.optional(v.nullable(dictionary));
const transient = v.optional(v.nullable(v.looseObject({ display_id: v.optional(v.nullable(v.string())) })));

/** Data by MIME type. */
export type MimeBundle = Readonly<Record<string, unknown>>;

export interface StreamOutput {
  readonly type: "stream";
  readonly name: string;
  readonly text: string;
}

export interface DisplayOutput {
  readonly type: "display_data" | "update_display_data";
  readonly data: MimeBundle;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly displayId: string | undefined;
}

export interface ResultOutput {
  readonly type: "execute_result";
  readonly data: MimeBundle;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly executionCount: number | null;
  readonly displayId: string | undefined;
}

export interface ErrorOutput {
  readonly type: "error";
  readonly ename: string;
  readonly evalue: string;
  readonly traceback: readonly string[];
}

export interface ClearOutput {
  readonly type: "clear_output";
  readonly wait: boolean;
}

/** What a kernel sends to be shown under a cell. */
export type OutputMessage = StreamOutput | DisplayOutput | ResultOutput | ErrorOutput | ClearOutput;

const schemas = {
  stream: v.pipe(
    v.object({ name: v.optional(v.string(), "stdout"), text: v.string() }),
    v.transform((content): StreamOutput => ({ type: "stream", ...content })),
  ),
  display_data: displaySchema("display_data"),
  update_display_data: displaySchema("update_display_data"),
  execute_result: v.pipe(
    v.object({ data: dictionary, metadata, transient, execution_count: v.optional(v.nullable(v.number())) }),
    v.transform((content): ResultOutput => ({
      type: "execute_result",
      data: content.data,
      metadata: content.metadata ?? {},
      executionCount: content.execution_count ?? null,
      displayId: content.transient?.display_id ?? undefined,
    })),
  ),
  error: v.pipe(
    v.object({
      ename: v.optional(v.string(), "Error"),
      evalue: v.optional(v.string(), ""),
      traceback: v.optional(v.array(v.string()), []),
    }),
    v.transform((content): ErrorOutput => ({ type: "error", ...content })),
  ),
  clear_output: v.pipe(
    v.object({ wait: v.optional(v.boolean(), false) }),
    v.transform((content): ClearOutput => ({ type: "clear_output", ...content })),
  ),
} satisfies Record<string, v.GenericSchema<unknown, OutputMessage>>;

function displaySchema(type: DisplayOutput["type"]) {
  return v.pipe(
    v.object({ data: dictionary, metadata, transient }),
    v.transform((content): DisplayOutput => ({
      type,
      data: content.data,
      metadata: content.metadata ?? {},
      displayId: content.transient?.display_id ?? undefined,
    })),
  );
}

const outputTypes: Readonly<Record<string, v.GenericSchema<unknown, OutputMessage> | undefined>> = schemas;

/** The output that a message carries; `undefined` where it is another kind of message or malformed. */
export function parseOutputMessage(message: Message): OutputMessage | undefined {
  return parseOutput(message.header.msg_type, message.content);
}

/** As {@link parseOutputMessage}, of a message's type and content. */
export function parseOutput(type: string, content: unknown): OutputMessage | undefined {
  const schema = Object.hasOwn(outputTypes, type) ? outputTypes[type] : undefined;
  if (schema === undefined) return undefined;
  const result = v.safeParse(schema, content);
  return result.success ? result.output : undefined;
}
