/** @file The OpenAPI document and the page: what they give as examples is of their schemas, and answered. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { ServingError, type RunningService } from "../../../ml/serve/index.ts";
import { writeMatrixModel } from "./matrix-model.ts";
import { ask, loanPackages, post, serveModels } from "./served-loans.ts";

describe("the interface as a document", () => {
  let packages: Awaited<ReturnType<typeof loanPackages>>;
  let service: RunningService;
  before(async () => {
    packages = await loanPackages();
    await writeMatrixModel(join(packages.folder, "matrix"));
    service = await serveModels(packages.folder, { reloadInterval: 0 });
  });
  after(async () => {
    await service?.close();
    await packages?.remove();
  });

  it("has schemas that its examples are of, and examples that are answered as it says", async () => {
    const { openapi, paths } = Object((await ask(service, "/openapi.json")).json);
    assert.equal(openapi, "3.1.0");
    const ajv = new Ajv2020({ strict: false, validateFormats: false });
    let asked = 0;
    for (const [path, { post: operation }] of Object.entries<Record<string, unknown>>(paths)) {
      if (!operation) continue;
      const { requestBody, responses } = Object(operation);
      const { schema, example } = requestBody.content["application/json"];
      assert.ok(ajv.compile(schema)(example), path);
      const { status, json, text } = await post(service, path, example);
      assert.equal(status, 200, `${path}: ${text}`);
      asked += 1;
      const { content } = responses[200];
      if (path.endsWith("/generate_stream")) {
        assert.deepEqual(Object.keys(content), ["text/event-stream"]);
        const [event = ""] = text.split("\n\n");
        const { post: generate } = paths[path.replace("_stream", "")];
        const part = generate.responses[200].content["application/json"].schema;
        assert.ok(ajv.compile(part)(JSON.parse(event.replace(/^data: /, ""))), `${path}: ${text}`);
      } else assert.ok(ajv.compile(content["application/json"].schema)(json), `${path}: ${text}`);
    }
    assert.equal(asked, 16);
  });

  it("has a page that runs nothing but its own", async () => {
    const { text, headers } = await ask(service, "/");
    assert.match(headers.get("content-type") ?? "", /^text\/html/);
    const policy = headers.get("content-security-policy") ?? "";
    assert.match(policy, /default-src 'none'; script-src 'sha256-[\w+/=]+'/);
    const data = /<script type="application\/json" id="models">(.*?)<\/script>/s.exec(text)?.[1] ?? "[]";
    const models: unknown[] = JSON.parse(data);
    for (const { path, example } of models.map(Object))
      assert.equal((await post(service, path, example)).status, 200);
  });

  it("asks who calls, but for health", async () => {
    const guarded = await serveModels(join(packages.folder, "matrix"), {
      reloadInterval: 0,
      authenticate: () => {
        throw new ServingError("unauthenticated", "who are you?");
      },
    });
    for (const path of ["/v2/health/live", "/v2/health/ready", "/ping", "/health"])
      assert.equal((await ask(guarded, path)).status, 200, path);
    for (const path of ["/", "/openapi.json", "/v2/models/matrix", "/v1/models/matrix"]) {
      const { status, headers } = await ask(guarded, path);
      assert.equal(status, 401, path);
      assert.equal(headers.get("www-authenticate"), "Bearer");
    }
    assert.equal((await post(guarded, "/v2/models/matrix/infer", {})).status, 401);
    await guarded.close();
  });
});
