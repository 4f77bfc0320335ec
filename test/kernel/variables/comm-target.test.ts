import assert from "node:assert/strict";
import * as v from "valibot";
import { variablesReplySchema, variablesTarget, type VariablesReply } from "../../../kernel/protocol.ts";
import { registerVariablesTarget } from "../../../kernel/child/variables/comm-target.ts";
import { objectScope } from "../../../kernel/child/variables/scope.ts";
import { VariableService } from "../../../kernel/child/variables/variable-service.ts";
import { RecordingHost, type RecordingComm } from "../globals/recording-host.ts";

describe("comm target tenon.variables", () => {
  let scope: Record<string, unknown>;
  let comm: RecordingComm;
  let target: ReturnType<typeof registerVariablesTarget>;
  beforeEach(() => {
    const host = new RecordingHost();
    scope = { rows: [{ a: 1 }, { a: 2 }] };
    target = registerVariablesTarget(host.comms, new VariableService(objectScope(scope)));
    comm = host.openFromFrontend(variablesTarget);
  });
  const replies = (): VariablesReply[] => comm.sent.map(({ data }) => v.parse(variablesReplySchema, data));
  const ask = (data: Record<string, unknown>): VariablesReply | undefined => {
    comm.receive(data);
    return replies().at(-1);
  };

  it("greets its own version and tells others what to update", () => {
    assert.deepEqual(ask({ type: "hello", id: 1, version: 1 }), { type: "hello", id: 1, version: 1 });
    const newer = ask({ type: "hello", id: 2, version: 2 });
    assert.ok(newer?.type === "error");
    assert.match(newer.message, /update the project's tenon package/);
  });

  it("answers each request once, with its id", () => {
    for (const [id, request] of [
      { type: "list" },
      { type: "children", path: ["rows"] },
      { type: "page", path: ["rows"], sort: [{ column: "a", descending: true }] },
      { type: "watch", enabled: true },
    ].entries()) {
      const reply = ask({ ...request, id });
      assert.ok(reply?.type === "reply", JSON.stringify(reply));
      assert.equal(reply.id, id);
      assert.equal(comm.sent.length, id + 1);
    }
  });

  it("answers what takes its time later", async () => {
    scope["remote"] = {
      [Symbol.for("tenon.pageable")]: () => ({
        columns: [{ name: "a", type: "number" }],
        rowCount: 1,
        page: async () => ({ rows: [[1]] }),
      }),
    };
    assert.equal(ask({ type: "page", id: 7, path: ["remote"] }), undefined);
    await new Promise((resolve) => setImmediate(resolve));
    const reply = replies()[0];
    assert.ok(reply?.type === "reply" && reply.id === 7);
  });

  it("says what is wrong with a request", () => {
    for (const request of [
      {},
      { type: "nonsense", id: 1 },
      { type: "page", id: 1, path: [] },
      { type: "page", id: 1, path: ["rows"], limit: 1_000_000 },
      { type: "page", id: 1, path: ["rows"], filters: [{ column: "a", op: "drop table" }] },
      { type: "page", id: 1, path: ["nope"] },
      { type: "children", id: 1, path: ["__proto__"] },
    ]) {
      assert.equal(ask(request)?.type, "error", JSON.stringify(request));
    }
  });

  it("notifies those who watch, after cells that changed something", () => {
    ask({ type: "watch", id: 1, enabled: true });
    target.cellEnded();
    assert.equal(comm.sent.length, 1);
    scope["fresh"] = 1;
    target.cellEnded();
    const change = replies().at(-1);
    assert.ok(change?.type === "changed");
    assert.deepEqual(
      change.added.map((variable) => variable.name),
      ["fresh"],
    );
    ask({ type: "watch", id: 2, enabled: false });
    scope["later"] = 1;
    target.cellEnded();
    assert.equal(comm.sent.length, 3);
  });
});
