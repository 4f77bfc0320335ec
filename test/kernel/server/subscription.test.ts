import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { Dealer, Subscriber } from "zeromq";
import {
  type ConnectionInfo,
  createConnectionInfo,
  socketAddress,
} from "../../../jupyter/connection-file.ts";
import { KernelProcess } from "../../../jupyter/client-process.ts";
import { createHeader, decodeMessage, encodeMessage, MessageSigner } from "../../../jupyter/wire.ts";
import { kernelArgv } from "../../../jupyter/kernelspec.ts";
import { kernelEntry } from "../kernel-fixture.ts";

describe("kernel: the first subscriber", () => {
  let kernel: KernelProcess;
  let shell: Dealer;
  let iopub: Subscriber;
  let signer: MessageSigner;
  let connect: () => void;
  let connection: ConnectionInfo;
  beforeEach(async () => {
    const info = await createConnectionInfo();
    connection = info;
    const argv = kernelArgv(process.execPath, kernelEntry);
    kernel = await KernelProcess.spawn(info, { argv });
    signer = new MessageSigner(info.key);
    shell = new Dealer({ linger: 0, receiveTimeout: 10_000 });
    iopub = new Subscriber({ linger: 0, receiveTimeout: 10_000 });
    shell.connect(socketAddress(info, "shell"));
    connect = (): void => {
      iopub.connect(socketAddress(info, "iopub"));
      iopub.subscribe();
    };
  });
  afterEach(async () => {
    shell.close();
    iopub.close();
    await kernel.stop(0);
  });

  const ask = async (): Promise<string> => {
    const header = createHeader("kernel_info_request", "test");
    const message = { identities: [], header, parentHeader: {}, metadata: {}, content: {}, buffers: [] };
    await shell.send(encodeMessage(message, signer));
    return header.msg_id;
  };
  const receive = async (
    socket: Dealer | Subscriber,
  ): Promise<readonly [type: string, parent: unknown, state: unknown]> => {
    const { header, parentHeader, content } = decodeMessage(await socket.receive(), signer);
    return [header.msg_type, parentHeader.msg_id, content["execution_state"]];
  };

  it("misses nothing of the first request, though it came before the subscription", async () => {
    const id = await ask();
    await delay(500);
    connect();
    const states: unknown[] = [];
    while (states.length < 2) {
      const [type, parent, state] = await receive(iopub);
      if (type === "status" && parent === id) states.push(state);
    }
    assert.deepEqual(states, ["busy", "idle"]);
    assert.deepEqual((await receive(shell)).slice(0, 2), ["kernel_info_reply", id]);
  });

  it("is not waited for in vain", async () => {
    const id = await ask();
    assert.deepEqual((await receive(shell)).slice(0, 2), ["kernel_info_reply", id]);
  });

  it("is welcomed before it hears anything, whatever is published meanwhile", async () => {
    connect();
    await ask();
    const [welcome] = await receive(iopub);
    assert.equal(welcome, "iopub_welcome");
    // One request after another keeps the kernel publishing.
    const asking = Promise.all(Array.from({ length: 200 }, ask));
    const others = Array.from({ length: 20 }, () => new Subscriber({ linger: 0, receiveTimeout: 10_000 }));
    try {
      for (const other of others) {
        other.connect(socketAddress(connection, "iopub"));
        other.subscribe();
        await ask();
        assert.equal((await receive(other))[0], "iopub_welcome");
      }
    } finally {
      for (const other of others) other.close();
      await asking;
    }
  });
});
