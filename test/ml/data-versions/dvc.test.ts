/** @file DVC's pointers and caches of both layouts, right ones and hostile ones. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import * as v from "valibot";
import { checkout, DataVersionError, snapshot } from "../../../ml/data-versions/index.ts";
import { readReference } from "../reference.ts";

const md5 = (text: string): string => createHash("md5").update(text).digest("hex");

describe("Snapshots of what DVC's pointers name", () => {
  let folder = "";
  let store = "";
  const write = async (name: string, text: string): Promise<string> => {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
    return join(folder, name);
  };
  const cached = async (
    text: string,
    place: "files/md5/" | "",
    suffix = "",
    hash = md5(text),
  ): Promise<string> => {
    await write(`.dvc/cache/${place}${hash.slice(0, 2)}/${hash.slice(2)}${suffix}`, text);
    return `${hash}${suffix}`;
  };
  const refused = (promise: Promise<unknown>, message: RegExp): Promise<void> =>
    assert.rejects(promise, (error: unknown) => {
      assert.ok(error instanceof DataVersionError, String(error));
      assert.match(error.message, message);
      return true;
    });
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "tenon-dvc-"));
    store = join(folder, "store");
    await write(".dvc/config", "");
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it("a file, by DVC 3 and by those before", async () => {
    const text = "a,b\n1,2\n";
    const hash = await cached(text, "files/md5/");
    const now = await write(
      "sub/x.csv.dvc",
      `outs:\n- md5: ${hash}\n  size: 8\n  hash: md5\n  path: x.csv\n`,
    );
    const taken = await snapshot(now, { store });
    assert.deepEqual(
      [taken.name, taken.kind, taken.files[0]?.path, taken.tables[0]?.rows],
      ["x", "file", "x.csv", 1],
    );
    assert.equal((await snapshot(await write("x.csv", text), { store })).digest, taken.digest);
    const windows = "a,b\r\n3,4\r\n";
    const old = await cached(windows, "", "", md5("a,b\n3,4\n"));
    const before = await write("y.csv.dvc", `md5: ${"0".repeat(32)}\nouts:\n- md5: ${old}\n  path: y.csv\n`);
    assert.equal((await snapshot(before, { store })).files[0]?.size, windows.length);
  });

  it("a folder by its list, and several outputs at once", async () => {
    const [a, b] = [await cached("A", "files/md5/"), await cached("B", "files/md5/")];
    const list = JSON.stringify([
      { md5: a, relpath: "a.txt" },
      { md5: b, relpath: "deep/b.txt" },
    ]);
    const dir = await cached(list, "files/md5/", ".dir");
    const pointer = await write("d.dvc", `outs:\n- md5: ${dir}\n  nfiles: 2\n  hash: md5\n  path: d\n`);
    const { files, id } = await snapshot(pointer, { store });
    assert.deepEqual(
      files.map(({ path }) => path),
      ["a.txt", "deep/b.txt"],
    );
    await checkout(id, join(folder, "out"), { store });
    const both = await write(
      "both.dvc",
      `outs:\n- {md5: ${dir}, hash: md5, path: d}\n- {md5: ${a}, hash: md5, path: ../a.txt, isexec: true}\n`,
    );
    const several = await snapshot(both, { store });
    assert.deepEqual(
      several.files.map(({ path, executable }) => [path, executable]),
      [
        ["a.txt", true],
        ["d/a.txt", undefined],
        ["d/deep/b.txt", undefined],
      ],
    );
  });

  it("a project of DVC 2.58 is what was put into it", async () => {
    const texts = v.record(v.string(), v.string());
    const { pointers, cache, data } = readReference(
      "dvc",
      v.object({ pointers: texts, cache: texts, data: texts }),
    );
    const writeAll = async (files: Readonly<Record<string, string>>, place: string): Promise<void> => {
      for (const [name, content] of Object.entries(files)) {
        await mkdir(dirname(join(folder, place, name)), { recursive: true });
        await writeFile(join(folder, place, name), Buffer.from(content, "base64"));
      }
    };
    await writeAll(cache, ".dvc/cache");
    await writeAll(data, "data");
    for (const [name, text] of Object.entries(pointers)) {
      const byPointer = await snapshot(await write(name, text), { store });
      const itself = await snapshot(join(folder, "data", name.replace(/\.dvc$/, "")), { store });
      assert.equal(byPointer.id, itself.id);
    }
  });

  it("the cache may be elsewhere", async () => {
    const hash = md5("A");
    await write(`other/files/md5/${hash.slice(0, 2)}/${hash.slice(2)}`, "A");
    const pointer = await write("x.dvc", `outs:\n- {md5: ${hash}, hash: md5, path: x}\n`);
    await refused(snapshot(pointer, { store }), /is not in DVC's cache .*: run dvc pull/);
    await write(".dvc/config", "[core]\n    dir = wrong\n[cache]\n    type = symlink\n    dir = nowhere\n");
    await write(".dvc/config.local", "[cache]\n    dir = ../other\n");
    assert.equal((await snapshot(pointer, { store })).size, 1);
  });

  it("what is damaged or hostile is refused", async () => {
    const pointer = async (text: string): Promise<string> => write("x.dvc", text);
    const ofList = async (list: unknown): Promise<string> => {
      const dir = await cached(typeof list === "string" ? list : JSON.stringify(list), "files/md5/", ".dir");
      return pointer(`outs:\n- {md5: ${dir}, hash: md5, path: d}\n`);
    };
    const a = await cached("A", "files/md5/");
    await cached("changed", "files/md5/", "", md5("whole"));
    const cases: readonly (readonly [() => Promise<string>, RegExp])[] = [
      [() => pointer("outs: ["), /no YAML/],
      [() => pointer("a: &a [1]\nouts: *a\n"), /it has aliases/],
      [() => pointer("outs: []"), /no DVC pointer: outs/],
      [() => pointer("outs:\n- {etag: x, path: x}\n"), /outs\.0\.md5/],
      [
        () => pointer(`outs:\n- {md5: ../../etc/passwd, hash: md5, path: x}\n`),
        /outs\.0\.md5: it must be an MD5/,
      ],
      [() => pointer(`outs:\n- {md5: ${a}, hash: sha256, path: x}\n`), /only MD5 is known/],
      [() => pointer(`outs:\n- {md5: ${a}, hash: md5, path: ..}\n`), /it names "\.\."/],
      [() => pointer(`outs:\n- {md5: ${md5("whole")}, hash: md5, path: x}\n`), /was changed in DVC's cache/],
      [() => ofList([{ md5: a, relpath: "../../x" }]), /0\.relpath: it must be a relative path/],
      [() => ofList([{ md5: a, relpath: "/etc/x" }]), /0\.relpath/],
      [() => ofList([{ md5: "x", relpath: "x" }]), /0\.md5/],
      [() => ofList("[{"), /no JSON/],
      [
        () =>
          ofList([
            { md5: a, relpath: "x" },
            { md5: a, relpath: "x" },
          ]),
        /two files of this name/,
      ],
    ];
    for (const [make, message] of cases) await refused(snapshot(await make(), { store }), message);
    await ofList([{ md5: a, relpath: "x" }]);
    const list = JSON.stringify([{ md5: a, relpath: "x" }]);
    await cached(list.replace('"x"', '"y"'), "files/md5/", ".dir", md5(list));
    await refused(snapshot(join(folder, "x.dvc"), { store }), /the list of its folder was changed/);
    await rm(join(folder, ".dvc"), { recursive: true });
    await refused(snapshot(join(folder, "x.dvc"), { store }), /in no DVC project/);
  });
});
