import assert from "node:assert/strict";
import { attributesOf, jupyterState } from "../../../extension/widgets/widget-state.ts";

describe("a widget's state", () => {
  const bytes = (...values: number[]): Buffer => Buffer.from(values);

  it("keeps its binary parts on the way there and back", () => {
    const state = { n: 1, nested: { a: [null, 2] }, nothing: null };
    const paths = [["whole"], ["nested", "a", 0]];
    const attributes = attributesOf({ state, buffer_paths: paths }, [bytes(1, 2, 3), bytes(9)]);
    const back = jupyterState(attributes);
    assert.deepEqual(back.data.state, state);
    const found = back.data.buffer_paths.map((path, index) => [path, [...(back.buffers[index] ?? [])]]);
    assert.deepEqual(found, [
      [["nested", "a", 0], [9]],
      [["whole"], [1, 2, 3]],
    ]);
  });

  it("leaves out paths that lead nowhere or have no buffer", () => {
    const paths = [[], [0], ["__proto__"], ["n"]];
    const attributes = attributesOf({ state: { n: 1 }, buffer_paths: paths }, [bytes(1), bytes(1), bytes(1)]);
    assert.deepEqual(attributes, { n: { value: 1, buffers: [] } });
    assert.equal(Object.hasOwn(Object.prototype, "buffers"), false);
  });
});
