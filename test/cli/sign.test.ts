import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { generateSigningKeys } from "../../ml/package/signing/index.ts";
import { type FakeSigstore, identityToken, issuer, startSigstore } from "../ml/package/fake-sigstore.ts";
import { CliFolder, type CliResult } from "./cli-fixture.ts";

describe("tenon sign, tenon verify", function () {
  this.timeout(60_000);
  let folder: CliFolder;
  let sigstore: FakeSigstore;
  const identity = "https://github.com/acme/models/.github/workflows/train.yml@refs/heads/main";
  before(async () => {
    folder = await CliFolder.create();
    sigstore = await startSigstore();
    mkdirSync(join(folder.path, "model"));
    writeFileSync(join(folder.path, "model/weights"), "weights");
    writeFileSync(join(folder.path, "root.json"), sigstore.trustedRoot);
    const { privateKey, publicKey } = generateSigningKeys();
    writeFileSync(join(folder.path, "key.pem"), privateKey);
    writeFileSync(join(folder.path, "key.pub.pem"), publicKey);
  });
  after(async () => {
    await sigstore.close();
    await folder.remove();
  });
  const run = (args: readonly string[], env = {}): Promise<CliResult> => folder.run(args, env);

  it("keyless, by the environment's token", async () => {
    const services = ["--fulcio-url", sigstore.url, "--rekor-url", sigstore.url];
    const env = { SIGSTORE_ID_TOKEN: identityToken(identity) };
    const signed = await run(["sign", "model", "--keyless", ...services], env);
    assert.deepEqual([signed.code, signed.stdout, signed.stderr], [0, "Signed 1 file of model\n", ""]);
    const policy = ["--identity", identity, "--trusted-root", "root.json"];
    const verified = await run(["verify", "model", ...policy, "--issuer", issuer]);
    assert.deepEqual([verified.code, verified.stdout], [0, "model is what was signed: 1 file\n"]);
    const other = await run(["verify", "model", ...policy, "--issuer", "https://other.example"]);
    assert.deepEqual([other.code, other.stdout], [1, ""]);
    assert.match(other.stderr, /vouched for, not https:\/\/other\.example/);
  });

  it("by a key, and by nothing in between", async () => {
    assert.equal((await run(["sign", "model", "--key", "key.pem"])).code, 0);
    assert.equal((await run(["verify", "model", "--key", "key.pub.pem"])).code, 0);
    for (const args of [
      ["sign", "model"],
      ["sign", "model", "--key", "key.pem", "--keyless"],
      ["verify", "model"],
      ["verify", "model", "--identity", identity],
      ["verify", "model", "--key", "key.pub.pem", "--identity", identity, "--issuer", issuer],
    ]) {
      const { code, stderr } = await run(args);
      assert.equal(code, 2);
      assert.match(stderr, /either/);
    }
  });
});
