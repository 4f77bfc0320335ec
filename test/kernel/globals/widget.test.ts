import assert from "node:assert/strict";
import { createWidgets } from "../../../kernel/child/globals/widget.ts";
import { RecordingHost, type RecordingComm } from "./recording-host.ts";

describe("widget", () => {
  let host: RecordingHost;
  let widget: ReturnType<typeof createWidgets>;
  beforeEach(() => {
    host = new RecordingHost();
    widget = createWidgets(host);
  });

  const comm = (): RecordingComm => {
    const opened = host.opened[0];
    assert.ok(opened !== undefined);
    assert.equal(opened.target, "jupyter.widget");
    return opened.comm;
  };

  it("opens an anywidget model of protocol 2.1 with its state and buffers", () => {
    widget({
      esm: "export default {}",
      css: ".a{}",
      state: { count: 1, data: new Float32Array([1, 2]), list: [new Uint8Array([9])] },
    });
    const open = comm().sent[0];
    assert.ok(open !== undefined);
    const state = Object(open.data["state"]);
    assert.deepEqual(open.metadata, { version: "2.1.0" });
    assert.equal(state._model_module, "anywidget");
    assert.equal(state._view_name, "AnyView");
    assert.equal(state._esm, "export default {}");
    assert.equal(state._css, ".a{}");
    assert.equal(state.count, 1);
    assert.ok(!("data" in state));
    assert.deepEqual(state.list, [null]);
    assert.deepEqual(open.data["buffer_paths"], [["data"], ["list", 0]]);
    assert.deepEqual(
      open.buffers.map((buffer) => buffer.byteLength),
      [8, 1],
    );
  });

  it("shows itself as a widget view", () => {
    const counter = widget({ esm: "", state: { count: 0 } });
    const method: unknown = Reflect.get(counter, Symbol.for("Jupyter.display"));
    assert.ok(typeof method === "function");
    assert.deepEqual(Reflect.apply(method, counter, []), {
      "application/vnd.jupyter.widget-view+json": {
        version_major: 2,
        version_minor: 0,
        model_id: counter.id,
      },
      "text/plain": "Widget {count: 0}",
    });
  });

  it("sends changes of the kernel's to the views", () => {
    const counter = widget({ esm: "", state: { count: 0, name: "x" } });
    const seen: [number, number][] = [];
    counter.on("change:count", (value, previous) => seen.push([value, previous]));
    counter.set({ count: 2 });
    assert.equal(counter.get("count"), 2);
    assert.deepEqual(seen, [[2, 0]]);
    assert.deepEqual(comm().sent[1]?.data, { method: "update", state: { count: 2 }, buffer_paths: [] });
  });

  it("takes changes of the views', echoes them, and puts buffers back", () => {
    const model = widget({ esm: "", state: { count: 0, bytes: undefined as DataView | undefined } });
    const seen: unknown[] = [];
    const stop = model.on("change:count", (value) => seen.push(value));
    comm().receive(
      { method: "update", state: { count: 3, unknown: 1, _esm: "evil" }, buffer_paths: [["bytes"]] },
      [new Uint8Array([7])],
    );
    assert.equal(model.get("count"), 3);
    assert.equal(model.get("bytes")?.getUint8(0), 7);
    assert.deepEqual(comm().sent[1]?.data, {
      method: "echo_update",
      state: { count: 3 },
      buffer_paths: [["bytes"]],
    });
    stop();
    comm().receive({ method: "update", state: { count: 4 }, buffer_paths: [] });
    assert.deepEqual(seen, [3]);
  });

  it("answers a request for its state", () => {
    widget({ esm: "x", state: { count: 0 } });
    comm().receive({ method: "request_state" });
    const reply = comm().sent[1];
    assert.equal(reply?.data["method"], "update");
    assert.equal(Object(reply?.data["state"])._esm, "x");
  });

  it("exchanges custom messages", () => {
    const model = widget({ esm: "", state: {} });
    const seen: unknown[] = [];
    model.on("message", (content, buffers) => seen.push([content, buffers.length]));
    comm().receive({ method: "custom", content: { hello: 1 } }, [new Uint8Array(1)]);
    model.send({ back: 2 });
    assert.deepEqual(seen, [[{ hello: 1 }, 1]]);
    assert.deepEqual(comm().sent[1]?.data, { method: "custom", content: { back: 2 } });
  });

  it("survives paths that lead to prototypes or nowhere", () => {
    const model = widget({ esm: "", state: { data: { inner: 1 } } });
    const bytes = [new Uint8Array([1]), new Uint8Array([1]), new Uint8Array([1])];
    const paths = [["__proto__", "polluted"], ["data", "constructor", "prototype", "polluted"], "nonsense"];
    comm().receive({ method: "update", state: { data: { inner: 2 } }, buffer_paths: paths }, bytes);
    assert.equal(Object.hasOwn(Object.prototype, "polluted"), false);
    assert.deepEqual(model.get("data"), { inner: 2 });
    comm().receive({ method: "update", state: null });
    comm().receive({ method: "nonsense" });
    comm().receive({});
  });

  it("goes on after a listener that throws", () => {
    const model = widget({ esm: "", state: { count: 0 } });
    const seen: number[] = [];
    model.on("change:count", () => {
      throw new Error("expected in this test");
    });
    model.on("change:count", (value) => seen.push(value));
    model.set({ count: 1 });
    assert.deepEqual(seen, [1]);
  });

  it("says what is wrong", () => {
    const model = widget({ esm: "", state: { count: 0 } });
    assert.throws(() => Reflect.apply(widget, undefined, [{}]), /takes \{ esm, state \}/);
    assert.throws(
      () => Reflect.apply(Object(model).set, model, [{ other: 1 }]),
      /has no "other"; it has count/,
    );
    assert.throws(() => widget({ esm: "", state: { _esm: 1 } }), /leading underscore/);
    const cyclic: Record<string, unknown> = {};
    cyclic["self"] = cyclic;
    assert.throws(() => widget({ esm: "", state: { cyclic } }), /contains itself/);
    model.close();
    assert.throws(() => model.set({ count: 1 }), /closed/);
    assert.equal(comm().sent.at(-1)?.type, "close");
  });
});
