import assert from "node:assert/strict";
import { s3Settings, StorageSettingsError } from "../../../ml/registry/artifacts/s3-settings.ts";
import { elements, escapeXml } from "../../../ml/registry/artifacts/s3-client.ts";
import { s3Storage } from "../../../ml/registry/artifacts/s3-storage.ts";
import { testBucket } from "./test-server.ts";

const keys = { AWS_ACCESS_KEY_ID: "id", AWS_SECRET_ACCESS_KEY: "secret" };

describe("Artifacts in S3", () => {
  it("settings: a URL and the variables of AWS's and MLflow's tools", () => {
    const { bucketUrl, prefix, region } = s3Settings("s3://models/a//b/", {
      ...keys,
      AWS_REGION: "eu-west-1",
    });
    assert.deepEqual(
      [bucketUrl, prefix, region],
      ["https://models.s3.eu-west-1.amazonaws.com", "a/b/", "eu-west-1"],
    );
    assert.equal(
      s3Settings("s3://my.models", keys).bucketUrl,
      "https://s3.us-east-1.amazonaws.com/my.models",
    );
    const other = { ...keys, MLFLOW_S3_ENDPOINT_URL: "http://127.0.0.1:9000/" };
    assert.equal(s3Settings("s3://models", other).bucketUrl, "http://127.0.0.1:9000/models");
    for (const [url, env] of [
      ["s3://models", {}],
      ["s3://", keys],
      ["s3://UPPER", keys],
      ["gs://models", keys],
      ["s3://models", { ...keys, AWS_ENDPOINT_URL: "127.0.0.1:9000" }],
    ] as const)
      assert.throws(() => s3Settings(url, env), StorageSettingsError, url);
  });

  it("XML of S3: elements, entities, what is cut off", () => {
    const xml = "<A><Key>a&amp;b&#x41;&#66;&lt;</Key><Size>3</Size><Key/><KeyCount>1</KeyCount></A><Key>";
    assert.deepEqual(elements(xml, "Key"), ["a&bAB<"]);
    assert.deepEqual(elements(xml, "None"), []);
    assert.equal(elements(`<Key>${escapeXml("<a & 'b'\"\r\n")}</Key>`, "Key")[0], "<a & 'b'\"\r\n");
  });

  it("what cannot be reached is told as such", async () => {
    const before = { ...process.env };
    Object.assign(process.env, keys, { AWS_ENDPOINT_URL_S3: "http://127.0.0.1:1" });
    try {
      await assert.rejects(s3Storage("s3://models"), { code: "TEMPORARILY_UNAVAILABLE" });
    } finally {
      for (const name of [...Object.keys(keys), "AWS_ENDPOINT_URL_S3"])
        if (before[name] === undefined) delete process.env[name];
        else process.env[name] = before[name];
    }
  });

  const elsewhere = testBucket === undefined ? " (runs in `npm run interop -- mlflow-team`)" : "";
  it(`files of several parts, lists of many, names of all kinds, what breaks off${elsewhere}`, async function () {
    if (testBucket === undefined) this.skip();
    const storage = await s3Storage(`${testBucket}/parts`);
    const save = (path: string, ...chunks: readonly Uint8Array[]): Promise<void> =>
      storage.save(
        path,
        (async function* () {
          for (const chunk of chunks) yield chunk;
        })(),
      );
    const big = [Buffer.alloc(20_000_000, "a"), Buffer.alloc(1), Buffer.alloc(17_000_000, "b")];
    await save("0/big", ...big);
    const { size, stream } = await storage.open("0/big");
    const parts: Buffer[] = [];
    for await (const part of stream) parts.push(Buffer.from(part as Uint8Array));
    assert.equal(size, 37_000_001);
    assert.equal(Buffer.concat(parts).equals(Buffer.concat(big)), true);
    const names = ["&<>'\"", "a b+c", "ä%20", "~!*()"];
    for (const name of names) await save(`0/names/${name}`, Buffer.from(name));
    assert.deepEqual(
      (await storage.list("0/names")).map(({ path }) => path),
      names.toSorted(),
    );
    await save("0/names-not", Buffer.from("x"));
    await storage.remove("0/names");
    assert.deepEqual(await storage.list("0"), [
      { path: "big", is_dir: false, file_size: 37_000_001 },
      { path: "names-not", is_dir: false, file_size: 1 },
    ]);
    const broken = (async function* (): AsyncGenerator<Uint8Array> {
      for (const chunk of big) yield chunk;
      throw new Error("broken off");
    })();
    await assert.rejects(storage.save("0/big", broken), /broken off/);
    assert.equal((await storage.open("0/big")).size, 37_000_001);
  });
});
