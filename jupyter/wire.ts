/**
 * @file The Jupyter wire protocol: a message as ZeroMQ frames, signed with HMAC-SHA256.
 *
 * Frames: identities…, `<IDS|MSG>`, signature, header, parent header, metadata, content, buffers….
 * Invariant: what {@link decodeMessage} returns had a valid signature and JSON objects in its four dictionaries.
 */
import { createHmac, randomUUID, timingSafeEqual } from "node:crypto";
import * as v from "valibot";
import { type Message, type MessageHeader, protocolVersion } from "./message.ts";

const delimiter = Buffer.from("<IDS|MSG>");

/** The frames are not a Jupyter message. */
export class MalformedMessageError extends Error {
  override readonly name = "MalformedMessageError";
}

/** The message is not signed with this kernel's key. */
export class BadSignatureError extends Error {
  override readonly name = "BadSignatureError";
}

/** Signs and verifies messages. An empty key turns signing off, as the protocol has it. */
export class MessageSigner {
  readonly #key: string;

  constructor(key: string) {
    this.#key = key;
  }

  /** The hexadecimal signature of the frames, or "" without a key. */
  sign(frames: readonly Uint8Array[]): string {
    if (this.#key === "") return "";
    const hmac = createHmac("sha256", this.#key);
    for (const frame of frames) hmac.update(frame);
    return hmac.digest("hex");
  }

  /** Whether `signature` is that of the frames; compares in constant time. */
  verify(signature: Buffer, frames: readonly Uint8Array[]): boolean {
    if (this.#key === "") return true;
    const expected = Buffer.from(this.sign(frames));
    return signature.length === expected.length && timingSafeEqual(signature, expected);
  }
}

const headerSchema = v.looseObject({
  msg_id: v.string(),
  msg_type: v.string(),
  session: v.optional(v.string(), ""),
  username: v.optional(v.string(), ""),
  date: v.optional(v.string(), ""),
  version: v.optional(v.string(), protocolVersion),
  subshell_id: v.nullish(v.string()),
});
const parentSchema = v.union([headerSchema, v.object({})]);
const dictionarySchema = v.record(v.string(), v.unknown());

/** A fresh header of this process. */
export function createHeader(type: string, session: string, username = "tenon"): MessageHeader {
  return {
    msg_id: randomUUID(),
    msg_type: type,
    session,
    username,
    date: new Date().toISOString(),
    version: protocolVersion,
  };
}

/** The ZeroMQ frames of a message. */
export function encodeMessage(message: Message, signer: MessageSigner): Buffer[] {
  const parts = [
    Buffer.from(JSON.stringify(message.header)),
    Buffer.from(JSON.stringify(message.parentHeader)),
    Buffer.from(JSON.stringify(message.metadata)),
    Buffer.from(JSON.stringify(message.content)),
  ];
  return [...message.identities, delimiter, Buffer.from(signer.sign(parts)), ...parts, ...message.buffers];
}

/**
 * Reads a message from ZeroMQ frames.
 * @throws {MalformedMessageError} where the frames are no Jupyter message.
 * @throws {BadSignatureError} where the signature is wrong.
 */
export function decodeMessage(frames: readonly Buffer[], signer: MessageSigner): Message {
  const at = frames.findIndex((frame) => frame.equals(delimiter));
  if (at < 0) throw new MalformedMessageError("no <IDS|MSG> delimiter");
  const [signature, header, parent, metadata, content] = frames.slice(at + 1, at + 6);
  if (!signature || !header || !parent || !metadata || !content) {
    throw new MalformedMessageError(
      `${frames.length - at - 1} frames after the delimiter, at least 5 expected`,
    );
  }
  if (!signer.verify(signature, [header, parent, metadata, content])) {
    throw new BadSignatureError("the signature does not fit the message");
  }
  return {
    identities: frames.slice(0, at),
    header: parseFrame(headerSchema, header, "header"),
    parentHeader: parseFrame(parentSchema, parent, "parent_header"),
    metadata: parseFrame(dictionarySchema, metadata, "metadata"),
    content: parseFrame(dictionarySchema, content, "content"),
    buffers: frames.slice(at + 6),
  };
}

function parseFrame<T>(schema: v.GenericSchema<unknown, T>, frame: Buffer, name: string): T {
  let value: unknown;
  try {
    value = JSON.parse(frame.toString("utf8"));
  } catch (cause) {
    throw new MalformedMessageError(`${name} is not JSON`, { cause });
  }
  const result = v.safeParse(schema, value);
  if (!result.success) throw new MalformedMessageError(`${name}: ${result.issues[0].message}`);
  return result.output;
}
