import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openDatabase } from "../../ml/data/index.ts";
import {
  generateAgeKeys,
  generateEncryptionKey,
  readEncryptionKey,
} from "../../ml/package/encryption/index.ts";
import { readModel } from "../../ml/package/index.ts";
import { loanTable, statusPipeline } from "../ml/package/loan-models.ts";
import { CliFolder } from "./cli-fixture.ts";

describe("tenon encrypt, tenon decrypt", function () {
  this.timeout(60_000);
  let folder: CliFolder;
  const key = generateEncryptionKey();
  const at = (name: string): string => join(folder.path, name);
  const printKey = `${process.execPath} -e 'process.stdout.write("${key}")'`;
  before(async () => {
    folder = await CliFolder.create();
    writeFileSync(at("weights"), "weights");
  });
  after(() => folder.remove());

  it("go both ways, by age and by a key that a command prints", async () => {
    const { identity, recipient } = await generateAgeKeys();
    writeFileSync(at("key.txt"), `# made for a test\n${identity}\n`);
    for (const [to, from] of [
      [
        ["--recipient", recipient],
        ["--identity", "key.txt"],
      ],
      [
        ["--key-command", printKey],
        ["--key-env", "MY_KEY"],
      ],
    ] as const) {
      const encrypted = await folder.run(["encrypt", "weights", "-o", "secret", ...to]);
      assert.deepEqual([encrypted.code, encrypted.stdout, encrypted.stderr], [0, "Wrote secret\n", ""]);
      assert.doesNotMatch(readFileSync(at("secret"), "latin1"), /weights/);
      const decrypted = await folder.run(["decrypt", "secret", "-o", "plain", ...from], { MY_KEY: key });
      assert.deepEqual([decrypted.code, decrypted.stdout, decrypted.stderr], [0, "Wrote plain\n", ""]);
      assert.equal(readFileSync(at("plain"), "utf8"), "weights");
    }
  });

  it("say in a line what is wrong, never a secret, and write nothing", async () => {
    const wrong = generateEncryptionKey();
    await folder.run(["encrypt", "weights", "-o", "secret", "--key-env", "MY_KEY"], { MY_KEY: key });
    const cases: readonly (readonly [readonly string[], number, RegExp])[] = [
      [["decrypt", "secret", "-o", "out"], 2, /no key is named/],
      [["decrypt", "secret", "-o", "out", "--key-env", "MY_KEY"], 1, /secret: .*the key is another/],
      [
        ["decrypt", "secret", "-o", "out", "--key-env", "MY_KEY", "--key-command", "x"],
        2,
        /can't go together/,
      ],
      [
        ["decrypt", "secret", "-o", "out", "--key-command", `sh -c 'echo ${key}x; exit 4'`],
        1,
        /ended with code 4/,
      ],
      [["decrypt", "secret", "-o", "secret", "--key-env", "MY_KEY"], 2, /names the file that is read/],
    ];
    for (const [args, code, message] of cases) {
      const result = await folder.run(args, { MY_KEY: wrong });
      assert.deepEqual([result.code, result.stdout], [code, ""]);
      assert.match(result.stderr, message);
      assert.ok(!result.stderr.includes(key) && !result.stderr.includes(wrong));
      assert.equal(existsSync(at("out")), false);
    }
  });

  it("tenon package encrypts what a model has learned", async () => {
    using database = await openDatabase();
    writeFileSync(at("risk.json"), JSON.stringify(await statusPipeline(await loanTable(database))));
    const packaged = await folder.run(["package", "risk.json", "--out", "risk", "--key-command", printKey]);
    assert.deepEqual([packaged.code, packaged.stdout, packaged.stderr], [0, "Wrote risk\n", ""]);
    assert.ok(existsSync(at("risk/model.onnx.enc")) && !existsSync(at("risk/model.onnx")));
    await (await readModel(at("risk"), { decryption: readEncryptionKey(key) })).close();
  });
});
