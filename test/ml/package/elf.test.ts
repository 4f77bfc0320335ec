/** @file The ELF reader on this machine's own programs, and on bytes that are not what they seem. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Random } from "../../../ml/random.ts";
import { readElf } from "../../../ml/package/images/elf.ts";
import { ImageError } from "../../../ml/package/images/index.ts";
import { neededLibraries } from "../../../ml/package/images/shared-libraries.ts";

describe("ELF files", function () {
  if (process.platform !== "linux") return;
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "tenon-elf-"));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  it("finds the libraries that the dynamic loader finds", async () => {
    const { found, missing } = await neededLibraries([process.execPath]);
    assert.equal(missing.size, 0);
    const loaded = [
      ...execFileSync("ldd", [process.execPath], { encoding: "utf8" }).matchAll(/=> (\S+) \(/g),
    ];
    assert.ok(loaded.length > 2);
    for (const [, path] of loaded) assert.ok(found.has(path ?? ""), path);
    const elf = await readElf(process.execPath);
    assert.ok(elf?.interpreter !== undefined && found.has(elf.interpreter));
  });

  it("takes other files for what they are, and damaged ones for damaged", async () => {
    const path = join(folder, "file");
    for (const text of ["", "#!/bin/sh\n".repeat(20)]) {
      await writeFile(path, text);
      assert.equal(await readElf(path), undefined);
    }
    const { found } = await neededLibraries([process.execPath]);
    const libc = [...found].find(([name]) => /libc\.|ld-musl/.test(name));
    assert.ok(libc);
    const bytes = await readFile(libc[1]);
    await writeFile(path, bytes.subarray(0, 200));
    await assert.rejects(readElf(path), ImageError);
    const random = new Random(1);
    for (let round = 0; round < 200; round++) {
      const hostile = Buffer.from(bytes.subarray(0, 4096));
      for (let flips = 0; flips < 4; flips++)
        hostile[4 + Math.floor(random.uniform() * 900)] = Math.floor(random.uniform() * 256);
      await writeFile(path, hostile);
      await readElf(path).catch((error: unknown) => assert.ok(error instanceof ImageError, String(error)));
    }
  });
});
