/** @file Settings as params. */
import assert from "node:assert/strict";
import { flattenParameters, paramName } from "../../../ml/track/autolog/flatten-parameters.ts";

describe("settings as params", () => {
  it("are named by where they stand", () => {
    assert.deepEqual(
      flattenParameters({
        rate: 0.1,
        optimizer: { kind: "adam", betas: [0.9, 0.999], deep: { er: { still: { more: { than: 1 } } } } },
        hidden: [64, 32],
        none: null,
        big: 10n,
        when: new Date(0),
        absent: undefined,
        callback: () => 1,
        symbol: Symbol("s"),
        numbers: Float64Array.of(1, 2),
        map: new Map([[1, 2]]),
      }),
      {
        rate: 0.1,
        "optimizer.kind": "adam",
        "optimizer.betas": "[0.9,0.999]",
        "optimizer.deep.er.still": '{"more":{"than":1}}',
        hidden: "[64,32]",
        none: null,
        big: 10n,
        when: "1970-01-01T00:00:00.000Z",
        numbers: "Float64Array of 2",
        map: "{}",
      },
    );
  });

  it("are no more than a few hundred, whatever they are", () => {
    const cyclic: Record<string, unknown> = {};
    cyclic["self"] = cyclic;
    cyclic["list"] = [cyclic];
    assert.equal(flattenParameters(cyclic)["list"], "a value that refers to itself");
    const wide = Object.fromEntries(Array.from({ length: 5000 }, (_, at) => [`p${at}`, at]));
    assert.equal(Object.keys(flattenParameters(wide)).length, 500);
    assert.deepEqual(flattenParameters([]), {});
  });

  it("have names that MLflow takes", () => {
    for (const [name, taken] of [
      ["learning rate", "learning rate"],
      ["a:b?c", "a_b_c"],
      ["größe", "gr__e"],
      ["val/loss", "val/loss"],
      ["..", "___"],
      ["/etc", "__etc"],
      ["a/../b", "_a____b"],
      ["a//b", "_a__b"],
      ["", "_"],
      ["x".repeat(300), "x".repeat(250)],
    ] as const)
      assert.equal(paramName(name), taken, name);
  });
});
