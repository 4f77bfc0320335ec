import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Ajv } from "ajv";
import addFormats from "ajv-formats";
import { parse } from "yaml";
import { openDatabase, type Database, type Table } from "../../../ml/data/index.ts";
import { readModel, writeModel, type Evidence, type Lineage } from "../../../ml/package/index.ts";
import { amountPipeline, loanTable, statusPipeline } from "./loan-models.ts";

const digest = createHash("sha256").update("loans").digest("hex");
const evidence: readonly Evidence[] = [
  { kind: "evaluation", verdict: "passed", figures: { rocAuc: 0.91, logLoss: 0.3 }, report: digest },
  { kind: "fair|ness", verdict: "unjudged", figures: {} },
];
const lineage: Lineage = {
  data: [{ name: "loans.parquet", digest }, { name: "rates" }],
  code: { repository: "https://example.org/risk.git", commit: "0123abc" },
  run: "r1",
  parents: ["models:/risk/3"],
};

describe("documents of a package", () => {
  let folder: string;
  let database: Database;
  let loans: Table;
  const read = (...parts: readonly string[]): string => readFileSync(join(folder, ...parts), "utf8");
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "tenon-documents-"));
    database = await openDatabase();
    loans = await loanTable(database);
    await writeModel(join(folder, "status"), await statusPipeline(loans), {
      rows: loans,
      card: { name: "Risk: of credit", description: "Tells *bad* loans.", license: "apache-2.0" },
      evidence,
      lineage,
    });
    await writeModel(join(folder, "amount"), await amountPipeline(loans));
  });
  after(() => {
    database[Symbol.dispose]();
    rmSync(folder, { recursive: true, force: true });
  });

  it("come back: evidence and lineage", async () => {
    await using model = await readModel(join(folder, "status"));
    assert.deepEqual(model.evidence, evidence);
    assert.deepEqual(model.lineage, lineage);
  });

  it("refuse evidence and lineage that are none", async () => {
    const pipeline = await amountPipeline(loans);
    const refused = async (options: object, message: RegExp): Promise<void> =>
      await assert.rejects(writeModel(join(folder, "refused"), pipeline, options), message);
    await refused({ evidence: [{ kind: "", verdict: "passed", figures: {} }] }, /evidence: evidence.0.kind/);
    await refused({ evidence: [{ kind: "x", verdict: "good", figures: {} }] }, /evidence.0.verdict/);
    await refused({ evidence: [{ kind: "x", verdict: "passed", figures: { a: Number.NaN } }] }, /figures.a/);
    await refused({ lineage: { data: [{ name: "x", digest: "short" }] } }, /it must be a SHA-256/);
  });

  it("are a bill of materials that CycloneDX's schema accepts", () => {
    const require = createRequire(import.meta.url);
    const library = dirname(require.resolve("@cyclonedx/cyclonedx-library/package.json"));
    const schema = (name: string): object =>
      JSON.parse(readFileSync(join(library, "res/schema", `${name}.SNAPSHOT.schema.json`), "utf8"));
    const ajv = new Ajv({
      strict: false,
      allErrors: true,
      // The package of formats has none for internationalised addresses.
      formats: { "iri-reference": true, "idn-email": true },
    });
    addFormats.default(ajv);
    ajv.addSchema(schema("spdx"), "http://cyclonedx.org/schema/spdx.SNAPSHOT.schema.json");
    ajv.addSchema(schema("jsf-0.82"), "http://cyclonedx.org/schema/jsf-0.82.SNAPSHOT.schema.json");
    const validate = ajv.compile(schema("bom-1.6"));
    for (const name of ["status", "amount"]) {
      const bom: unknown = JSON.parse(read(name, "tenon/bom.cdx.json"));
      assert.ok(validate(bom), JSON.stringify(validate.errors));
      assert.equal(validate({ ...Object(bom), components: [{ type: "model" }] }), false);
    }
    const { metadata, serialNumber } = JSON.parse(read("status", "tenon/bom.cdx.json"));
    const onnx = readFileSync(join(folder, "status/model.onnx"));
    assert.equal(metadata.component.hashes[0].content, createHash("sha256").update(onnx).digest("hex"));
    assert.match(serialNumber, /^urn:uuid:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    assert.deepEqual(metadata.component.modelCard.quantitativeAnalysis.performanceMetrics, [
      { type: "rocAuc", value: "0.91", slice: "evaluation" },
      { type: "logLoss", value: "0.3", slice: "evaluation" },
    ]);
  });

  it("are a model card with the hub's front matter", () => {
    const [, front = "", text = ""] = read("status", "README.md").split(/^---$/m);
    assert.deepEqual(parse(front), {
      library_name: "tenon",
      license: "apache-2.0",
      pipeline_tag: "tabular-classification",
      tags: ["onnx", "tenon", "mlflow", "tabular"],
      "model-index": [
        {
          name: "Risk: of credit",
          results: [
            {
              task: { type: "tabular-classification" },
              dataset: { name: "loans.parquet", type: "tabular" },
              metrics: [
                { type: "rocAuc", name: "rocAuc", value: 0.91 },
                { type: "logLoss", name: "logLoss", value: 0.3 },
              ],
            },
          ],
        },
      ],
    });
    for (const line of [
      "# Risk: of credit",
      "Tells *bad* loans.",
      "Predicts `status` by `logisticRegression`.",
      "| income | decimal | yes |",
      "| probabilities | float32 for each of | bad, good |",
      "| fair\\|ness | unjudged |  |",
      `- data: loans.parquet (SHA-256 ${digest})`,
      "- commit: 0123abc",
    ])
      assert.ok(text.split("\n").includes(line), `${line} in\n${text}`);
    assert.match(read("amount", "README.md"), /^# amount\n\nPredicts `amount` by `linearRegression`\.$/m);
  });

  it("are a signature as TypeScript", () => {
    assert.equal(
      read("status", "tenon/signature.d.ts"),
      `/** A row that the model is asked about. Dates and times are ISO texts, or Date objects; they are UTC. */
export interface Input {
  /** int32 */
  readonly age: number | bigint;
  /** decimal */
  readonly income?: number | null;
  /** string */
  readonly job?: string | null;
  /** date */
  readonly since: Date | string;
  /** timestamp */
  readonly seen?: Date | string | null;
  /** boolean */
  readonly married: boolean;
  /** boolean */
  readonly owns?: boolean | null;
  /** int64 */
  readonly children?: number | bigint | null;
  /** float32 */
  readonly rate: number;
}

/** What the model says of a row. */
export interface Output {
  /** string */
  readonly label: "bad" | "good";
  /** float32 */
  readonly probabilities: { readonly bad: number; readonly good: number };
}
`,
    );
  });
});
