import assert from "node:assert/strict";
import { ParameterForm } from "../../../extension/notebook/parameter-form.ts";

const cell = `// What the run can change
let epochs = 5;
const rows = 20_000;
let region: "north" | "south" = 'north';
let verbose = false;
let name = \`flights\`;
let sizes = [64, 32];
let started = Date.now();`;

describe("the form of a run with parameters", () => {
  const field = (form: ParameterForm, name: string) => form.fields.find((each) => each.name === name);

  it("has what the cell declares, with types and defaults as a person writes them", () => {
    const form = new ParameterForm(cell, undefined);
    assert.deepEqual(
      form.fields.map(({ name, type, text, isChanged }) => [name, type, text, isChanged]),
      [
        ["epochs", "number", "5", false],
        ["rows", "number", "20000", false],
        ["region", '"north" | "south"', "north", false],
        ["verbose", "boolean", "false", false],
        ["name", "string", "flights", false],
        ["sizes", undefined, "[64,32]", false],
        ["started", undefined, "Date.now()", false],
      ],
    );
    assert.equal(form.injected(), undefined);
  });

  it("offers all that a parameter can be, where that is little", () => {
    const form = new ParameterForm(cell, undefined);
    assert.deepEqual(field(form, "region")?.choices, ["north", "south"]);
    assert.deepEqual(field(form, "verbose")?.choices, ["true", "false"]);
    assert.deepEqual(field(form, "epochs")?.choices, []);
  });

  it("says what a value has to be", () => {
    const form = new ParameterForm(cell, undefined);
    assert.equal(form.problem("epochs", "many"), "number");
    assert.equal(form.problem("epochs", "1_000"), undefined);
    assert.equal(form.problem("sizes", "64"), "list");
    assert.equal(form.problem("sizes", "[8]"), undefined);
    assert.equal(form.problem("name", "5"), undefined);
    assert.equal(form.problem("started", "Date.now()"), undefined);
  });

  it("injects what was changed and nothing else, with the declared types", () => {
    const form = new ParameterForm(cell, undefined);
    form.set("epochs", "7");
    form.set("rows", "1_000");
    form.set("name", "5");
    form.set("sizes", "[ 64, 32 ]");
    form.set("verbose", "true");
    form.set("verbose", "false");
    assert.equal(
      form.injected()?.code,
      '// Parameters of this run\nepochs = 7;\nconst rows: number = 1000;\nname = "5";',
    );
  });

  it("begins with the values of the last run; a default takes one back", () => {
    const form = new ParameterForm(
      cell,
      'epochs = 7;\nconst rows: number = 1000;\nregion = "south"; gone = 1;',
    );
    assert.equal(field(form, "epochs")?.text, "7");
    assert.equal(field(form, "rows")?.text, "1000");
    assert.equal(field(form, "region")?.text, "south");
    form.set("epochs", "5");
    form.set("region", "north");
    assert.deepEqual(form.injected()?.values, { rows: 1000 });
  });

  it("writes a text in quotes where it would stand for something else without", () => {
    const form = new ParameterForm('let code: string | number = "5";', undefined);
    assert.equal(form.fields[0]?.text, '"5"');
    form.set("code", "5");
    assert.deepEqual(form.injected()?.values, { code: 5 });
  });
});
