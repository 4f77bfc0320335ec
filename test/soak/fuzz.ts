/** @file Throws malformed, wrongly signed and mutated messages at every socket of a kernel. */
import { readFile } from "node:fs/promises";
import { Dealer, XSubscriber } from "zeromq";
import type { KernelClient } from "../../jupyter/client.ts";
import { type ConnectionInfo, parseConnectionInfo, socketAddress } from "../../jupyter/connection-file.ts";
import { MessageSigner, createHeader, encodeMessage } from "../../jupyter/wire.ts";
import type { Random } from "./random.ts";

const channels = ["shell", "control", "stdin", "hb", "iopub"] as const;
const requests = [
  "kernel_info_request",
  "complete_request",
  "inspect_request",
  "history_request",
  "is_complete_request",
  "comm_info_request",
  "comm_open",
  "comm_msg",
  "comm_close",
  "execute_request",
  "interrupt_request",
  "debug_request",
  "create_subshell_request",
  "delete_subshell_request",
  "list_subshell_request",
  "connect_request",
  "input_reply",
  "no_such_request",
] as const;

/** Values that a field must not have, or may have against expectation. */
const oddValues: readonly unknown[] = [
  null,
  undefined,
  -1,
  1e308,
  "",
  "\u0000\uD800",
  "x".repeat(70_000),
  [],
  {},
  { __proto__: { polluted: true } },
  [[[[[[]]]]]],
  true,
];

/** Sends `count` messages; the same `random` sends the same ones. */
export async function fuzz(client: KernelClient, count: number, random: Random): Promise<void> {
  const { connectionFile } = client;
  if (connectionFile === undefined) throw new Error("the client did not start its kernel");
  const info = parseConnectionInfo(await readFile(connectionFile, "utf8"));
  const sockets = channels.map((channel) => connect(info, channel, random));
  try {
    const signer = new MessageSigner(info.key);
    const stranger = new MessageSigner("not-the-key");
    for (let index = 0; index < count; index++) {
      const socket = random.pick(sockets);
      await socket.send(createFrames(random, signer, stranger));
    }
  } finally {
    for (const socket of sockets) socket.close();
  }
}

function connect(
  info: ConnectionInfo,
  channel: (typeof channels)[number],
  random: Random,
): Dealer | XSubscriber {
  // What was sent must leave before the socket closes. The broadcasting socket takes subscriptions, or what is none.
  const options = { linger: 5000, sendHighWaterMark: 0 };
  const socket =
    channel === "iopub"
      ? new XSubscriber(options)
      : new Dealer({ ...options, routingId: `fuzz-${channel}-${random.integer(1e9)}` });
  socket.connect(socketAddress(info, channel));
  return socket;
}

function createFrames(random: Random, signer: MessageSigner, stranger: MessageSigner): Buffer[] {
  const kind = random.integer(6);
  if (kind === 0) return garbage(random);
  const header = createHeader(random.pick(requests), "fuzz-session");
  const message = {
    identities: [],
    header,
    parentHeader: {},
    metadata: {},
    content: createContent(random),
    buffers: random.integer(4) === 0 ? [random.bytes(random.integer(200))] : [],
  };
  // A stranger may say anything; it must not have an effect.
  if (kind === 1) return encodeMessage(message, stranger);
  const frames = encodeMessage(message, signer);
  if (kind === 2) return mutateBytes(frames, random);
  if (kind === 3)
    return frames
      .slice(0, random.integer(frames.length + 1))
      .concat(random.integer(2) === 0 ? [] : [Buffer.alloc(0)]);
  if (kind === 4) return withOddParts(random, signer);
  return frames;
}

function garbage(random: Random): Buffer[] {
  return Array.from({ length: 1 + random.integer(8) }, () =>
    random.bytes(random.integer(random.integer(50) === 0 ? 100_000 : 100)),
  );
}

function createContent(random: Random): Record<string, unknown> {
  const content: Record<string, unknown> = {
    code: random.pick(["1+1", "1 +", "(", "x?", "%", "%%bash", "`", "/*", "\u2028", "a.b.c."]),
    cursor_pos: random.integer(2) === 0 ? random.integer(5) : random.pick([-5, 1e9, 1.5, Number.NaN]),
    comm_id: `comm-${random.integer(20)}`,
    target_name: random.pick(["tenon.variables", "jupyter.widget", "none"]),
    data: random.pick(oddValues),
    command: random.pick(["initialize", "dumpCell", "variables", "none", ""]),
    arguments: random.pick(oddValues),
    hist_access_type: random.pick(["tail", "range", "search", "none"]),
    n: random.integer(5),
    subshell_id: random.pick(["none", null, 5]),
    silent: true,
    store_history: false,
    type: "request",
    seq: random.integer(100),
  };
  for (const field of Object.keys(content)) {
    const fate = random.integer(8);
    if (fate === 0) delete content[field];
    else if (fate === 1) content[field] = random.pick(oddValues);
  }
  return content;
}

function mutateBytes(frames: readonly Buffer[], random: Random): Buffer[] {
  const copies = frames.map((frame) => Buffer.from(frame));
  const frame = random.pick(copies);
  for (let flips = 1 + random.integer(4); flips > 0 && frame.length > 0; flips--) {
    frame[random.integer(frame.length)] = random.integer(256);
  }
  return copies;
}

/** Rightly signed, yet header, parent, metadata or content is no object, or not even JSON. */
function withOddParts(random: Random, signer: MessageSigner): Buffer[] {
  const parts = [createHeader(random.pick(requests), "fuzz-session"), {}, {}, createContent(random)].map(
    (part) => {
      if (random.integer(3) !== 0) return Buffer.from(JSON.stringify(part));
      return random.integer(2) === 0
        ? random.bytes(random.integer(40))
        : Buffer.from(JSON.stringify(random.pick(oddValues)) ?? "");
    },
  );
  return [Buffer.from("<IDS|MSG>"), Buffer.from(signer.sign(parts)), ...parts];
}
