/** @file Images: skopeo, umoci and Docker's registry take our layouts, the unpacked image serves; model-signing both ways. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import * as v from "valibot";
import {
  ImageError,
  pushImage,
  type WrittenImage,
  writeDockerArchive,
  writeImage,
  writeModelPack,
} from "../../ml/package/images/index.ts";
import { pythonEnvironment } from "../support/python-environment.ts";
import { runCommand } from "../support/run-command.ts";
import { requirePrograms } from "./images/debian-programs.ts";
import { checkAge } from "./images/age.ts";
import { checkKeyless } from "./images/keyless.ts";
import { checkSigning } from "./images/model-signing.ts";
import { account, withRegistry } from "./images/registry.ts";
import { askServer, writeServerApp } from "./images/server-app.ts";
import { withTokenServer } from "./images/token-server.ts";
import { Checks, type InteropSuite } from "./interop-suite.ts";
import { withScratchFolder } from "./scratch-folder.ts";

const inspected = v.object({ Digest: v.string(), Layers: v.array(v.string()) });
const configured = v.object({
  config: v.object({ Entrypoint: v.array(v.string()), Env: v.array(v.string()), WorkingDir: v.string() }),
});

const skopeo = async (...args: readonly string[]): Promise<string> =>
  (await runCommand("skopeo", args, { timeout: 120_000 })).stdout;
// skopeo would compress our models' layers otherwise, and so make another image.
const copyExactly = (...args: readonly string[]): Promise<string> =>
  skopeo("copy", "--insecure-policy", "--quiet", "--preserve-digests", ...args);
const inspect = async (image: string, ...args: readonly string[]): Promise<v.InferOutput<typeof inspected>> =>
  v.parse(inspected, JSON.parse(await skopeo("inspect", ...args, image)));

export const images: InteropSuite = {
  name: "images",
  about:
    "our image layouts and ModelPack artifacts read, copied and unpacked, the unpacked image started, pushed by password and token; model signatures both ways, keyless ones; age both ways",
  peer: "skopeo, umoci, docker-registry (Debian), model-signing 1.1.1, pyrage 1.4.0",
  run: () =>
    withScratchFolder(async (folder) => {
      await requirePrograms(["skopeo", "umoci", "docker-registry"]);
      const checks = new Checks();
      const { app, model } = await writeServerApp(folder);
      const options = {
        application: app,
        models: { flights: model },
        entrypoint: ["/usr/local/bin/node", "/app/main.mjs"],
        env: { GREETING: "hello" },
        exposedPorts: [8080],
      };
      const layout = join(folder, "layout");
      const image = await writeImage(layout, options);
      await checks.check("this machine has what ONNX Runtime needs", () => {
        assert.deepEqual([...image.missingLibraries], []);
      });
      await checkLayout(checks, folder, layout, image);
      await checks.check("a second build has the same digest", async () => {
        assert.deepEqual(await writeImage(join(folder, "again"), options), image);
      });
      await checkArtifact(checks, folder, model);
      await checkRegistry(checks, folder, layout, image);
      const environment = await pythonEnvironment(
        "images",
        join(import.meta.dirname, "images/requirements.txt"),
      );
      await checkSigning(checks, folder, environment);
      await checkKeyless(checks, folder, environment);
      await checkAge(checks, folder, environment);
      return checks.result;
    }),
};

async function checkLayout(
  checks: Checks,
  folder: string,
  layout: string,
  image: WrittenImage,
): Promise<void> {
  const digests = image.layers.map(({ digest }) => digest);
  await checks.check("skopeo reads the layout", async () => {
    assert.deepEqual(await inspect(`oci:${layout}:latest`), { Digest: image.digest, Layers: digests });
  });
  await checks.check("skopeo copies the layout, every digest as it was", async () => {
    const copy = `oci:${join(folder, "copy")}:latest`;
    await copyExactly(`oci:${layout}:latest`, copy);
    assert.deepEqual(await inspect(copy), { Digest: image.digest, Layers: digests });
  });
  await checks.check("skopeo reads the archive for docker load, as Docker's and as OCI's", async () => {
    const archive = join(folder, "image.tar");
    await writeDockerArchive(layout, archive, { name: "flights:1" });
    const { Layers } = await inspect(`docker-archive:${archive}:flights:1`);
    assert.equal(Layers.length, digests.length);
    assert.equal((await inspect(`oci-archive:${archive}:1`)).Digest, image.digest);
  });
  await checks.check(
    "umoci unpacks the layout, and the image answers with predictions from there",
    async () => {
      const bundle = join(folder, "bundle");
      const rootless = process.getuid?.() === 0 ? [] : ["--rootless"];
      await runCommand("umoci", ["unpack", ...rootless, "--image", `${layout}:latest`, bundle]);
      const { config } = v.parse(
        configured,
        JSON.parse(await skopeo("inspect", "--config", `oci:${layout}:latest`)),
      );
      const env = Object.fromEntries(
        config.Env.map((text) => [text.split("=", 1)[0] ?? "", text.slice(text.indexOf("=") + 1)]),
      );
      const answer = await askServer(join(bundle, "rootfs"), config.Entrypoint, env);
      const user = process.getuid?.() === 0 ? 65_532 : 0;
      assert.deepEqual(answer, { y: [3, 6, -5], user, greeting: "hello", address: "127.0.0.1" });
    },
  );
  await checks.check("an image upon one that umoci has changed", async () => {
    const changed = join(folder, "changed");
    await copyExactly(`oci:${layout}:latest`, `oci:${changed}:base`);
    await runCommand("umoci", ["config", "--image", `${changed}:base`, "--config.env", "FROM_BASE=1"]);
    const upon = await writeImage(join(folder, "upon"), {
      application: join(folder, "model"),
      applicationPath: "/extra",
      base: `${changed}:base`,
      entrypoint: ["/usr/local/bin/node"],
    });
    const { Digest, Layers } = await inspect(`oci:${join(folder, "upon")}:latest`);
    assert.equal(Digest, upon.digest);
    assert.deepEqual(Layers.slice(0, 3), digests);
    const { config } = v.parse(
      configured,
      JSON.parse(await skopeo("inspect", "--config", `oci:${join(folder, "upon")}:latest`)),
    );
    assert.ok(config.Env.includes("FROM_BASE=1"));
  });
}

async function checkArtifact(checks: Checks, folder: string, model: string): Promise<void> {
  const layout = join(folder, "modelpack");
  await checks.check("skopeo copies a ModelPack artifact, byte for byte", async () => {
    const { digest, files } = await writeModelPack(layout, { model, descriptor: { name: "flights" } });
    const copy = join(folder, "modelpack-copy");
    await copyExactly(`oci:${layout}:latest`, `dir:${copy}`);
    const manifest = await readFile(join(copy, "manifest.json"));
    assert.match(manifest.toString(), /application\/vnd\.cncf\.model\.manifest\.v1\+json/);
    assert.equal(`sha256:${sha256(manifest)}`, digest);
    const weights = files.find(({ name }) => name === "model.onnx");
    const copied = await readFile(join(copy, (weights?.digest ?? "").slice("sha256:".length)));
    assert.deepEqual(copied, await readFile(join(model, "model.onnx")));
  });
}

async function checkRegistry(
  checks: Checks,
  folder: string,
  layout: string,
  image: WrittenImage,
): Promise<void> {
  const plainHttp = true;
  const remote = (name: string): Promise<v.InferOutput<typeof inspected>> =>
    inspect(`docker://${name}`, "--tls-verify=false");
  await withRegistry(folder, { kind: "open" }, async (registry) => {
    await checks.check("an open registry: uploaded, then present, then mounted, then in chunks", async () => {
      const ways = async (
        name: string,
        more: { mountFrom?: string; chunkSize?: number },
      ): Promise<Set<string>> => {
        const { digest, blobs } = await pushImage(layout, `${registry}/${name}`, { plainHttp, ...more });
        assert.equal(digest, image.digest);
        assert.equal((await remote(`${registry}/${name}`)).Digest, image.digest);
        return new Set(blobs.values());
      };
      assert.deepEqual(await ways("team/flights:1", {}), new Set(["uploaded"]));
      assert.deepEqual(await ways("team/flights:2", {}), new Set(["present"]));
      assert.deepEqual(await ways("other/flights:1", { mountFrom: "team/flights" }), new Set(["mounted"]));
      assert.deepEqual(await ways("chunks/flights:1", { chunkSize: 5_000_001 }), new Set(["uploaded"]));
    });
    await checks.check("skopeo pulls what was pushed, every layer", async () => {
      const copy = `oci:${join(folder, "pulled")}:latest`;
      const from = `docker://${registry}/chunks/flights:1`;
      await copyExactly("--src-tls-verify=false", from, copy);
      assert.equal((await inspect(copy)).Digest, image.digest);
    });
    await checks.check("a ModelPack artifact in the registry", async () => {
      const name = `${registry}/models/flights:1`;
      const { digest } = await pushImage(join(folder, "modelpack"), name, { plainHttp });
      const raw = await skopeo("inspect", "--raw", "--tls-verify=false", `docker://${name}`);
      assert.equal(`sha256:${sha256(Buffer.from(raw))}`, digest);
    });
  });
  const wrong = { ...account, password: "another" };
  await withRegistry(folder, { kind: "password" }, async (registry) => {
    await checks.check("a registry with a password", async () => {
      const name = `${registry}/team/flights:1`;
      await assert.rejects(pushImage(layout, name, { plainHttp }), /asks for a user name/);
      await assert.rejects(pushImage(layout, name, { plainHttp, credentials: wrong }), ImageError);
      await pushImage(layout, name, { plainHttp, credentials: account });
      const credentials = `--creds=${account.username}:${account.password}`;
      assert.equal(
        (await inspect(`docker://${name}`, "--tls-verify=false", credentials)).Digest,
        image.digest,
      );
    });
  });
  await withTokenServer(folder, async (tokens) => {
    const { realm, service, certificate } = tokens;
    await withRegistry(folder, { kind: "token", realm, service, certificate }, async (registry) => {
      await checks.check("a registry with tokens, also for a mount from another repository", async () => {
        const name = `${registry}/team/flights:1`;
        await assert.rejects(
          pushImage(layout, name, { plainHttp, credentials: wrong }),
          /gives no token: 401/,
        );
        await pushImage(layout, name, { plainHttp, credentials: account });
        const mounted = await pushImage(layout, `${registry}/other/flights:1`, {
          plainHttp,
          credentials: account,
          mountFrom: "team/flights",
        });
        assert.deepEqual(new Set(mounted.blobs.values()), new Set(["mounted"]));
        assert.deepEqual([...new Set(tokens.scopes)].sort(), [
          "repository:other/flights:pull,push",
          "repository:team/flights:pull",
          "repository:team/flights:pull,push",
        ]);
      });
    });
  });
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
