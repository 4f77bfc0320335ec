import assert from "node:assert/strict";
import { declarationsOf } from "../../cells/parameters/declarations.ts";
import {
  MisspeltParameterError,
  defaultValues,
  injectedParameters,
  valuesOfInjected,
} from "../../cells/parameters/parameters.ts";

describe("parameters of a run", () => {
  it("have the defaults that are written out, in any form of literal", () => {
    const cell = `const rows = 20_000, region = 'north', rate = -0.5, name = \`x\`;
let sizes = [1, [2]] as const, options = { depth: 3, 'a b': null }, later: number;
const started = Date.now(), big = 5n, pattern = /x/;`;
    assert.deepEqual(defaultValues(cell), {
      rows: 20_000,
      region: "north",
      rate: -0.5,
      name: "x",
      sizes: [1, [2]],
      options: { depth: 3, "a b": null },
      later: null,
    });
  });

  it("take numbers as code writes them", () => {
    const declared = declarationsOf("const rows = 20_000; let name = 'x';");
    const given = [
      { name: "rows", text: "1_000" },
      { name: "name", text: "1_000" },
    ];
    assert.deepEqual(injectedParameters(given, declared).values, { rows: 1000, name: "1_000" });
  });

  it("are read back from the injected cell", () => {
    const declared = declarationsOf("let epochs = 5; const region: 'north' | 'south' = 'north';");
    const given = [
      { name: "epochs", text: "7" },
      { name: "region", text: "south" },
    ];
    const { code, values } = injectedParameters(given, declared);
    assert.deepEqual(valuesOfInjected(code), values);
  });

  it("refuse a misspelt name", () => {
    assert.throws(
      () => injectedParameters([{ name: "epoch", text: "1" }], declarationsOf("let epochs = 5;")),
      MisspeltParameterError,
    );
  });
});
