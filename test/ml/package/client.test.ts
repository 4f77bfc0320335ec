import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { openDatabase } from "../../../ml/data/index.ts";
import {
  clientSource,
  compareSignatures,
  readModel,
  writeModel,
  type ModelSignature,
} from "../../../ml/package/index.ts";
import { repositoryRoot } from "../../support/repository.ts";
import { latePipeline, loanTable, statusPipeline } from "./loan-models.ts";
import { scoringServer } from "./scoring-server.ts";

const tsc = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin/tsc");

const caller = `import { ModelClient, type Input } from "./client.ts";

const client = new ModelClient({ url: "http://127.0.0.1:1", protocol: "mlflow" });
const loan: Input = { age: 40, since: "2020-02-29", married: true, rate: 4, job: "cook", seen: new Date() };

export async function decide(): Promise<number> {
  const [answer] = await client.predict([loan, { ...loan, income: null }]);
  if (!answer) return 0;
  switch (answer.label) {
    case "bad":
      return answer.probabilities.bad;
    case "good":
      return answer.probabilities.good;
    default:
      return answer.label satisfies never;
  }
}
`;

/** What a generated client looks like to the program that imports it. */
interface ClientModule {
  readonly ModelClient: new (options: object) => {
    predict(rows: readonly object[], options?: object): Promise<readonly unknown[]>;
  };
}

describe("generated clients", function () {
  this.timeout(60_000);
  let folder: string;
  let status: ModelSignature;
  before(async () => {
    // Below the repository, where the compiler finds the types of Node.
    mkdirSync(join(repositoryRoot, "build"), { recursive: true });
    folder = mkdtempSync(join(repositoryRoot, "build/client-test-"));
    using database = await openDatabase();
    const loans = await loanTable(database);
    await writeModel(join(folder, "status"), await statusPipeline(loans), { rows: loans });
    await writeModel(join(folder, "late"), await latePipeline(loans), { rows: loans });
    await using model = await readModel(join(folder, "status"));
    status = model.signature;
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  /** What the compiler says of programs, each with a client of a signature beside it. */
  function compile(name: string, signatures: readonly ModelSignature[], program = caller): readonly string[] {
    const place = join(folder, name);
    for (const [at, signature] of signatures.entries()) {
      mkdirSync(join(place, `case-${at}`), { recursive: true });
      writeFileSync(join(place, `case-${at}/client.ts`), clientSource(signature));
      writeFileSync(join(place, `case-${at}/caller.ts`), program);
    }
    const options = { noEmit: true, composite: false, declaration: false, emitDeclarationOnly: false };
    writeFileSync(
      join(place, "tsconfig.json"),
      JSON.stringify({
        extends: join(repositoryRoot, "tsconfig.base.json"),
        compilerOptions: { ...options, allowImportingTsExtensions: true },
      }),
    );
    const { stdout, status } = spawnSync(process.execPath, [tsc, "-p", place], { encoding: "utf8" });
    const errors = stdout.split(/^(?=\S)/m);
    const said = signatures.map((_, at) => errors.filter((error) => error.includes(`case-${at}/`)).join(""));
    assert.equal(
      status === 0,
      said.every((each) => each === ""),
      stdout,
    );
    return said;
  }

  async function clientOf(name: string, signature: ModelSignature): Promise<ClientModule> {
    const path = join(folder, `${name}.ts`);
    writeFileSync(path, clientSource(signature));
    // SAFETY: this is what the text declares; that it compiles is tested beside.
    return (await import(pathToFileURL(path).href)) as ClientModule;
  }

  it("compile under the strictest settings, and so do their callers", () => {
    assert.deepEqual(compile("strict", [status]), [""]);
  });

  it("make a compile error of each breaking change, and of no fine one", () => {
    const { inputs, outputs } = status;
    const [label, probabilities] = outputs;
    assert.ok(label && probabilities);
    const changed = (name: string, change: Partial<ModelSignature["inputs"][number]>): ModelSignature => ({
      outputs,
      inputs: inputs.map((input) => (input.name === name ? { ...input, ...change } : input)),
    });
    const optional = { name: "bonus", type: "float64", dtype: "float64", required: false } as const;
    const cases: readonly (readonly [ModelSignature, RegExp])[] = [
      [
        { outputs, inputs: inputs.filter(({ name }) => name !== "job") },
        /'job' does not exist in type 'Input'/,
      ],
      [changed("job", { type: "int32", dtype: "int64" }), /Type 'string' is not assignable/],
      [changed("income", { required: true }), /Property 'income' is missing/],
      [{ outputs, inputs: [...inputs, { ...optional, required: true }] }, /Property 'bonus' is missing/],
      [{ inputs, outputs: [label] }, /Property 'probabilities' does not exist/],
      [{ inputs, outputs: [{ ...label, values: ["bad", "good", "unclear"] }, probabilities] }, /never/],
      [
        { inputs, outputs: [label, { ...probabilities, columns: ["bad", "fair"] }] },
        /Property 'good' does not exist/,
      ],
      [{ outputs, inputs: [...inputs, optional] }, /^$/],
      [changed("age", { required: false, dtype: "float64" }), /^$/],
      [changed("rate", { type: "float64", dtype: "float64" }), /^$/],
    ];
    const said = compile(
      "changes",
      cases.map(([later]) => later),
    );
    for (const [at, [later, message]] of cases.entries()) {
      const isBreaking = compareSignatures(status, later).some(({ breaking }) => breaking);
      assert.match(said[at] ?? "missing", message);
      assert.equal(said[at] !== "", isBreaking, `change ${at}`);
    }
  });

  it("ask by both protocols and are told what the model predicts", async () => {
    for (const name of ["status", "late"]) {
      await using model = await readModel(join(folder, name));
      await using server = await scoringServer(join(folder, name));
      const { ModelClient } = await clientOf(`ask-${name}`, model.signature);
      const rows = model.recorded?.rows ?? [];
      const expected = await model.predict(rows);
      const headers = { authorization: "Bearer of" };
      const mlflow = new ModelClient({ url: `${server.url}/`, protocol: "mlflow", headers });
      assert.deepEqual(await mlflow.predict(rows), expected);
      const v2 = new ModelClient({ url: server.url, protocol: "v2", model: "a b", version: "3" });
      assert.deepEqual(await v2.predict(rows), expected);
      assert.deepEqual(await v2.predict([]), []);
      assert.deepEqual(server.requests, [
        "POST /invocations Bearer of",
        "POST /v2/models/a%20b/versions/3/infer ",
      ]);
    }
  });

  it("refuse rows that don't fit before they ask, and tell what a server says", async () => {
    await using server = await scoringServer(join(folder, "status"));
    const { ModelClient } = await clientOf("refuse", status);
    const client = new ModelClient({ url: server.url, protocol: "mlflow" });
    const row = { age: 40, since: "2020-02-29", married: true, rate: 4 };
    for (const [change, message] of [
      [{ age: undefined }, /column "age" of row 0 is undefined/],
      [{ age: 1.5 }, /column "age" of row 0 is 1.5/],
      [{ since: "2020-02-30" }, /column "since" of row 0/],
      [{ job: 1 }, /column "job" of row 0 is 1/],
    ] as const)
      await assert.rejects(client.predict([{ ...row, ...change }]), (error) => {
        assert.ok(error instanceof TypeError);
        assert.match(error.message, message);
        return true;
      });
    assert.deepEqual(server.requests, []);
    // The client of another model, on this one's server.
    const other = { ...status, inputs: status.inputs.filter(({ name }) => name !== "age") };
    const { ModelClient: OtherClient } = await clientOf("other", other);
    await assert.rejects(new OtherClient({ url: server.url, protocol: "mlflow" }).predict([row]), (error) => {
      assert.ok(error instanceof Error && error.name === "ModelError");
      assert.match(error.message, /column "age" of row 0 has no value/);
      assert.equal(Reflect.get(error, "status"), 400);
      return true;
    });
    const [label] = status.outputs;
    assert.ok(label);
    const narrower = { ...status, outputs: [{ ...label, values: ["unheard of"] }] };
    const { ModelClient: NarrowClient } = await clientOf("narrow", narrower);
    for (const options of [{ protocol: "mlflow" }, { protocol: "v2", model: "m" }])
      await assert.rejects(new NarrowClient({ url: server.url, ...options }).predict([row]), {
        name: "ModelError",
        message: /the server's answer is not this model's: label is "(bad|good)"/,
      });
    const signal = AbortSignal.abort(new Error("no more"));
    await assert.rejects(client.predict([row], { signal }), /no more/);
  });

  it("quote what columns are called", () => {
    const odd = 'a "b" */ \u2028 ${c} `d`';
    const [first] = status.inputs;
    assert.ok(first);
    const signature: ModelSignature = {
      inputs: [{ ...first, name: odd }],
      outputs: [{ name: odd, type: "string", values: [odd] }],
    };
    assert.deepEqual(compile("odd", [signature], "export {};"), [""]);
  });
});
