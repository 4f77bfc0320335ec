/** @file Packages, signatures, encrypted files and snapshots on disks that are full or read-only; descriptions made to hurt. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openDatabase, type Database, type Table } from "../../../ml/data/index.ts";
import { checkout, find, snapshot } from "../../../ml/data-versions/index.ts";
import {
  encryptFile,
  generateEncryptionKey,
  readEncryptionKey,
} from "../../../ml/package/encryption/index.ts";
import {
  ModelPackageError,
  readLineage,
  readModel,
  readSignature,
  writeModel,
} from "../../../ml/package/index.ts";
import { generateSigningKeys, signModel } from "../../../ml/package/signing/index.ts";
import type { FittedPipeline } from "../../../ml/pipeline/index.ts";
import { mountSmallDisk, type SmallDisk } from "../../support/small-disk.ts";
import { loanTable, statusPipeline } from "./loan-models.ts";

describe("Packages on failing disks and from hostile hands", () => {
  let scratch = "";
  let database: Database;
  let loans: Table;
  let fitted: FittedPipeline;
  before(async () => {
    scratch = await mkdtemp(join(tmpdir(), "tenon-hardening-"));
    database = await openDatabase();
    loans = await loanTable(database);
    fitted = await statusPipeline(loans);
    await writeModel(join(scratch, "model"), fitted, { rows: loans.limit(5) });
  });
  after(async () => {
    database.close();
    await rm(scratch, { recursive: true, force: true });
  });

  describe("on a disk", () => {
    let disk: SmallDisk | undefined;
    beforeEach(function () {
      const mounted = mountSmallDisk(1);
      if ("reason" in mounted) {
        process.stdout.write(`      (${mounted.reason})\n`);
        this.skip();
      }
      disk = mounted;
    });
    afterEach(() => {
      disk?.unmount();
      disk = undefined;
    });
    const at = (name: string): string => join(disk?.folder ?? "", name);
    /** Everything that writes, each of which must fail and leave nothing but what was there. */
    type Writer = (large: string) => Promise<unknown>;
    const writers: Readonly<Record<string, Writer>> = {
      writeModel: () => writeModel(at("new"), fitted, { rows: loans.limit(32) }),
      encryptFile: (large) => encryptFile(large, at("new.enc"), readEncryptionKey(generateEncryptionKey())),
      snapshot: (large) => snapshot(large, { store: at("store"), name: "large" }),
      "snapshot of a table": () => snapshot(loans, { store: at("store"), name: "table" }),
      checkout: () => checkout("large", at("out"), { store: join(scratch, "store") }),
    };
    const entries = (): readonly string[] =>
      readdirSync(disk?.folder ?? "", { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map(({ name }) => name)
        .sort();

    it("that is full, everything that writes fails, leaves nothing, and works when there is room", async () => {
      const large = join(scratch, "large.bin");
      await writeFile(large, randomBytes(2_000_000));
      await snapshot(large, { store: join(scratch, "store") });
      assert.throws(() => writeFileSync(at("filler"), "x".repeat(2_000_000)), { code: "ENOSPC" });
      for (const [name, write] of Object.entries(writers)) {
        await assert.rejects(write(large), /ENOSPC|no space left|[Dd]isk|write/, name);
        assert.deepEqual(entries(), ["filler"], name);
      }
      rmSync(at("filler"));
      await writeModel(at("new"), fitted);
      await (await readModel(at("new"))).close();
      const taken = await snapshot(at("new"), { store: at("store"), name: "model" });
      assert.equal((await find("model", { store: at("store") })).id, taken.id);
    });

    it("that is read-only, what is there is read and verified, and what writes fails", async () => {
      const small = join(scratch, "small.bin");
      await writeFile(small, "small");
      await cp(join(scratch, "model"), at("model"), { recursive: true });
      await snapshot(small, { store: at("store") });
      disk?.setReadOnly(true);
      const before = entries();
      await (await readModel(at("model"))).close();
      await checkout("small", join(scratch, "out.bin"), { store: at("store") });
      assert.equal(readFileSync(join(scratch, "out.bin"), "utf8"), "small");
      const { privateKey } = generateSigningKeys();
      const all: Readonly<Record<string, Writer>> = {
        ...writers,
        signModel: () => signModel(at("model"), { privateKey }),
      };
      for (const [name, write] of Object.entries(all))
        await assert.rejects(write(small), /EROFS|read-?only|ENOENT|[Cc]annot open|write/, name);
      assert.deepEqual(entries(), before);
    });
  });

  it("descriptions that are made to hurt are refused by a named error, quickly", async () => {
    const text = await readFile(join(scratch, "model/MLmodel"), "utf8");
    const copy = join(scratch, "hostile");
    await cp(join(scratch, "model"), copy, { recursive: true });
    const started = performance.now();
    for (const [name, hostile] of Object.entries({
      "deep flow": `flavors: ${"[".repeat(100_000)}`,
      "deep closed flow": `flavors: ${"[".repeat(5000)}${"]".repeat(5000)}`,
      "deep sequences": `flavors:\n  ${"- ".repeat(100_000)}x`,
      "deep keys": `${"? ".repeat(100_000)}x`,
      "deep maps": `flavors: ${"{a: ".repeat(50_000)}`,
      "deep blocks": Array.from({ length: 1200 }, (_, depth) => `${" ".repeat(depth)}a:`).join("\n"),
      "many keys": Array.from({ length: 60_000 }, (_, key) => `k${key}: 1`).join("\n"),
      "one key again and again": "a: 1\n".repeat(20_000),
      prototype: "__proto__: {flavors: {tenon: 1}}\nconstructor: {prototype: {polluted: 1}}",
      "merge key": `x: &x {flavors: {}}\n<<: *x\n`,
      "a cipher that isn't known": text.replace("evidence: tenon", "encryption: rot13\n    evidence: tenon"),
      "encryption without a key": text.replace("evidence: tenon", "encryption: age\n    evidence: tenon"),
      "a graph of the system": text.replace("data: model.onnx", "data: /proc/self/environ"),
      "a graph in a device": text.replace("data: model.onnx", "data: ../../../../dev/zero"),
      "lineage elsewhere": text.replace("tenon/lineage.json", "../../../etc/passwd"),
      "lineage of a drive": text.replace("tenon/lineage.json", "C:/secret.json"),
      "lineage of a UNC path": text.replace("tenon/lineage.json", "//server/share"),
    })) {
      await writeFile(join(copy, "MLmodel"), hostile);
      const refuses = (error: unknown): boolean => {
        assert.ok(error instanceof ModelPackageError, `${name}: ${String(error)}`);
        return true;
      };
      await assert.rejects(readModel(copy), refuses, `${name} is read`);
      // What doesn't look at the hostile part may be read.
      if (hostile.includes("model_uuid"))
        await Promise.all([readSignature(copy), readLineage(copy)]).catch(refuses);
      assert.equal(Object.hasOwn(Object.prototype, "polluted"), false);
    }
    assert.ok(performance.now() - started < 30_000);
  });

  it("a directory that is a link is read where it leads, and a file's link out of it is not", async () => {
    await symlink(join(scratch, "model"), join(scratch, "linked"));
    await (await readModel(join(scratch, "linked"))).close();
    const copy = join(scratch, "link out");
    await cp(join(scratch, "model"), copy, { recursive: true });
    await rm(join(copy, "MLmodel"));
    await symlink(join(scratch, "model/MLmodel"), join(copy, "MLmodel"));
    await assert.rejects(readModel(copy), /"MLmodel" is a link that leads out of the folder/);
  });
});
