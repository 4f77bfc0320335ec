import assert from "node:assert/strict";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fromArrays, fromRows, openDatabase, type Database, type Table } from "../../../ml/data/index.ts";
import { InvalidInputError } from "../../../ml/errors.ts";
import { columns, standardScaler } from "../../../ml/features/index.ts";
import { fromData, toOnnx } from "../../../ml/graph/index.ts";
import { logisticRegression } from "../../../ml/linear/index.ts";
import { ModelPackageError, readModel, verifyModel, writeModel } from "../../../ml/package/index.ts";
import { loadPipeline, pipeline, type FittedPipeline } from "../../../ml/pipeline/index.ts";
import { LinearCongruential } from "../../support/linear-congruential.ts";
import { amountPipeline, latePipeline, loanTable, statusPipeline } from "./loan-models.ts";

describe("packages of models", () => {
  let folder: string;
  let database: Database;
  let loans: Table;
  let packaged: string;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "tenon-package-"));
    database = await openDatabase();
    loans = await loanTable(database);
    packaged = join(folder, "status");
    await writeModel(packaged, await statusPipeline(loans), { rows: loans });
  });
  after(() => {
    database[Symbol.dispose]();
    rmSync(folder, { recursive: true, force: true });
  });

  /** A copy of the package in which a file is another. */
  function damaged(name: string, file: string, change: (text: string) => string | Uint8Array): string {
    const copy = join(folder, name);
    cpSync(packaged, copy, { recursive: true });
    writeFileSync(join(copy, file), change(readFileSync(join(copy, file), "utf8")));
    return copy;
  }

  it("come back and predict what the pipeline predicts, for every kind of column and target", async () => {
    for (const [name, fit] of [
      ["late", latePipeline],
      ["amount", amountPipeline],
      ["good", statusPipeline],
    ] as const) {
      const fitted: FittedPipeline = await fit(loans);
      const directory = join(folder, name);
      await writeModel(directory, fitted, { rows: loans.limit(20, 100) });
      await using model = await readModel(directory);
      const verification = await verifyModel(model);
      assert.deepEqual([verification.passed, verification.rows, verification.differences], [true, 20, []]);
      assert.ok(verification.largest < 1e-6, `differs by ${verification.largest}`);
      const predicted = await fitted.predict(loans.limit(20, 100));
      const rows = await model.predict(model.recorded?.rows ?? []);
      for (const [at, row] of rows.entries()) {
        const expected = predicted[at];
        if (typeof expected !== "number") assert.equal(row["label"], expected);
        else assert.ok(Math.abs(Number(row["prediction"]) / expected - 1) < 1e-6);
      }
      assert.deepEqual(JSON.parse(JSON.stringify(model.pipeline)), JSON.parse(JSON.stringify(fitted)));
    }
  });

  it("say which columns need a value: those whose absence the pipeline refuses", async () => {
    await using model = await readModel(packaged);
    assert.deepEqual(
      model.signature.inputs.map(({ name, type, dtype, required }) => [name, type, dtype, required]),
      [
        ["age", "int32", "int64", true],
        ["income", "decimal", "float64", false],
        ["job", "string", "string", false],
        ["since", "date", "int64", true],
        ["seen", "timestamp", "float64", false],
        ["married", "boolean", "bool", true],
        ["owns", "boolean", "float64", false],
        ["children", "int64", "float64", false],
        // Floats have a form for it, but a logistic regression can't predict such rows.
        ["rate", "float32", "float32", true],
      ],
    );
    assert.deepEqual(model.signature.outputs, [
      { name: "label", type: "string", values: ["bad", "good"] },
      { name: "probabilities", type: "float32", columns: ["bad", "good"] },
    ]);
  });

  it("take rows as programs have them, and name what doesn't fit", async () => {
    await using model = await readModel(packaged);
    const row = {
      age: 40n,
      since: new Date(Date.UTC(2020, 1, 29, 23)),
      married: true,
      rate: 4,
      seen: "2026-02-01T05:00:00+02:00",
    };
    const [first] = await model.predict([row]);
    const [second] = await model.predict([
      { ...row, age: 40, since: "2020-02-29", seen: "2026-02-01 03:00", job: null, income: Number.NaN },
    ]);
    assert.deepEqual(first, second);
    assert.deepEqual(await model.predict([]), []);
    for (const [change, message] of [
      [{ age: undefined }, /column "age" of row 1 has no value/],
      [{ age: 40.5 }, /column "age" of row 1 is 40.5, where a whole number is needed/],
      [{ age: "40" }, /column "age" of row 1 is "40", where a whole number/],
      [{ married: 1 }, /column "married" of row 1 is 1, where true or false/],
      [{ since: "2020-02-30" }, /column "since" of row 1 is "2020-02-30", where a date/],
      [{ since: "yesterday" }, /where a date such as 2026-01-31 is needed/],
      [{ since: new Date(Number.NaN) }, /column "since" of row 1 is Invalid Date/],
      [{ job: 3 }, /column "job" of row 1 is 3, where a text is needed/],
    ] as const)
      await assert.rejects(model.predict([row, { ...row, ...change }]), (error) => {
        assert.ok(error instanceof InvalidInputError);
        assert.match(error.message, message);
        return true;
      });
  });

  it("are made of ONNX and a signature too, held against each other", async () => {
    const onnx = toOnnx(({ x, y }) => ({ sum: x.add(y) }), {
      x: { dtype: "float64", shape: ["rows"] },
      y: { dtype: "float64", shape: ["rows"] },
    });
    const input = { type: "float64", dtype: "float64", required: true } as const;
    const signature = {
      inputs: [
        { name: "x", ...input },
        { name: "y", ...input },
      ],
      outputs: [{ name: "sum", type: "float64" }],
    } as const;
    const rows = await fromArrays({ x: [1, 2, Infinity], y: [10, 20, 1] });
    const directory = join(folder, "sum");
    await writeModel(directory, { onnx, signature }, { rows: rows.limit(2) });
    await using model = await readModel(directory);
    assert.deepEqual(await model.predict([{ x: 1, y: 2 }]), [{ sum: 3 }]);
    assert.deepEqual(model.recorded?.outputs.get("sum"), [11, 22]);
    assert.equal(model.pipeline, undefined);
    assert.ok((await verifyModel(model)).passed);
    const refused = async (changed: Parameters<typeof writeModel>[1], message: RegExp): Promise<void> => {
      await assert.rejects(writeModel(join(folder, "refused"), changed), message);
      assert.equal(existsSync(join(folder, "refused")), false);
    };
    await refused(
      { onnx, signature: { ...signature, outputs: [{ name: "total", type: "float64" }] } },
      /the model has no output "total"/,
    );
    await refused(
      { onnx, signature: { ...signature, outputs: [{ name: "sum", type: "string" }] } },
      /output "sum" is of float64; the signature says string/,
    );
    await refused(
      { onnx, signature: { ...signature, inputs: signature.inputs.slice(1) } },
      /the signature has no input "x"/,
    );
    await refused(
      { onnx, signature: { ...signature, inputs: [...signature.inputs, { name: "z", ...input }] } },
      /the model has no input "z"/,
    );
    await refused({ onnx, signature: { ...signature, inputs: [] } }, /this is no model signature: inputs: /);
    await refused({ onnx: Buffer.from("no model"), signature }, /./);
    const matrix = toOnnx(({ x }) => ({ sum: x }), { x: { dtype: "float64", shape: ["rows", 1] } });
    await refused(
      { onnx: matrix, signature: { ...signature, inputs: signature.inputs.slice(0, 1) } },
      /input "x" is float64 of \[rows, 1\]; the signature says float64 of \[rows\]/,
    );
    await assert.rejects(
      writeModel(join(folder, "infinite"), { onnx, signature }, { rows }),
      /output "sum" isn't finite for row 2/,
    );
  });

  it("refuse columns named as outputs, classes that no graph can tell, and a table without rows", async () => {
    const directory = join(folder, "refused");
    const numbers = await fromRows(
      Array.from({ length: 30 }, (_, at) => ({ x: at % 7, y: at % 7 > 3 ? 1.5 : 2 })),
    );
    const halves = await pipeline(columns({ x: standardScaler() }), logisticRegression()).fit(numbers, {
      target: "y",
    });
    await assert.rejects(writeModel(directory, halves), /the class 1.5 is no whole number/);
    const text = await fromRows([
      { label: 1, y: "a" },
      { label: 2, y: "" },
      { label: 4, y: "a" },
    ]);
    const classified = pipeline(columns({ label: standardScaler() }), logisticRegression());
    const fitted = await classified.fit(text, { target: "y" });
    await assert.rejects(writeModel(directory, fitted), (error) => {
      assert.ok(error instanceof InvalidInputError);
      assert.match(
        error.message,
        /an input and an output have one name, which a graph can't: rename the column/,
      );
      return true;
    });
    const status = await statusPipeline(loans);
    await assert.rejects(writeModel(directory, status, { rows: loans.limit(0) }), /rows to record has none/);
    await assert.rejects(writeModel(directory, status, { rows: text }), (error) => {
      assert.ok(error instanceof InvalidInputError);
      assert.match(error.message, /there is no column "age"; there are: label, y/);
      return true;
    });
    assert.equal(existsSync(directory), false);
  });

  it("take classes of any text", async () => {
    const rows = ["", "a b", 'ü "q"', "1"].flatMap((y, at) =>
      [0, 1].map((step) => ({ x: at * 9 + step, y })),
    );
    const table = await fromRows(rows);
    const fitted = await pipeline(columns({ x: standardScaler() }), logisticRegression()).fit(table, {
      target: "y",
    });
    await writeModel(join(folder, "texts"), fitted, { rows: table });
    await using model = await readModel(join(folder, "texts"));
    assert.ok((await verifyModel(model)).passed);
    const [first] = await model.predict([{ x: 0 }]);
    assert.equal(first?.["label"], "");
    assert.deepEqual(Object.keys(Object(first?.["probabilities"])).sort(), fitted.classes.map(String).sort());
  });

  it("are written whole or not at all", async () => {
    const fitted = await statusPipeline(loans);
    await assert.rejects(writeModel(packaged, fitted), (error) => {
      assert.ok(error instanceof ModelPackageError);
      assert.match(error.message, /there is something of this name already/);
      return true;
    });
    const file = join(folder, "file");
    writeFileSync(file, "");
    await assert.rejects(writeModel(join(file, "model"), fitted), ModelPackageError);
    assert.deepEqual(
      readdirSync(folder).filter((name) => name.endsWith(".tmp")),
      [],
    );
  });

  it("refuse a graph that answers otherwise than the pipeline", async () => {
    const fitted = await statusPipeline(loans);
    const honest = fitted.trace.bind(fitted);
    const skewed = Object.assign(loadPipeline(JSON.parse(JSON.stringify(fitted))), {
      trace: (inputs: Parameters<typeof honest>[0]) => {
        const { label, probabilities } = honest(inputs);
        return { label, probabilities: probabilities.mul(fromData("float32", Float32Array.of(0.9), [])) };
      },
    });
    await assert.rejects(
      writeModel(join(folder, "skewed"), skewed, { rows: loans }),
      /the model's graph says probabilities = 0\.\d+ of row 0, and the pipeline 0\.\d+/,
    );
    assert.equal(existsSync(join(folder, "skewed")), false);
  });

  it("tell by a replay which answers are others now", async () => {
    const copy = damaged("replayed", "tenon/replay.json", (text) => {
      const replay: { outputs: { probabilities: number[]; label: string[] } } = JSON.parse(text);
      replay.outputs.probabilities[3] = (replay.outputs.probabilities[3] ?? 0) + 1e-4;
      replay.outputs.label[2] = "unheard of";
      return JSON.stringify(replay);
    });
    await using model = await readModel(copy);
    const { passed, differences, largest } = await verifyModel(model);
    assert.equal(passed, false);
    assert.ok(Math.abs(largest - 1e-4) < 1e-6);
    assert.deepEqual(
      differences.map(({ by, output, row }) => [by, output, row]),
      [
        ["graph", "label", 2],
        ["graph", "probabilities", 1],
        ["pipeline", "label", 2],
        ["pipeline", "probabilities", 1],
      ],
    );
    const without = join(folder, "unrecorded");
    await writeModel(without, await statusPipeline(loans));
    await using bare = await readModel(without);
    await assert.rejects(verifyModel(bare), /no rows were recorded/);
  });

  it("name what is wrong with a directory that is none, or hostile", async () => {
    const secret = join(folder, "secret.json");
    writeFileSync(secret, "{}");
    const link = damaged("link", "tenon/evidence.json", (text) => text);
    rmSync(join(link, "tenon/evidence.json"));
    symlinkSync(secret, join(link, "tenon/evidence.json"));
    const empty = join(folder, "empty");
    mkdirSync(empty);
    const bomb = `a: &a [x, x]\nb: &b [*a, *a]\nflavors: { onnx: [*b, *b] }\n`;
    const cases: readonly (readonly [string, RegExp])[] = [
      [join(folder, "nowhere"), /"MLmodel" cannot be found/],
      [empty, /"MLmodel" cannot be found/],
      [link, /"tenon\/evidence.json" is a link that leads out of the folder/],
      [damaged("h1", "MLmodel", () => "{"), /MLmodel: this is no YAML/],
      [damaged("h2", "MLmodel", () => bomb), /MLmodel: this is no model description: it has aliases/],
      [
        damaged("h3", "MLmodel", () => "flavors: {sklearn: {}}"),
        /not written by Tenon: its flavors are sklearn/,
      ],
      [
        damaged("h4", "MLmodel", (text) => text.replace("data: model.onnx", "data: ../secret.json")),
        /leads out/,
      ],
      [
        damaged("h5", "MLmodel", (text) => text.replace("tenon/signature.json", secret)),
        /no relative file name/,
      ],
      [
        damaged("h6", "MLmodel", (text) => text.replace(" version: 1\n", " version: 2\n")),
        /flavors.tenon.version/,
      ],
      [damaged("h7", "MLmodel", (text) => text.replace(/model_uuid: .*/, "model_uuid: [1]")), /model_uuid/],
      [damaged("h8", "MLmodel", () => "!!js/function 'x'"), /MLmodel: this is no/],
      [damaged("h9", "MLmodel", () => "null"), /MLmodel: this is no model description/],
      [damaged("i1", "MLmodel", () => Buffer.alloc(2 ** 20 + 1, "#")), /1048577 bytes, more than 1048576/],
      [damaged("i2", "MLmodel", () => Buffer.of(0xff, 0xfe)), /MLmodel: /],
      [damaged("j1", "tenon/signature.json", () => "{"), /signature.json: .*JSON/],
      [
        damaged("j2", "tenon/signature.json", (text) => text.replace('"int64"', '"bool"')),
        /dtype has no form/,
      ],
      [
        damaged("j3", "tenon/signature.json", (text) => text.replace('"age"', '"income"')),
        /names must be unique/,
      ],
      [
        damaged("j4", "tenon/signature.json", (text) => text.replace('"age"', '"years"')),
        /pipeline.json: the pipeline takes/,
      ],
      [damaged("k1", "tenon/pipeline.json", () => "{}"), /pipeline.json: this is no fitted pipeline/],
      [
        damaged("k2", "tenon/replay.json", (text) => text.replace('"label"', '"lable"')),
        /output "label" has no values/,
      ],
      [damaged("k3", "tenon/evidence.json", () => '{"version": 1, "evidence": [{}]}'), /this is no evidence/],
      [damaged("l1", "model.onnx", () => "no model"), /model.onnx: /],
      [
        damaged("l2", "model.onnx", () =>
          toOnnx(({ x }) => ({ y: x }), { x: { dtype: "float32", shape: ["rows"] } }),
        ),
        /model.onnx: the model has no input "age"/,
      ],
    ];
    for (const [directory, message] of cases)
      await assert.rejects(
        readModel(directory),
        (error) => {
          assert.ok(error instanceof ModelPackageError, `${directory}: ${String(error)}`);
          assert.match(error.message, message);
          return true;
        },
        `${directory} is read`,
      );
  });

  it("are read or refused by a named error, however their files are damaged", async () => {
    const copy = join(folder, "damaged");
    cpSync(packaged, copy, { recursive: true });
    const random = new LinearCongruential(7);
    const verdicts = new Map<string, number>();
    for (const file of ["MLmodel", "tenon/signature.json", "tenon/pipeline.json", "tenon/replay.json"]) {
      const whole = readFileSync(join(copy, file));
      for (let trial = 0; trial < 25; trial++) {
        const first = random.below(whole.length);
        const end = first + random.below(20);
        const letters = Buffer.from(Array.from({ length: 2 }, () => 32 + random.below(95)));
        const rest = trial % 5 === 0 ? [] : [whole.subarray(end)];
        writeFileSync(join(copy, file), Buffer.concat([whole.subarray(0, first), letters, ...rest]));
        const verdict = await readModel(copy).then(
          async (model) => {
            await model.close();
            return "read";
          },
          (error: unknown) => (error instanceof ModelPackageError ? "refused" : String(error)),
        );
        verdicts.set(verdict, (verdicts.get(verdict) ?? 0) + 1);
      }
      writeFileSync(join(copy, file), whole);
    }
    assert.deepEqual([...verdicts.keys()].sort(), ["read", "refused"]);
    assert.ok((verdicts.get("refused") ?? 0) > 50, `${verdicts.get("refused")} of 100`);
  });
});
