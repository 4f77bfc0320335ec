import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { randn } from "../../../ml/graph/index.ts";
import { batchNorm, linear, loadParameters, relu, saveParameters, sequential } from "../../../ml/nn/index.ts";

describe("parameters in a file", () => {
  let folder: string;
  let path: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "tenon-parameters-"));
    path = join(folder, "model.safetensors");
  });
  after(() => rmSync(folder, { recursive: true, force: true }));
  const model = sequential(linear(4, 8), batchNorm(8), relu(), linear(8, 2));

  it("come back as they were: the model gives the same, bit for bit", async () => {
    const parameters = model.init(1);
    const x = randn([3, 4], { seed: 2 });
    await saveParameters(path, parameters);
    const loaded = await loadParameters(path, model.init(9));
    assert.deepEqual(await model.apply(loaded, x).data(), await model.apply(parameters, x).data());
  });

  it("of another model are refused by name", async () => {
    await saveParameters(path, model.init(1));
    const refused = (like: Parameters<typeof loadParameters>[1], message: RegExp): Promise<void> =>
      assert.rejects(loadParameters(path, like), { name: "InvalidInputError", message });
    await refused(
      sequential(linear(4, 7), relu()).init(1),
      /"0\.weight" is float32 \[4, 8\], not float32 \[4, 7\]/,
    );
    await refused(sequential(linear(4, 8), linear(8, 2)).init(1), /"1\.weight" is float32 \[8\]/);
    await refused(
      sequential(linear(4, 8), batchNorm(8)).init(1),
      /has "3\.(weight|bias)", which the model has not/,
    );
    await refused([...model.init(1), linear(2, 2).init(1)], /has no "4\.weight"/);
  });
});
