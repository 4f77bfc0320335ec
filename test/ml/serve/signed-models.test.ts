/** @file Models that a policy demands to be signed: verified before anything of them is read, by whatever way they are served. */
import assert from "node:assert/strict";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { generateSigningKeys, signModel } from "../../../ml/package/signing/index.ts";
import { openStore, type Store } from "../../../ml/registry/index.ts";
import { createModelVersion, setAlias } from "../../../ml/registry/store/model-versions.ts";
import { createRegisteredModel } from "../../../ml/registry/store/registered-models.ts";
import type { RunningService, ServingOptions } from "../../../ml/serve/index.ts";
import { writeMatrixModel } from "./matrix-model.ts";
import { serveModels } from "./served-loans.ts";

describe("models that must be signed", () => {
  const keys = generateSigningKeys();
  let folder: string;
  const at = (...path: readonly string[]): string => join(folder, ...path);
  const policy = async (parts: object): Promise<void> =>
    writeFile(at("tenon.policy.json"), JSON.stringify({ version: 1, rules: [], ...parts }));
  const serve = async (
    models: string | readonly string[],
    more: Partial<ServingOptions> = {},
  ): Promise<RunningService> => serveModels(models, { registry: at("runs"), reloadInterval: 0, ...more });
  const refused = async (models: string, message: RegExp): Promise<void> =>
    assert.rejects(serve(models), (error: unknown) => {
      assert.ok(error instanceof Error);
      assert.equal(error.name, "SignatureError", error.stack);
      assert.match(error.message, message);
      assert.match(error.message, /tenon\.policy\.json demands in (loading|rules)\.0/);
      assert.match(error.message, /Have one of them sign the package/);
      return true;
    });
  /** Registers a directory of the store's artifacts as the next version. */
  const register = async (store: Store, name: string, directory: string): Promise<string> => {
    const source = `mlflow-artifacts:/${directory}`;
    const texts = { runId: "", runLink: "", description: "", tags: [] };
    return (await createModelVersion(store, { name, source, storageLocation: source, ...texts })).version;
  };
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "tenon-signed-"));
    await writeFile(at("release.pub.pem"), keys.publicKey);
    await writeMatrixModel(at("models", "m"));
  });
  afterEach(async () => await rm(folder, { recursive: true, force: true }));

  it("are refused from a folder without a signature, with another's, and with a flipped byte", async () => {
    const model = at("models", "m");
    await policy({ loading: [{ signedBy: ["release.pub.pem"] }] });
    // What would be an error of its own if it were looked at.
    const description = await readFile(join(model, "MLmodel"), "utf8");
    await writeFile(join(model, "MLmodel"), "not: [yaml");
    await refused(model, /that it is signed by release\.pub\.pem: it is not signed\./);
    await writeFile(join(model, "MLmodel"), description);
    await refused(at("models"), /models.m is not loaded: .*it is not signed\./);
    await signModel(model, { privateKey: generateSigningKeys().privateKey });
    await refused(model, /the signature is by another key/);
    await signModel(model, keys);
    await (await serve(model)).close();
    const graph = await readFile(join(model, "model.onnx"));
    graph[graph.length - 1] = (graph.at(-1) ?? 0) ^ 1;
    await writeFile(join(model, "model.onnx"), graph);
    await refused(model, /it is not the model that was signed: changed: model\.onnx/);
    // Of other names nothing is demanded.
    await policy({ loading: [{ models: ["other"], signedBy: ["release.pub.pem"] }] });
    await (await serve(model)).close();
    await policy({ loading: [{ models: ["m"], signedBy: ["nowhere.pem"] }] });
    await assert.rejects(serve(model), /tenon\.policy\.json: the key nowhere\.pem can't be read/);
    await writeFile(at("tenon.policy.json"), "{");
    await assert.rejects(serve(model), { name: "InvalidInputError", message: /tenon\.policy\.json: / });
    await assert.rejects(serve(model, { policy: at("nowhere.json") }), /there is no such file/);
  });

  it("are refused from a registry by alias and by number, where the alias is protected", async () => {
    const store = await openStore(at("runs"));
    try {
      await createRegisteredModel(store, "m", [], "");
      await cp(at("models", "m"), at("runs", "artifacts", "unsigned"), { recursive: true });
      await signModel(at("models", "m"), keys);
      await cp(at("models", "m"), at("runs", "artifacts", "signed"), { recursive: true });
      for (const directory of ["unsigned", "signed", "unsigned"]) await register(store, "m", directory);
      await setAlias(store, "m", "champion", "1");
      await policy({ rules: [{ alias: "champion", models: ["m"], signedBy: ["release.pub.pem"] }] });
      await refused("models:/m@champion", /^models:\/m\/1 is not loaded: .*the alias champion.*not signed/);
      await refused("models:/m/1", /models:\/m\/1 is not loaded: .*the alias champion.*it is not signed/);
      // A version without the alias is not what the rule is about.
      await (await serve("models:/m/3")).close();

      await setAlias(store, "m", "champion", "2");
      const errors: unknown[] = [];
      const service = await serve(["models:/m@champion", "models:/m/3"], {
        onError: (error) => errors.push(error),
      });
      // The alias moves, without being asked, to one that is served already, by its number.
      await setAlias(store, "m", "champion", "3");
      await service.reload();
      assert.match(String(errors[0]), /models:\/m\/3 is not loaded: .*it is not signed/);
      assert.deepEqual(
        service.models.metadata("m", "champion").versions,
        ["2"],
        "what can't be loaded takes nobody's place",
      );
      await service.reload();
      assert.equal(errors.length, 1);
      assert.deepEqual(service.models.metadata("m", "champion").versions, ["2"]);
      await service.close();
    } finally {
      await store.close();
    }
  });

  it("are tried again when a signature comes, and when the policy changes", async () => {
    const errors: unknown[] = [];
    await policy({ loading: [{ models: ["late"], signedBy: ["release.pub.pem"] }] });
    const service = await serve(at("models"), { onError: (error) => errors.push(error) });
    await cp(at("models", "m"), at("models", "late"), { recursive: true });
    await service.reload();
    await service.reload();
    assert.equal(errors.length, 1, "what is refused is not tried again until it changes");
    assert.deepEqual(service.models.modelNames(), ["m"]);
    await signModel(at("models", "late"), keys);
    await service.reload();
    assert.deepEqual(service.models.modelNames(), ["m", "late"]);
    await policy({ loading: [{ signedBy: ["release.pub.pem"] }] });
    await service.reload();
    assert.match(String(errors[1]), /models.m is not loaded/);
    assert.equal(errors.length, 2);
    await service.close();
  });
});
