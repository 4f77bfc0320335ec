/** @file `tenon image`, `tenon sign` and `tenon verify` as processes. */
import assert from "node:assert/strict";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import * as v from "valibot";
import { writeModelPack } from "../../ml/package/images/index.ts";
import { generateSigningKeys } from "../../ml/package/signing/index.ts";
import { CliFolder, finish } from "./cli-fixture.ts";

describe("tenon image, sign and verify", function () {
  this.timeout(60_000);
  let folder: CliFolder;
  beforeEach(async () => {
    folder = await CliFolder.create();
    for (const name of ["app", "model"]) await mkdir(join(folder.path, name));
    await writeFile(join(folder.path, "app/main.js"), "console.log(1);\n");
    await writeFile(join(folder.path, "model/model.onnx"), "weights");
  });
  afterEach(() => folder.remove());

  it("builds upon a layout, twice the same, and writes an archive", async function () {
    if (process.platform !== "linux") this.skip();
    // An empty tar is a root file system too, and quickly compressed.
    await writeFile(join(folder.path, "root.tar"), emptyFolderTar());
    const args = [
      "image",
      "build",
      "app",
      "--base",
      "root.tar",
      "--model",
      "flights=model",
      "--expose",
      "8080",
    ];
    const text = await folder.run([...args, "-o", "one", "--", "/bin/node", "/app/main.js"]);
    assert.equal(text.code, 0, text.stderr);
    assert.match(text.stdout, /application\n.*model flights\none:latest is sha256:[0-9a-f]{64}\n$/);
    const json = await folder.run([...args, "-o", "two", "--json", "--", "/bin/node", "/app/main.js"]);
    const { digest } = v.parse(v.object({ digest: v.string() }), JSON.parse(json.stdout));
    assert.ok(text.stdout.includes(digest));
    const archive = await folder.run(["image", "archive", "one", "image.tar", "--name", "flights:1"]);
    assert.equal(archive.stdout, "Wrote image.tar\n", archive.stderr);
    const wrong = await folder.run([...args, "-o", "one", "--env", "A", "--", "/bin/node"]);
    assert.deepEqual([wrong.code, wrong.stderr], [2, 'error: --env takes NAME=VALUE, not "A"\n']);
    const missing = await folder.run(["image", "build", "nothing", "-o", "x", "--", "/bin/node"]);
    assert.deepEqual([missing.code, missing.stderr], [1, "error: nothing does not exist\n"]);
  });

  it("leaves nothing unfinished behind when it is interrupted", async function () {
    if (process.platform !== "linux") this.skip();
    const blobs = join(folder.path, "one/blobs/sha256");
    const build = folder.start(["image", "build", "app", "-o", "one", "--", "/bin/node"]);
    const ended = finish(build);
    let names: readonly string[] = [];
    while (names.length === 0 && build.exitCode === null) {
      await setTimeout(20);
      names = await readdir(blobs).catch((): string[] => []);
    }
    build.kill("SIGINT");
    assert.deepEqual([(await ended).code, (await ended).stderr], [130, "error: interrupted\n"]);
    assert.deepEqual(await readdir(blobs), []);
    assert.deepEqual(await readdir(join(folder.path, "one")), ["blobs"], "no layout that isn't one");
  });

  it("packs a model, and says when a registry isn't there", async () => {
    const text = await folder.run([
      "image",
      "modelpack",
      "model",
      "-o",
      "pack",
      "--name",
      "flights",
      "--format",
      "onnx",
    ]);
    assert.equal(text.code, 0, text.stderr);
    const expected = await writeModelPack(join(folder.path, "again"), {
      model: join(folder.path, "model"),
      descriptor: { name: "flights" },
      config: { format: "onnx" },
    });
    assert.ok(text.stdout.endsWith(`pack:latest is ${expected.digest}\n`), text.stdout);
    const push = await folder.run(["image", "push", "pack", "127.0.0.1:1/flights:1", "--plain-http"]);
    assert.equal(push.code, 1);
    assert.match(push.stderr, /^error: http:\/\/127\.0\.0\.1:1 can't be reached[^\n]*\n$/);
    const half = await folder.run(["image", "push", "pack", "127.0.0.1:1/x"], {
      TENON_REGISTRY_USERNAME: "me",
    });
    assert.equal(half.code, 2);
  });

  it("signs and verifies a model, and refuses a changed one", async () => {
    const { privateKey, publicKey } = generateSigningKeys();
    await writeFile(join(folder.path, "key.pem"), privateKey);
    await writeFile(join(folder.path, "key.pub.pem"), publicKey);
    const signed = await folder.run(["sign", "model", "--key", "key.pem"]);
    assert.equal(signed.stdout, "Signed 1 file of model\n", signed.stderr);
    assert.deepEqual((await readdir(join(folder.path, "model"))).sort(), ["model.onnx", "model.sig"]);
    const verified = await folder.run(["verify", "model", "--key", "key.pub.pem"]);
    assert.deepEqual([verified.code, verified.stdout], [0, "model is what was signed: 1 file\n"]);
    await writeFile(join(folder.path, "model/model.onnx"), "Weights");
    const changed = await folder.run(["verify", "model", "--key", "key.pub.pem"]);
    assert.equal(changed.code, 1);
    assert.equal(changed.stderr, "error: model is not the model that was signed: changed: model.onnx\n");
    const noKey = await folder.run(["verify", "model", "--key", "nothing.pem"]);
    assert.deepEqual([noKey.code, noKey.stderr], [1, "error: nothing.pem does not exist\n"]);
  });
});

/** A tar of one folder: its header, by hand, and two empty blocks. */
function emptyFolderTar(): Buffer {
  const tar = Buffer.alloc(1536);
  tar.write("etc/", 0, "latin1");
  tar.write(
    "0000755\u00000000000\u00000000000\u000000000000000\u000000000000000\u0000        5",
    100,
    "latin1",
  );
  tar.write("ustar\u000000", 257, "latin1");
  const sum = tar.subarray(0, 512).reduce((total, byte) => total + byte, 0);
  tar.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return tar;
}
