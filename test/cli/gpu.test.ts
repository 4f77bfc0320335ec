/** @file `tenon gpu` and the installation of CUDA's provider, from an archive that a server on this machine serves. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crc32, deflateRawSync } from "node:zlib";
import { CommandFailure } from "../../cli/failure.ts";
import { type CudaProvider, cudaProvider, findArchive, knownArchives } from "../../cli/gpu/cuda-source.ts";
import { installCuda } from "../../cli/gpu/install-cuda.ts";
import { repositoryRoot } from "../support/repository.ts";
import { CliFolder } from "./cli-fixture.ts";

const packed: Readonly<Record<string, Buffer>> = {
  "runtimes/linux-x64/native/libonnxruntime_providers_cuda.so": Buffer.alloc(300_000, "cuda "),
  "runtimes/linux-x64/native/libonnxruntime_providers_shared.so": Buffer.from("shared"),
  "README.md": Buffer.from("not wanted"),
};

/** A zip archive of files, deflated but for the shortest. */
function zip(files: Readonly<Record<string, Buffer>>): Buffer {
  const [parts, directory]: [Buffer[], Buffer[]] = [[], []];
  let offset = 0;
  for (const [name, data] of Object.entries(files)) {
    const method = data.length < 10 ? 0 : 8;
    const body = method === 0 ? data : deflateRawSync(data);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(method, 4);
    common.writeUInt32LE(crc32(data), 10);
    common.writeUInt32LE(body.length, 14);
    common.writeUInt32LE(data.length, 18);
    common.writeUInt16LE(name.length, 22);
    const header = Buffer.concat([Buffer.from("PK\u0003\u0004", "latin1"), common, Buffer.from(name), body]);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(offset, 10);
    directory.push(
      Buffer.concat([Buffer.from("PK\u0001\u0002\u0014\u0000", "latin1"), common, rest, Buffer.from(name)]),
    );
    parts.push(header);
    offset += header.length;
  }
  const entries = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write("PK\u0005\u0006", "latin1");
  end.writeUInt16LE(directory.length, 10);
  end.writeUInt32LE(entries.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, entries, end]);
}

describe("the CUDA provider's installation", () => {
  const archive = zip(packed);
  const hex = createHash("sha256").update(archive).digest("hex");
  let folder: string;
  let server: Server;
  let provider: CudaProvider;
  let served = archive;
  /** Stops in the middle, as a connection does that hangs. */
  let hangs = false;

  before(async () => {
    server = createServer(({ url = "", headers }, response) => {
      const base = `http://${headers.host}`;
      const json = (value: unknown): void => void response.end(JSON.stringify(value));
      if (url === "/index.json")
        json({
          resources: [
            { "@id": `${base}/flat/`, "@type": "PackageBaseAddress/3.0.0" },
            { "@id": `${base}/registration`, "@type": "RegistrationsBaseUrl/3.6.0" },
          ],
        });
      else if (url === "/registration/cuda.package/1.2.3.json")
        json({ catalogEntry: `${base}/catalog.json` });
      else if (url === "/catalog.json")
        json({
          packageHashAlgorithm: "SHA512",
          packageHash: createHash("sha512").update(archive).digest("base64"),
        });
      else if (url === "/flat/cuda.package/1.2.3/cuda.package.1.2.3.nupkg") {
        response.setHeader("content-length", served.length);
        if (hangs) response.write(served.subarray(0, 100));
        else response.end(served);
      } else {
        response.statusCode = 404;
        response.end();
      }
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });
  beforeEach(() => {
    [served, hangs] = [archive, false];
    folder = mkdtempSync(join(tmpdir(), "tenon-cuda-"));
    const address = server.address();
    assert.ok(typeof address === "object" && address !== null);
    provider = {
      ...cudaProvider(repositoryRoot),
      folder,
      version: "1.2.3",
      packageName: "cuda.package",
      index: `http://127.0.0.1:${address.port}/index.json`,
    };
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const { signal } = new AbortController();
  const failure = (message: RegExp) => (error: unknown) =>
    error instanceof CommandFailure && message.test(error.message);

  it("is of the files that the installed onnxruntime-node names", () => {
    const real = cudaProvider(repositoryRoot);
    const paths = Object.values(real.files).toSorted();
    assert.deepEqual(
      paths,
      Object.keys(packed)
        .filter((name) => name.endsWith(".so"))
        .toSorted(),
    );
    assert.ok(readdirSync(real.folder).includes("libonnxruntime.so.1"));
  });

  it("fetches, verifies by the feed's hash or a given one, and places the libraries", async () => {
    for (const given of [undefined, hex.toUpperCase()]) {
      const found = await findArchive(provider, given, signal);
      assert.equal(found.hash.algorithm, given === undefined ? "sha512" : "sha256");
      const progress: [number, number | undefined][] = [];
      await installCuda(provider, found, (...each) => void progress.push(each), signal);
      assert.deepEqual(progress.at(-1), [archive.length, archive.length]);
      for (const [name, path] of Object.entries(provider.files))
        assert.ok(readFileSync(join(folder, name)).equals(packed[path]!), name);
      assert.equal(readdirSync(folder).length, 2);
    }
  });

  it("takes an archive that is there", async () => {
    const path = join(folder, "archive.nupkg");
    writeFileSync(path, archive);
    await installCuda(provider, { url: path, path, hash: { algorithm: "sha256", hex } }, () => {}, signal);
    assert.equal(readdirSync(folder).length, 3);
  });

  it("takes Python's wheel, whose hash is known for the installed version", async () => {
    const { version } = cudaProvider(repositoryRoot);
    assert.match(knownArchives[version] ?? "", /^[0-9a-f]{64}$/);
    const files = Object.entries(packed).map(([name, data]) => [
      name.replace(/^.*\//, "onnxruntime/capi/"),
      data,
    ]);
    const wheel = zip(Object.fromEntries(files) as typeof packed);
    const path = join(folder, "archive.whl");
    writeFileSync(path, wheel);
    const sha = createHash("sha256").update(wheel).digest("hex");
    await installCuda(
      provider,
      { url: path, path, hash: { algorithm: "sha256", hex: sha } },
      () => {},
      signal,
    );
    const cuda = readFileSync(join(folder, "libonnxruntime_providers_cuda.so"));
    assert.deepEqual(cuda, packed["runtimes/linux-x64/native/libonnxruntime_providers_cuda.so"]);
  });

  it("leaves nothing where the archive is another, damaged, lacks a file, or is not there", async () => {
    const found = await findArchive(provider, undefined, signal);
    const sha = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");
    const bad = async (bytes: Buffer, hash: string, message: RegExp): Promise<void> => {
      served = bytes;
      const other = { url: found.url, hash: { algorithm: "sha256", hex: hash } } as const;
      await assert.rejects(
        installCuda(provider, other, () => {}, signal),
        failure(message),
      );
      assert.deepEqual(readdirSync(folder), []);
    };
    const changed = Buffer.from(archive);
    changed[200] = (changed[200] ?? 0) ^ 255;
    await bad(changed, hex, /not the one that was published/);
    await bad(changed, sha(changed), /cannot be unpacked|is damaged/);
    const half = archive.subarray(0, archive.length - 50);
    await bad(half, sha(half), /no zip archive/);
    const other = zip({ "README.md": Buffer.from("nothing else in it") });
    await bad(other, sha(other), /has no runtimes/);
    const gone = { ...found, url: `${found.url}.gone` };
    await assert.rejects(
      installCuda(provider, gone, () => {}, signal),
      failure(/cannot be fetched: status 404/),
    );
    await assert.rejects(
      findArchive({ ...provider, index: "http://127.0.0.1:1/" }, undefined, signal),
      failure(/cannot be read/),
    );
    assert.deepEqual(readdirSync(folder), []);
  });

  it("leaves nothing when it is interrupted", async () => {
    hangs = true;
    const controller = new AbortController();
    const found = await findArchive(provider, undefined, signal);
    const reason = new CommandFailure("interrupted", 130);
    const running = installCuda(provider, found, () => controller.abort(reason), controller.signal);
    await assert.rejects(running, failure(/interrupted/));
    assert.deepEqual(readdirSync(folder), []);
  });
});

describe("tenon gpu", function () {
  this.timeout(60_000);
  let folder: CliFolder;
  beforeEach(async () => {
    folder = await CliFolder.create();
  });
  afterEach(() => folder.remove());

  it("tells of every provider, and tries it", async () => {
    const { code, stdout } = await folder.run(["gpu"]);
    assert.equal(code, 0);
    assert.match(stdout, /. cuda +\S.*\n. webgpu +\S.*\n. cpu +\S.* matrices in /);
  });

  it("installs nothing without an NVIDIA driver", async () => {
    const { code, stderr } = await folder.run(["gpu", "install", "--yes"], { PATH: folder.path });
    assert.equal(code, 1);
    assert.match(
      stderr,
      process.platform === "linux" && process.arch === "x64" ? /no NVIDIA driver answers/ : /Linux x64/,
    );
    assert.equal((await folder.run(["gpu", "install", "--sha256", "abc"])).code, 2);
  });
});
