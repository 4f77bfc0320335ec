/** @file What is downloaded from stores that break off, lie or say nothing; and of models that a policy demands to be signed. */
import assert from "node:assert/strict";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { generateSigningKeys, signModel } from "../../../ml/package/signing/index.ts";
import { download } from "../../../ml/track/download.ts";
import { downloadArtifacts, run, setRegisteredModelAlias, TrackingError } from "../../../ml/track/index.ts";
import { serverApi } from "../../../ml/track/server-api.ts";
import type { TrackingApi } from "../../../ml/track/tracking-api.ts";
import { parseTrackingUri } from "../../../ml/track/tracking-uri.ts";
import { writeMatrixModel } from "../serve/matrix-model.ts";
import { scratchStore } from "./scratch-store.ts";

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** A server of artifacts: lists by folder, and what it answers for a file. */
class Artifacts {
  lists: Readonly<Record<string, readonly object[]>> = {};
  readonly files = new Map<string, Answer>();
  readonly #server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://localhost");
    const file = /artifacts\/artifacts\/r\/(.+)$/.exec(pathname)?.[1];
    if (file === undefined) {
      response.end(
        JSON.stringify({ files: this.lists[searchParams.get("path")?.replace(/^r\/?/, "") ?? ""] ?? [] }),
      );
      return;
    }
    const answer = this.files.get(decodeURIComponent(file));
    if (answer) return answer(request, response);
    response.writeHead(404, { "content-type": "application/json" });
    response.end(JSON.stringify({ error_code: "RESOURCE_DOES_NOT_EXIST", message: "no such artifact" }));
  });

  async start(): Promise<TrackingApi> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    // SAFETY: a server that listens on a port has an address of this kind.
    const { port } = this.#server.address() as AddressInfo;
    const location = parseTrackingUri(`http://127.0.0.1:${port}`);
    assert.equal(location.kind, "server");
    return serverApi(location);
  }

  async close(): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, "close");
  }
}

describe("Downloads of artifacts", function () {
  this.timeout(30_000);
  const folder = mkdtempSync(join(tmpdir(), "tenon-download-"));
  const at = (...path: readonly string[]): string => join(folder, ...path);
  const text = "0123456789";
  const file = (name: string, size?: number): object => ({
    path: name,
    is_dir: false,
    ...(size !== undefined && { file_size: size }),
  });
  const whole: Answer = (_request, response) => response.end(text);
  let server: Artifacts;
  let api: TrackingApi;
  const get = async (path: string, to: string, signal?: AbortSignal): Promise<string> =>
    download(api, { artifactUri: "mlflow-artifacts:/r", path, folder: at(to), signal });
  const fails = async (path: string, to: string, message: RegExp): Promise<void> =>
    assert.rejects(get(path, to), (error: unknown) => {
      assert.ok(error instanceof TrackingError, String(error));
      assert.match(error.message, message);
      return true;
    });
  beforeEach(async () => {
    server = new Artifacts();
    api = await server.start();
  });
  afterEach(async () => {
    delete process.env["MLFLOW_HTTP_REQUEST_TIMEOUT"];
    await server.close();
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("are whole under their names, and stay beside what is there", async () => {
    server.lists = { "": [{ path: "model", is_dir: true }], model: [file("MLmodel", 10), file("a b.txt")] };
    server.files.set("model/MLmodel", whole);
    server.files.set("model/a b.txt", whole);
    mkdirSync(at("good", "model"), { recursive: true });
    writeFileSync(at("good", "model", "MLmodel"), "old");
    writeFileSync(at("good", "model", "mine.txt"), "mine");
    assert.equal(await get("model", "good"), at("good", "model"));
    assert.deepEqual(readdirSync(at("good")), ["model"]);
    assert.deepEqual(readdirSync(at("good", "model")).toSorted(), ["MLmodel", "a b.txt", "mine.txt"]);
    assert.equal(readFileSync(at("good", "model", "MLmodel"), "utf8"), text);
    assert.equal(await get("model/a b.txt", "one/deep"), at("one", "deep", "model", "a b.txt"));
    await fails("nothing", "none/deep", /there are no artifacts at/);
    assert.equal(existsSync(at("none")), false, "folders that were made for nothing are gone");
  });

  it("that break off, or are shorter than told, are tried again and leave nothing", async () => {
    server.lists = { "": [file("a", 10), file("b", 10)] };
    let tries = 0;
    const cutOff: Answer = (_request, response) => {
      tries += 1;
      response.writeHead(200, { "content-length": 10 });
      response.write("01234", () => response.destroy());
    };
    server.files.set("a", whole);
    server.files.set("b", (request, response) => (tries < 2 ? cutOff : whole)(request, response));
    await get("", "again");
    assert.equal(tries, 2);
    assert.equal(readFileSync(at("again", "b"), "utf8"), text);
    server.files.set("b", cutOff);
    await fails("", "cut", /doesn't answer/);
    assert.equal(tries, 6);
    // Without a length only the list tells that something is missing.
    server.files.set("b", (_request, response) => {
      response.writeHead(200, { connection: "close", "transfer-encoding": "identity" });
      response.end("01234");
    });
    mkdirSync(at("kept"));
    writeFileSync(at("kept", "b"), "old");
    await fails("", "kept", /b came with 5 bytes of 10/);
    assert.deepEqual(readdirSync(at("kept")), ["b"]);
    assert.equal(readFileSync(at("kept", "b"), "utf8"), "old");
    assert.equal(existsSync(at("cut")), false);
  });

  it("of a server that lists what are no files, or of another machine's, are refused as the store's fault", async () => {
    server.lists = { "": [{ path: 5 }] };
    await fails("x", "none", /is no MLflow server: its list of artifacts has another form/);
    await assert.rejects(
      download(api, { artifactUri: "file://elsewhere/share", path: "x", folder: at("none") }),
      { name: "TrackingError", message: /it is no file of this machine/ },
    );
  });

  it("that fall silent end after the time that a call may take", async () => {
    process.env["MLFLOW_HTTP_REQUEST_TIMEOUT"] = "0.2";
    server.lists = { "": [file("silent", 10)] };
    server.files.set("silent", (_request, response) => {
      response.writeHead(200, { "content-length": 10 });
      response.write("01234");
    });
    await fails("silent", "silent", /doesn't answer: nothing came for 0\.2 s/);
    server.files.set("silent", () => {});
    await fails("silent", "silent", /nothing came for 0\.2 s/);
    // One that is slow, but never for that long, is waited for.
    server.files.set("silent", (_request, response) => {
      response.writeHead(200, { "content-length": 10 });
      let sent = 0;
      const timer = setInterval(() => {
        response.write(text[sent++]);
        if (sent < text.length) return;
        clearInterval(timer);
        response.end();
      }, 50);
    });
    await get("silent", "silent");
    assert.equal(readFileSync(at("silent", "silent"), "utf8"), text);
  });

  it("that are stopped leave nothing", async () => {
    server.lists = { "": [file("first", 10), file("second", 10)] };
    const stop = new AbortController();
    server.files.set("first", whole);
    server.files.set("second", (_request, response) => {
      response.writeHead(200, { "content-length": 10 });
      response.write("01234", () => stop.abort(new Error("stopped by me")));
    });
    await assert.rejects(get("", "stopped/here", stop.signal), /stopped by me/);
    assert.equal(existsSync(at("stopped")), false);
  });

  it("stay inside, whatever the server says is a name", async () => {
    server.files.set("x", whole);
    for (const name of ["..", ".", "", "a\\..\\b", "a\0b"]) {
      server.lists = { "": [{ path: name, is_dir: true }], x: [] };
      await fails("", "inside", /is no name of an artifact/);
      server.lists = { "": [file(name)] };
      await fails("", "inside", /is no name of an artifact/);
    }
    // Only the last part of a path is a name.
    server.lists = { "": [file("../../x")] };
    await get("", "inside");
    assert.deepEqual(readdirSync(at("inside")), ["x"]);
    const circle = [{ path: "round", is_dir: true }];
    server.lists = Object.fromEntries(
      Array.from({ length: 100 }, (_, depth) => [Array(depth).fill("round").join("/"), circle]),
    );
    await fails("", "deep", /lie deeper than 64 folders/);
    server.lists = { "": [{ path: "link", is_dir: true }], link: [file("x")] };
    server.files.set("link/x", whole);
    mkdirSync(at("elsewhere"));
    mkdirSync(at("linked"));
    symlinkSync(at("elsewhere"), at("linked", "link"));
    await assert.rejects(get("", "linked"), { name: "InvalidInputError", message: /link is a link/ });
    assert.deepEqual([readdirSync(at("elsewhere")), readdirSync(at("linked"))], [[], ["link"]]);
    rmSync(at("linked", "link"));
    writeFileSync(at("linked", "link"), "");
    await assert.rejects(get("", "linked"), /is there already, as a file/);
    await assert.rejects(get("../x", "linked"), { name: "InvalidInputError" });
  });
});

describe("Downloads of models that must be signed", function () {
  this.timeout(60_000);
  const store = scratchStore();
  const keys = generateSigningKeys();
  const policy = (parts: object): void =>
    writeFileSync(
      join(store.folder, "tenon.policy.json"),
      JSON.stringify({ version: 1, rules: [], ...parts }),
    );
  const register = async (directory: string): Promise<void> =>
    void (await run({}, async (run) => run.logModel(directory, { registeredModelName: "m" })));
  const refused = async (uri: string, message: RegExp): Promise<void> => {
    await assert.rejects(downloadArtifacts(uri, store.path("refused")), (error: unknown) => {
      assert.ok(error instanceof Error);
      assert.equal(error.name, "SignatureError", error.stack);
      assert.match(error.message, message);
      assert.match(error.message, /tenon\.policy\.json demands in (loading|rules)\.0.*Have one of them sign/);
      return true;
    });
    assert.equal(existsSync(store.path("refused")), false, "nothing of it is there to be loaded");
  };

  it("are refused where they aren't, are by another or changed", async () => {
    const model = store.path("package");
    await writeMatrixModel(model);
    await register(model);
    await signModel(model, { privateKey: generateSigningKeys().privateKey });
    await register(model);
    await signModel(model, keys);
    await register(model);
    const graph = readFileSync(join(model, "model.onnx"));
    graph[graph.length - 1] = (graph.at(-1) ?? 0) ^ 1;
    writeFileSync(join(model, "model.onnx"), graph);
    await register(model);
    policy({ loading: [{ models: ["m"], signedBy: [keys.publicKey] }] });
    await refused(
      "models:/m/1",
      /^models:\/m\/1 is not loaded: .*by a key in the policy: it is not signed\./,
    );
    await refused("models:/m/2", /the signature is by another key/);
    await refused("models:/m/4", /it is not the model that was signed: changed: model\.onnx/);
    const good = await downloadArtifacts("models:/m/3", store.path("good"));
    assert.ok(existsSync(join(good, "model.sig")));
    // A rule of an alias is about what has it, whatever it is asked by.
    policy({});
    await setRegisteredModelAlias("m", "champion", "1");
    policy({ rules: [{ alias: "champion", signedBy: [keys.publicKey] }] });
    await refused("models:/m@champion", /in rules\.0 \(the alias champion\).*it is not signed/);
    await refused("models:/m/1", /it is not signed/);
    await downloadArtifacts("models:/m/2", store.path("other"));
    policy({ loading: [{ signedBy: ["nowhere.pem"] }] });
    await assert.rejects(
      downloadArtifacts("models:/m/3", store.path("refused")),
      /the key nowhere\.pem can't be read/,
    );
    writeFileSync(join(store.folder, "tenon.policy.json"), "{");
    await assert.rejects(downloadArtifacts("models:/m/3", store.path("refused")), /tenon\.policy\.json: /);
  });
});
