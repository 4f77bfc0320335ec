/** @file Jupyter messages (messaging specification 5.5) as values; no sockets here. */

export const protocolVersion = "5.5";

export type Channel = "shell" | "control" | "iopub" | "stdin";

export interface MessageHeader {
  readonly msg_id: string;
  readonly msg_type: string;
  readonly session: string;
  readonly username: string;
  /** ISO 8601. */
  readonly date: string;
  readonly version: string;
  readonly subshell_id?: string | null | undefined;
}

/** A message as it travels; `identities` are the ROUTER socket's routing frames, or the topic on IOPub. */
export interface Message {
  readonly identities: readonly Buffer[];
  readonly header: MessageHeader;
  readonly parentHeader: MessageHeader | Record<string, never>;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly content: Readonly<Record<string, unknown>>;
  readonly buffers: readonly Buffer[];
}

/** The id of the message that this one answers. */
export function parentId(message: Message): string | undefined {
  const { msg_id: id } = message.parentHeader;
  return typeof id === "string" ? id : undefined;
}
