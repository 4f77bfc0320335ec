/** @file Registries that refuse, misbehave or aren't there. The real registry is in `npm run interop -- images`. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ImageError, pushImage, type PushOptions, writeModelPack } from "../../../ml/package/images/index.ts";
import { blobPath } from "../../../ml/package/images/read-layout.ts";
import { parseReference } from "../../../ml/package/images/reference.ts";

describe("pushing to a registry", () => {
  let folder: string;
  let layout: string;
  let weights: string;
  let server: Server;
  let registry: string;
  let requests: string[];
  let answer: (what: string, response: ServerResponse, authorization: string | undefined) => void;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "tenon-push-"));
    layout = join(folder, "layout");
    await writeFile(join(folder, "model.onnx"), "weights");
    const { files } = await writeModelPack(layout, { model: folder });
    weights = files[0]?.digest ?? "";
    server = createServer((request, response) => {
      const what = `${request.method} ${request.url}`;
      requests.push(what);
      request.resume().on("end", () => {
        answer(what, response, request.headers.authorization);
        response.end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    assert.ok(typeof address === "object" && address !== null);
    registry = `127.0.0.1:${address.port}`;
  });
  beforeEach(() => {
    requests = [];
  });
  after(async () => {
    server.closeAllConnections();
    server.close();
    await rm(folder, { recursive: true, force: true });
  });
  const refused = (message: RegExp, options: PushOptions = {}): Promise<void> =>
    assert.rejects(
      pushImage(layout, `${registry}/m:1`, { plainHttp: true, ...options }),
      (error: unknown) => {
        assert.ok(error instanceof ImageError, String(error));
        assert.match(error.message, message);
        assert.doesNotMatch(error.message, /secret/);
        return true;
      },
    );

  it("reads the names of images, and guesses no host", () => {
    const reference = { registry: "ghcr.io", repository: "team/flights", tag: "1.0" };
    assert.deepEqual(parseReference("ghcr.io/team/flights:1.0"), reference);
    assert.deepEqual(parseReference("localhost:5000/m"), {
      registry: "localhost:5000",
      repository: "m",
      tag: "latest",
    });
    for (const text of [
      "flights",
      "flights:1",
      "ghcr.io/Team/x",
      "ghcr.io/x:",
      "ghcr.io/../x",
      "a b/x",
      "u@h/x",
    ])
      assert.throws(() => parseReference(text), /is no image's name/, text);
  });

  it("says what the registry says, and answers no challenge that it doesn't know", async () => {
    answer = (what, response) => {
      if (what.startsWith("HEAD")) response.writeHead(404);
      else response.writeHead(403).write('{"errors":[{"code":"DENIED","message":"not for you"}]}');
    };
    await refused(/POST .*: 403 DENIED not for you/);
    const credentials = { username: "me", password: "secret" };
    answer = (_what, response) => response.writeHead(401, { "www-authenticate": 'Digest realm="x"' });
    await refused(/authentication that isn't known/, { credentials });
    answer = (_what, response) => response.writeHead(401, { "www-authenticate": 'Basic realm="x"' });
    await refused(/asks for a user name/);
    await refused(/401/, { credentials });
    answer = (_what, response) =>
      response.writeHead(401, { "www-authenticate": 'Bearer realm="http://example.invalid/token"' });
    await refused(/which is not encrypted/, { credentials });
  });

  it("sends no password of HTTPS over HTTP, not to the same host either", async function () {
    const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
    const args =
      "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost";
    try {
      execFileSync("openssl", [...args.split(" "), "-keyout", key, "-out", cert], { stdio: "ignore" });
    } catch {
      this.skip();
    }
    const challenge = `Bearer realm="http://${registry}/token"`;
    answer = (_what, response) => response.writeHead(200).write(JSON.stringify({ token: "t" }));
    const tls = createTlsServer(
      { key: readFileSync(key), cert: readFileSync(cert) },
      (_request, response) => void response.writeHead(401, { "www-authenticate": challenge }).end(),
    );
    await once(tls.listen(0, "127.0.0.1"), "listening");
    const before = process.env["NODE_TLS_REJECT_UNAUTHORIZED"];
    process.env["NODE_TLS_REJECT_UNAUTHORIZED"] = "0";
    try {
      const address = tls.address();
      assert.ok(typeof address === "object" && address !== null);
      const credentials = { username: "me", password: "secret" };
      await assert.rejects(
        pushImage(layout, `127.0.0.1:${address.port}/m:1`, { credentials }),
        /which is not encrypted/,
      );
      assert.deepEqual(requests, []);
    } finally {
      if (before === undefined) delete process.env["NODE_TLS_REJECT_UNAUTHORIZED"];
      else process.env["NODE_TLS_REJECT_UNAUTHORIZED"] = before;
      tls.closeAllConnections();
      tls.close();
    }
  });

  it("fetches a token where the challenge says, and uses it", async () => {
    const seen: (string | undefined)[] = [];
    answer = (what, response, authorization) => {
      if (what.startsWith("GET /token")) {
        seen.push(what, authorization);
        response.writeHead(200).write(JSON.stringify({ token: "t1" }));
      } else if (authorization !== "Bearer t1") {
        const challenge = `Bearer realm="http://${registry}/token",service="s"`;
        response.writeHead(401, { "www-authenticate": challenge });
      } else if (what.startsWith("HEAD")) response.writeHead(200);
      else response.writeHead(201);
    };
    const options = { plainHttp: true, credentials: { username: "me", password: "secret" } };
    const { blobs } = await pushImage(layout, `${registry}/m:1`, options);
    assert.deepEqual(new Set(blobs.values()), new Set(["present"]));
    assert.deepEqual(seen, [
      "GET /token?service=s&scope=repository%3Am%3Apull%2Cpush",
      `Basic ${Buffer.from("me:secret").toString("base64")}`,
    ]);
    assert.equal(requests.at(-1), "PUT /v2/m/manifests/1");
  });

  it("refuses uploads without a place, other digests and registries that aren't there", async () => {
    answer = (what, response) => response.writeHead(what.startsWith("HEAD") ? 404 : 202);
    await refused(/doesn't say where to upload/);
    answer = (what, response) =>
      response.writeHead(what.startsWith("HEAD") ? 200 : 201, { "docker-content-digest": "sha256:0" });
    await refused(/another digest/);
    const credentials = { username: "me", password: "secret" };
    await assert.rejects(
      pushImage(layout, "example.invalid/m", { plainHttp: true, credentials }),
      /not sent to example\.invalid over plain HTTP/,
    );
    await assert.rejects(pushImage(layout, "127.0.0.1:1/m"), /can't be reached/);
    await assert.rejects(pushImage(layout, `${registry}/m`, { chunkSize: 0 }), /chunkSize/);
    const signal = AbortSignal.abort(new Error("stopped"));
    await assert.rejects(pushImage(layout, `${registry}/m`, { plainHttp: true, signal }), /stopped/);
  });

  it("ends no upload of a damaged blob", async () => {
    await writeFile(blobPath(layout, weights), "WEIGHTS");
    answer = (what, response) =>
      response.writeHead(what.startsWith("HEAD") ? 404 : what.startsWith("POST") ? 202 : 201, {
        location: "/v2/m/blobs/uploads/1?state=a",
      });
    await refused(/^[^:]*[0-9a-f]{64} is damaged$/);
    assert.ok(!requests.some((what) => what.includes("manifests")));
  });
});
