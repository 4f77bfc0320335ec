/** @file Image layouts, archives and artifacts: what is in them, that they are the same each time, what is refused. */
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import * as v from "valibot";
import {
  ImageError,
  type ImageOptions,
  writeDockerArchive,
  writeImage,
  writeModelPack,
} from "../../../ml/package/images/index.ts";
import { findImage, blobPath, readConfig } from "../../../ml/package/images/read-layout.ts";
import { tarArchive, type TarEntry } from "../../../ml/package/images/tar.ts";

async function bytesOf(entries: readonly TarEntry[]): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of tarArchive(entries)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** The names in a tar by the system's own program, which stands for every other reader. */
function listTar(path: string): readonly string[] {
  return execFileSync("tar", ["-tf", path], { encoding: "utf8" }).trim().split("\n");
}

describe("images", function () {
  if (process.platform !== "linux") return;
  let scratch: string;
  let options: ImageOptions;
  const at = (name: string): string => join(scratch, name);
  const write = async (files: Readonly<Record<string, string>>): Promise<void> => {
    for (const [name, text] of Object.entries(files)) {
      await mkdir(dirname(at(name)), { recursive: true });
      await writeFile(at(name), text);
    }
  };
  beforeEach(async () => {
    scratch = await mkdtemp(join(tmpdir(), "tenon-images-"));
    await write({
      "app/main.js": "console.log(1);\n",
      "app/lib/a.js": "export {};\n",
      "model/model.onnx": "weights",
      "root.tar": "",
    });
    const root: TarEntry[] = [
      { kind: "directory", name: "etc", mode: 0o755 },
      { kind: "file", name: "etc/os-release", mode: 0o644, content: Buffer.from("ID=none\n") },
    ];
    await writeFile(at("root.tar"), await bytesOf(root));
    options = {
      application: at("app"),
      entrypoint: ["/usr/local/bin/node", "/app/main.js"],
      base: at("root.tar"),
    };
  });
  afterEach(() => rm(scratch, { recursive: true, force: true }));

  it("writes the base, the application and each model as layers, and how the image is run", async () => {
    const image = await writeImage(at("layout"), {
      ...options,
      models: { flights: at("model") },
      env: { PORT: "8080" },
      labels: { "org.opencontainers.image.version": "1" },
      exposedPorts: [8080],
      user: "1000",
    });
    assert.deepEqual(
      image.layers.map(({ content }) => content),
      ["base", "application", "model flights"],
    );
    const found = await findImage(at("layout"), "latest", "amd64");
    assert.equal(found.descriptor.digest, image.digest);
    assert.deepEqual(found.descriptor.platform, image.platform);
    const { config, rootfs, history } = await readConfig(at("layout"), found);
    assert.deepEqual(config, {
      User: "1000",
      Entrypoint: ["/usr/local/bin/node", "/app/main.js"],
      WorkingDir: "/app",
      Env: ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "PORT=8080"],
      Labels: { "org.opencontainers.image.version": "1" },
      ExposedPorts: { "8080/tcp": {} },
    });
    assert.deepEqual(
      rootfs.diff_ids,
      image.layers.map(({ diffId }) => diffId),
    );
    assert.equal(history?.length, 3);
    const [, application, model] = image.layers;
    assert.ok(application && model);
    await writeFile(
      at("application.tar"),
      gunzipSync(await readFile(blobPath(at("layout"), application.digest))),
    );
    assert.deepEqual(listTar(at("application.tar")), ["app/", "app/lib/", "app/lib/a.js", "app/main.js"]);
    assert.equal(model.digest, model.diffId, "models are not compressed");
    assert.ok(listTar(blobPath(at("layout"), model.digest)).includes("models/flights/model.onnx"));
  });

  it("gives one digest for one input, whatever the times, the modes and the order on the disk were", async () => {
    const first = await writeImage(at("first"), { ...options, models: { m: at("model") } });
    await rm(at("app"), { recursive: true });
    await write({ "app/lib/a.js": "export {};\n", "app/main.js": "console.log(1);\n" });
    await chmod(at("app/main.js"), 0o600);
    await utimes(at("app/main.js"), 1, 1);
    const second = await writeImage(at("second"), { ...options, models: { m: at("model") } });
    assert.deepEqual(second, first);
    await chmod(at("app/main.js"), 0o755);
    const third = await writeImage(at("third"), options);
    assert.notEqual(third.layers[1]?.digest, first.layers[1]?.digest, "executable files are others");
  });

  it("adds a new version of a model to a layout as one layer more", async () => {
    const first = await writeImage(at("layout"), { ...options, models: { m: at("model") }, tag: "1" });
    const before = await readdir(at("layout/blobs/sha256"));
    await write({ "model/model.onnx": "better weights" });
    const second = await writeImage(at("layout"), { ...options, models: { m: at("model") }, tag: "2" });
    const added = (await readdir(at("layout/blobs/sha256"))).filter((name) => !before.includes(name));
    assert.equal(added.length, 3, "a layer, a configuration, a manifest");
    assert.equal((await findImage(at("layout"), "1", undefined)).descriptor.digest, first.digest);
    assert.equal((await findImage(at("layout"), "2", undefined)).descriptor.digest, second.digest);
  });

  it("builds upon an image of another layout, and keeps what that says", async () => {
    await writeImage(at("base"), {
      ...options,
      env: { A: "1", B: "1" },
      labels: { from: "base" },
      tag: "v1",
    });
    const image = await writeImage(at("layout"), {
      ...options,
      base: `${at("base")}:v1`,
      applicationPath: "/srv",
      env: { B: "2" },
    });
    assert.equal(image.layers.length, 3);
    const config = await readConfig(at("layout"), await findImage(at("layout"), undefined, undefined));
    assert.deepEqual(config.config?.Env?.slice(1), ["A=1", "B=2"]);
    assert.deepEqual(config.config?.Labels, { from: "base" });
    await assert.rejects(writeImage(at("other"), { ...options, base: `${at("base")}:v2` }), /no such image/);
  });

  it("takes a compressed tar and tells its digest before compression", async () => {
    const plain = await readFile(at("root.tar"));
    await writeFile(at("root.tar.gz"), gzipSync(plain));
    const plainImage = await writeImage(at("plain"), options);
    const image = await writeImage(at("layout"), { ...options, base: at("root.tar.gz") });
    assert.equal(image.layers[0]?.diffId, plainImage.layers[0]?.digest);
    await writeFile(at("root.tar.gz"), gzipSync(plain).subarray(0, -20));
    await assert.rejects(writeImage(at("cut"), { ...options, base: at("root.tar.gz") }), ImageError);
    await assert.rejects(writeImage(at("no"), { ...options, base: at("app/main.js") }), /neither a tar nor/);
  });

  it("makes a base of the running Node, in which it runs by itself", async () => {
    const { base: _, ...rest } = options;
    const image = await writeImage(at("layout"), rest);
    assert.equal(image.missingLibraries.size, 0);
    const layer = image.layers[0];
    assert.ok(layer);
    await writeFile(at("base.tar"), gunzipSync(await readFile(blobPath(at("layout"), layer.digest))));
    const names = listTar(at("base.tar"));
    for (const name of ["usr/local/bin/node", "etc/passwd", "tmp/"]) assert.ok(names.includes(name), name);
    await mkdir(at("root"));
    execFileSync("tar", ["-xf", at("base.tar"), "-C", at("root")]);
    // The image's own loader and libraries, none of this machine's.
    const loader = names.find((name) => /(?:^|\/)ld-[^/]*\.so[^/]*$/.test(name));
    assert.ok(loader, "a loader");
    const libraries = [...new Set(names.filter((name) => name.includes(".so")).map(dirname))];
    const version = execFileSync(
      at(`root/${loader}`),
      [
        "--library-path",
        libraries.map((folder) => at(`root/${folder}`)).join(":"),
        at("root/usr/local/bin/node"),
        "-p",
        "process.version",
      ],
      { encoding: "utf8" },
    );
    assert.equal(version.trim(), process.version);
  });

  it("writes long names, names beyond ASCII and links so that tar reads them", async () => {
    const long = `${"folder-of-a-long-name/".repeat(7)}ünïcode.js`;
    await write({ [`app/${long}`]: "1", "app/target.txt": "2" });
    await symlink("target.txt", at("app/link.txt"));
    const image = await writeImage(at("layout"), options);
    await writeFile(
      at("a.tar"),
      gunzipSync(await readFile(blobPath(at("layout"), image.layers[1]?.digest ?? ""))),
    );
    await mkdir(at("out"));
    execFileSync("tar", ["-xf", at("a.tar"), "-C", at("out")], {
      env: { ...process.env, LC_ALL: "C.UTF-8" },
    });
    assert.equal(await readFile(at(`out/app/${long}`), "utf8"), "1");
    assert.equal(await readFile(at("out/app/link.txt"), "utf8"), "2");
  });

  it("writes the sizes of files beyond the 8 GiB of ustar", async () => {
    const size = 9_000_000_000;
    const content = { path: at("model/model.onnx"), size };
    const archive = tarArchive([{ kind: "file", name: "weights", mode: 0o644, content }]);
    const { value: header } = await archive.next();
    assert.ok(header instanceof Uint8Array);
    await assert.rejects(
      archive.next().then(() => archive.next()),
      /has changed while it was read/,
    );
    await writeFile(at("large.tar"), header);
    const { stdout } = spawnSync("tar", ["-tvf", at("large.tar")], {
      encoding: "utf8",
      env: { ...process.env, TZ: "UTC" },
    });
    assert.match(stdout, /^-rw-r--r-- 0\/0 +9000000000 1970-01-01 .* weights$/m);
  });

  it("refuses links that lead out, folders of other things and wrong options", async () => {
    await assert.rejects(writeImage(at("app"), options), /neither empty nor an OCI image layout/);
    assert.deepEqual((await readdir(at("app"))).sort(), ["lib", "main.js"], "nothing was put there");
    const refused: readonly (readonly [Partial<ImageOptions>, RegExp])[] = [
      [{ entrypoint: [] }, /entrypoint/],
      [{ tag: "a b" }, /tag/],
      [{ env: { "A=B": "" } }, /env/],
      [{ exposedPorts: [70_000] }, /exposedPorts/],
      [{ models: { "../up": at("model") } }, /models/],
      [{ applicationPath: "app" }, /no place in an image/],
      [{ applicationPath: "/.." }, /no place in an image/],
      [{ created: new Date(Number.NaN) }, /created/],
      [{ base: at("nothing") }, /does not exist/],
    ];
    for (const [change, message] of refused)
      await assert.rejects(writeImage(at("layout"), { ...options, ...change }), message);
    await symlink("/etc/passwd", at("app/secret"));
    await assert.rejects(writeImage(at("layout"), options), /a link that leads out/);
    const signal = AbortSignal.abort(new Error("stopped"));
    await assert.rejects(
      writeImage(at("stopped"), { ...options, application: at("model"), signal }),
      /stopped/,
    );
    assert.deepEqual(await readdir(at("stopped/blobs/sha256")), [], "nothing unfinished is left");
  });

  it("refuses damaged and hostile layouts", async () => {
    const image = await writeImage(at("base"), options);
    const upon = { ...options, base: at("base") };
    const blob = blobPath(at("base"), image.layers[0]?.digest ?? "");
    const content = await readFile(blob);
    content[0] = (content[0] ?? 0) ^ 1;
    await writeFile(blob, content);
    await assert.rejects(writeImage(at("layout"), upon), /is damaged/);
    const index = await readFile(at("base/index.json"), "utf8");
    for (const [text, message] of [
      ["{", /is no JSON/],
      [index.replace(image.digest, "sha256:../../../../etc/passwd"), /digest/],
      [index.replace(/"size":\d+/, '"size":99999999999'), /too many/],
      [index.replace(/"size":\d+/, '"size":1'), /is damaged/],
    ] as const) {
      await writeFile(at("base/index.json"), text);
      await assert.rejects(writeImage(at("layout"), upon), message);
    }
    await rm(at("base/index.json"));
    await assert.rejects(writeImage(at("layout"), upon), /index\.json can't be read/);
  });

  it("writes an archive for docker load", async () => {
    await writeImage(at("layout"), options);
    await writeDockerArchive(at("layout"), at("image.tar"), { name: "team/flights:1" });
    await writeDockerArchive(at("layout"), at("again.tar"), { name: "team/flights:1" });
    assert.deepEqual(await readFile(at("again.tar")), await readFile(at("image.tar")));
    await mkdir(at("out"));
    execFileSync("tar", ["-xf", at("image.tar"), "-C", at("out")]);
    const [entry] = v.parse(
      v.tuple([v.object({ Config: v.string(), RepoTags: v.array(v.string()), Layers: v.array(v.string()) })]),
      JSON.parse(await readFile(at("out/manifest.json"), "utf8")),
    );
    assert.deepEqual(entry.RepoTags, ["team/flights:1"]);
    for (const name of [entry.Config, ...entry.Layers]) await readFile(at(`out/${name}`));
    await findImage(at("out"), "1", undefined);
    await assert.rejects(
      writeDockerArchive(at("layout"), at("x.tar"), { name: "flights" }),
      /no name with a tag/,
    );
  });

  it("writes a ModelPack artifact with a raw layer for each file", async () => {
    await write({
      "model/README.md": "# Flights\n",
      "model/config/settings.json": "{}",
      "model/predict.ts": "",
    });
    const pack = {
      model: at("model"),
      descriptor: { name: "flights" },
      config: { format: "onnx", paramSize: "1.2M" },
    };
    const { digest, files } = await writeModelPack(at("layout"), pack);
    assert.deepEqual(
      files.map(({ name, mediaType }) => [name, mediaType]),
      [
        ["README.md", "application/vnd.cncf.model.doc.v1.raw"],
        ["config/settings.json", "application/vnd.cncf.model.weight.config.v1.raw"],
        ["model.onnx", "application/vnd.cncf.model.weight.v1.raw"],
        ["predict.ts", "application/vnd.cncf.model.code.v1.raw"],
      ],
    );
    const { manifest } = await findImage(at("layout"), undefined, undefined);
    assert.equal(manifest.artifactType, "application/vnd.cncf.model.manifest.v1+json");
    assert.equal(manifest.layers[2]?.annotations?.["org.cncf.model.filepath"], "model.onnx");
    const config: unknown = JSON.parse(
      await readFile(blobPath(at("layout"), manifest.config.digest), "utf8"),
    );
    assert.deepEqual(config, {
      descriptor: pack.descriptor,
      config: pack.config,
      modelfs: { type: "layers", diffIds: files.map((file) => file.digest) },
    });
    assert.equal((await writeModelPack(at("again"), pack)).digest, digest);
    await assert.rejects(writeModelPack(at("x"), { ...pack, config: { paramSize: "many" } }), /paramSize/);
    await mkdir(at("empty"));
    await assert.rejects(writeModelPack(at("x"), { model: at("empty") }), /holds no files/);
    await symlink("model.onnx", at("model/link.onnx"));
    await assert.rejects(writeModelPack(at("x"), pack), /is a link/);
  });
});
