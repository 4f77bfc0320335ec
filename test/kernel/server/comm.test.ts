import assert from "node:assert/strict";
import { EventEmitter, once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import * as v from "valibot";
import { variableListSchema, variablesProtocolVersion } from "../../../kernel/protocol.ts";
import { runCell, startKernel, type TestKernel } from "../kernel-fixture.ts";

describe("kernel: comms", () => {
  let kernel: TestKernel;
  before(async () => {
    kernel = await startKernel();
  });
  after(() => kernel.stop());

  it("lists open comms and answers the variables protocol before it is idle again", async () => {
    await runCell(kernel.client, "const visible = [1, 2, 3];");
    const seen: string[] = [];
    const stop = kernel.client.onIopub((message) => {
      if (!("msg_type" in message.parentHeader) || message.parentHeader.msg_type !== "comm_msg") return;
      const state = message.content["execution_state"];
      seen.push(typeof state === "string" ? state : message.header.msg_type);
    });
    const comm = await kernel.client.openComm("tenon.variables");
    const replies = new EventEmitter();
    comm.onMessage((data) => replies.emit("reply", data));
    const [opened] = Object.values((await kernel.client.commInfo("tenon.variables")).comms);
    assert.equal(opened?.target_name, "tenon.variables");
    assert.deepEqual((await kernel.client.commInfo("something else")).comms, {});

    await comm.send({ type: "hello", id: 1, version: variablesProtocolVersion });
    assert.deepEqual(await once(replies, "reply"), [
      { type: "hello", id: 1, version: variablesProtocolVersion },
    ]);
    // Replies and broadcasts come over different sockets, in no order between them.
    for (let tries = 0; seen.length < 3 && tries < 100; tries += 1) await delay(20);
    assert.deepEqual(seen.slice(0, 3), ["busy", "comm_msg", "idle"]);

    await comm.send({ type: "list", id: 2 });
    const [reply] = (await once(replies, "reply")) as [{ result: unknown }];
    const { variables } = v.parse(variableListSchema, reply.result);
    assert.ok(variables.some(({ name }) => name === "visible"));
    stop();
    await comm.close();
    assert.deepEqual((await kernel.client.commInfo()).comms, {});
  });

  it("closes a comm to a target that does not exist", async () => {
    const comm = await kernel.client.openComm("no.such.target");
    const closed = new Promise<void>((resolve) => {
      comm.onClose(() => resolve());
    });
    await closed;
    assert.deepEqual((await kernel.client.commInfo()).comms, {});
  });
});
