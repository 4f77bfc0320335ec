import assert from "node:assert/strict";
import { attributeOf, valueOf } from "../../../webviews/widget-renderer/attribute-values.ts";
import { equalValues } from "../../../webviews/widget-renderer/equal-values.ts";
import { modelHandle } from "../../../webviews/widget-renderer/model-handle.ts";
import type { Attributes } from "../../../webviews/widget-renderer/protocol.ts";
import { WidgetModel } from "../../../webviews/widget-renderer/widget-model.ts";

const json = (state: Readonly<Record<string, unknown>>): Attributes =>
  Object.fromEntries(Object.entries(state).map(([name, value]) => [name, attributeOf(value)]));

describe("a widget's model in the page", () => {
  let updates: [number, Attributes][];
  let customs: [unknown, readonly string[]][];
  let errors: unknown[];
  let model: WidgetModel;
  beforeEach(() => {
    [updates, customs, errors] = [[], [], []];
    model = new WidgetModel(
      json({ count: 0, text: "a", list: [1] }),
      {
        update: (id, attributes) => updates.push([id, attributes]),
        custom: (content, buffers) => customs.push([content, buffers]),
      },
      (error) => errors.push(error),
    );
  });
  const listen = (events: string): (readonly unknown[])[] => {
    const seen: (readonly unknown[])[] = [];
    modelHandle(model, new AbortController().signal).on(events, (...values) => seen.push(values));
    return seen;
  };

  it("tells listeners what is set, and the kernel what is saved", () => {
    const handle = modelHandle(model, new AbortController().signal);
    const seen = listen("change:count change");
    handle.set("count", 1);
    handle.set({ count: 1, text: "b" });
    assert.equal(handle.get("count"), 1);
    assert.deepEqual(
      seen.map(([, value]) => value),
      [1, undefined, undefined],
    );
    assert.deepEqual(updates, []);
    handle.save_changes();
    assert.deepEqual(updates, [[1, json({ count: 1, text: "b" })]]);
  });

  it("has one update on its way, and gathers the others", () => {
    for (let count = 1; count <= 20; count += 1) {
      model.set({ count });
      model.save();
    }
    assert.deepEqual(updates, [[1, json({ count: 1 })]]);
    model.delivered(1);
    assert.deepEqual(updates[1], [2, json({ count: 20 })]);
    model.delivered(1);
    model.delivered(2);
    assert.equal(updates.length, 2);
  });

  it("is not thrown back by the echo of an earlier value", () => {
    const seen = listen("change:count");
    model.set({ count: 1 });
    model.save();
    model.set({ count: 2 });
    model.save();
    model.receive(json({ count: 1 }), true);
    assert.equal(model.get("count"), 2);
    model.delivered(1);
    // The echo of the last one tells what the kernel has: it is the truth.
    model.receive(json({ count: 3 }), true);
    assert.equal(model.get("count"), 3);
    assert.deepEqual(
      seen.map(([, value]) => value),
      [1, 2, 3],
    );
  });

  it("takes what the kernel sets, and does not send it back", () => {
    const seen = listen("change:count");
    model.receive(json({ count: 7, list: [1] }), false);
    model.save();
    assert.equal(seen.length, 1);
    assert.deepEqual(updates, []);
  });

  it("removes a part's listeners with the part, and no others", () => {
    const controller = new AbortController();
    const [part, other] = [modelHandle(model, controller.signal), listen("change:count")];
    const seen: unknown[] = [];
    const listener = (): unknown => seen.push("one");
    part.on("change:count", listener);
    part.on("change:count", () => seen.push("two"));
    part.off("change:count", listener);
    model.set({ count: 1 });
    part.off();
    model.set({ count: 2 });
    part.on("change:count", listener);
    controller.abort();
    model.set({ count: 3 });
    part.on("change:count", listener);
    model.set({ count: 4 });
    assert.deepEqual(seen, ["two"]);
    assert.equal(other.length, 4);
  });

  it("goes on after a listener that fails, and says so", async () => {
    const handle = modelHandle(model, new AbortController().signal);
    handle.on("change:count", () => {
      throw new Error("first");
    });
    handle.on("change:count", async () => await Promise.reject(new Error("second")));
    const seen = listen("change:count");
    model.set({ count: 1 });
    await Promise.resolve();
    await Promise.resolve();
    assert.equal(seen.length, 1);
    assert.deepEqual(errors.map(String), ["Error: first", "Error: second"]);
  });

  it("sends and receives messages with buffers", () => {
    const seen = listen("msg:custom");
    modelHandle(model, new AbortController().signal).send({ a: 1 }, undefined, [new Uint8Array([1, 2])]);
    assert.deepEqual(customs, [[{ a: 1 }, ["AQI="]]]);
    model.receiveCustom("hello", ["/w=="]);
    const [content, buffers] = seen[0] ?? [];
    assert.equal(content, "hello");
    assert.ok(Array.isArray(buffers) && buffers[0] instanceof DataView);
    assert.equal(buffers[0].getUint8(0), 255);
  });
});

describe("a widget's binary values", () => {
  it("come back as DataViews in their places", () => {
    const big = Float64Array.from({ length: 50_000 }, (_, index) => index / 7);
    const value = valueOf(attributeOf({ deep: [{ big }, 2], plain: "x" }));
    assert.deepEqual(value, { deep: [{ big: new DataView(big.buffer) }, 2], plain: "x" });
    const whole = valueOf(attributeOf(new Uint8Array([1, 2, 3, 4]).subarray(1, 3)));
    assert.ok(whole instanceof DataView);
    assert.deepEqual([whole.getUint8(0), whole.getUint8(1), whole.byteLength], [2, 3, 2]);
  });

  it("lead to no prototype", () => {
    const path = ["__proto__", "polluted"];
    valueOf({ value: { inner: 1 }, buffers: [{ path, base64: "AA==" }] });
    assert.equal(Object.hasOwn(Object.prototype, "polluted"), false);
  });

  it("are refused where they contain themselves", () => {
    const cyclic: Record<string, unknown> = {};
    cyclic["self"] = cyclic;
    assert.throws(() => attributeOf(cyclic), /contains itself/);
  });

  it("are equal by content", () => {
    assert.ok(equalValues(new DataView(new Uint8Array([1, 2]).buffer), new Uint8Array([1, 2])));
    assert.ok(!equalValues(new Uint8Array([1, 2]), new Uint8Array([1, 3])));
    assert.ok(equalValues({ a: [1, { b: Number.NaN }] }, { a: [1, { b: Number.NaN }] }));
    assert.ok(!equalValues({ a: undefined }, { b: undefined }));
    assert.ok(!equalValues([], {}));
    assert.ok(!equalValues(new ArrayBuffer(1), {}));
  });
});
