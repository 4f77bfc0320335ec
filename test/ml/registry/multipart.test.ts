import assert from "node:assert/strict";
import * as v from "valibot";
import { type Answer, at, TestServer, testBucket } from "./test-server.ts";

/** The smallest part but the last that S3 takes. */
const partSize = 5 * 1024 * 1024;
const createdSchema = v.strictObject({
  upload_id: v.string(),
  credentials: v.array(
    v.strictObject({ url: v.string(), part_number: v.number(), headers: v.record(v.string(), v.string()) }),
  ),
});

describe("Uploads in parts by the client's own links", () => {
  const server = new TestServer();
  before(() => server.start());
  after(() => server.remove());

  async function ask(path: string, body: unknown, method = "POST"): Promise<Answer> {
    const response = await fetch(`${server.url}/api/2.0/mlflow-artifacts/${path}`, {
      method,
      ...(method === "POST" && {
        body: JSON.stringify(body),
        headers: { "content-type": "application/json" },
      }),
    });
    return { status: response.status, body: await response.json() };
  }

  async function assertRefused(path: string, body: unknown, code: string, message?: RegExp): Promise<void> {
    const answer = await ask(path, body);
    assert.equal(at(answer.body, "error_code"), code, JSON.stringify(answer.body));
    if (message) assert.match(String(at(answer.body, "message")), message);
  }

  it("what is asked for wrongly is refused, whatever the storage", async () => {
    for (const path of [
      "..%2F..",
      "a/..%2f..%2fb",
      "%252e%252e%252f",
      "%2Fetc",
      "a%00b",
      "file:%2F%2F%2Fetc",
    ])
      for (const action of ["create", "complete", "abort"])
        await assertRefused(
          `mpu/${action}/${path}`,
          { path: "big.bin", num_parts: 2, upload_id: "u", parts: [] },
          "INVALID_PARAMETER_VALUE",
          /Invalid path/,
        );
    await assertRefused("mpu/create/0", { num_parts: 2 }, "INVALID_PARAMETER_VALUE", /'path'/);
    await assertRefused(
      "mpu/create/0",
      { path: "a", num_parts: "x" },
      "INVALID_PARAMETER_VALUE",
      /num_parts/,
    );
    await assertRefused(
      "mpu/complete/0",
      { path: "a", upload_id: "u" },
      "INVALID_PARAMETER_VALUE",
      /'parts'/,
    );
    assert.equal((await ask("mpu/create/0", undefined, "GET")).status, 405);
    assert.equal((await ask("mpu/other/0", {})).status, 404);
    const download = await ask("presigned/0/big.bin", undefined, "GET");
    assert.equal(download.status, 501);
    assert.match(
      String(at(download.body, "message")),
      /^Multipart download is not supported for the current artifact repository/,
    );
  });

  it("there are none for a folder, so that clients send files through the server", async function () {
    if (testBucket !== undefined) this.skip();
    for (const action of ["create", "complete", "abort"]) {
      const body = { path: "/home/ada/big.bin", num_parts: 2, upload_id: "u", parts: [] };
      const answer = await ask(`mpu/${action}/0/a`, body);
      assert.deepEqual(answer, {
        status: 501,
        body: {
          error_code: "NOT_IMPLEMENTED",
          message: "Multipart upload is not supported for the current artifact repository",
        },
      });
    }
  });

  describe("to S3", () => {
    before(function () {
      if (testBucket === undefined) this.skip();
    });

    const folder = "0/ä b/files";
    const mpu = (action: string): string => `mpu/${action}/${encodeURIComponent(folder)}`;
    const name = "big & ünique+1.bin";

    async function create(parts: number): Promise<v.InferOutput<typeof createdSchema>> {
      const { status, body } = await ask(mpu("create"), { path: `/home/ada/${name}`, num_parts: parts });
      assert.equal(status, 200, JSON.stringify(body));
      return v.parse(createdSchema, body);
    }

    async function put(url: string, bytes: Uint8Array<ArrayBuffer>): Promise<string> {
      const response = await fetch(url, { method: "PUT", body: bytes });
      assert.equal(response.status, 200, await response.text());
      return response.headers.get("etag") ?? "";
    }

    const read = (): Promise<Response> =>
      fetch(`${server.url}/api/2.0/mlflow-artifacts/artifacts/${encodeURIComponent(`${folder}/${name}`)}`);

    it("parts in any order become the file when they are told as complete, not before", async () => {
      const chunks = [
        Buffer.alloc(partSize, "a"),
        Buffer.alloc(partSize, "b"),
        Buffer.from("the last is short"),
      ];
      const { upload_id, credentials } = await create(3);
      assert.deepEqual(
        credentials.map(({ part_number }) => part_number),
        [1, 2, 3],
      );
      const parts = await Promise.all(
        credentials
          .map(async ({ url, part_number }) => ({
            part_number,
            etag: await put(url, chunks[part_number - 1] ?? Buffer.alloc(0)),
            url,
          }))
          .toReversed(),
      );
      assert.equal((await read()).status, 404);
      const sorted = parts.toSorted((a, b) => a.part_number - b.part_number);
      const body = { path: `C:\\Users\\ada\\${name}`, upload_id, parts: sorted };
      assert.deepEqual(await ask(mpu("complete"), body), { status: 200, body: {} });
      const found = Buffer.from(await (await read()).arrayBuffer());
      assert.equal(found.equals(Buffer.concat(chunks)), true);
    });

    it("one that is aborted is gone, and what was there stays", async () => {
      const before = Buffer.from(await (await read()).arrayBuffer());
      const { upload_id, credentials } = await create(1);
      const etag = await put(credentials[0]?.url ?? "", Buffer.from("new"));
      assert.deepEqual(await ask(mpu("abort"), { path: name, upload_id }), { status: 200, body: {} });
      const parts = [{ part_number: 1, etag }];
      // Moto's server fails where S3 says that there is no such upload.
      assert.notEqual((await ask(mpu("complete"), { path: name, upload_id, parts })).status, 200);
      await assertRefused(mpu("abort"), { path: name, upload_id }, "RESOURCE_DOES_NOT_EXIST");
      assert.equal(Buffer.from(await (await read()).arrayBuffer()).equals(before), true);
    });

    it("parts that are not there, ids that are none, numbers that S3 does not take", async () => {
      const { upload_id, credentials } = await create(2);
      await put(credentials[0]?.url ?? "", Buffer.from("too small for a part before the last"));
      const etag = await put(credentials[1]?.url ?? "", Buffer.from("x"));
      const complete = (parts: readonly object[]): Promise<void> =>
        assertRefused(mpu("complete"), { path: name, upload_id, parts }, "INVALID_PARAMETER_VALUE");
      await complete([{ part_number: 9, etag }]);
      await complete([
        { part_number: 2, etag },
        { part_number: 1, etag },
      ]);
      for (const path of ["", "/", "a/", "..", "a/.."])
        await assertRefused(mpu("create"), { path, num_parts: 1 }, "INVALID_PARAMETER_VALUE");
      for (const num_parts of [0, -1, 10_001])
        await assertRefused(mpu("create"), { path: name, num_parts }, "INVALID_PARAMETER_VALUE", /10000/);
      await assertRefused(mpu("abort"), { path: name }, "INVALID_PARAMETER_VALUE", /'upload_id'/);
      await assertRefused(mpu("abort"), { path: name, upload_id: "none" }, "RESOURCE_DOES_NOT_EXIST");
      assert.equal((await ask(mpu("abort"), { path: name, upload_id })).status, 200);
    });
  });
});
