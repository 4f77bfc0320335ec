/** @file Python's model-signing beside ours: each verifies the other's signatures and refuses the same changes. */
import assert from "node:assert/strict";
import { cp, mkdir, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { SignatureError, signModel, verifyModel } from "../../../ml/package/signing/index.ts";
import type { PythonEnvironment } from "../../support/python-environment.ts";
import { type CommandResult, runCommand, tryCommand } from "../../support/run-command.ts";
import type { Checks } from "../interop-suite.ts";

/** What makes another model of a signed one. */
const changes: Readonly<Record<string, (model: string) => Promise<void>>> = {
  "a flipped byte": async (model) => {
    const path = join(model, "a/weights.bin");
    const bytes = await readFile(path);
    bytes[0] = (bytes[0] ?? 0) ^ 1;
    await writeFile(path, bytes);
  },
  "an added file": (model) => writeFile(join(model, "a/more.bin"), ""),
  "a removed file": (model) => rm(join(model, "MLmodel")),
  "a renamed file": (model) => rename(join(model, "MLmodel"), join(model, "MLmodel2")),
  "a link out of the folder": async (model) => {
    await rename(join(model, "MLmodel"), `${model}.MLmodel`);
    await symlink(`${model}.MLmodel`, join(model, "MLmodel"));
  },
};

/** Checks signatures both ways. */
export async function checkSigning(
  checks: Checks,
  folder: string,
  { directory, env }: PythonEnvironment,
): Promise<void> {
  const model = join(folder, "signed");
  const [key, publicFile, ours, theirs] = ["key.pem", "key.pub.pem", "ours.sig", "theirs.sig"].map((name) =>
    join(folder, name),
  );
  assert.ok(key !== undefined && publicFile !== undefined && ours !== undefined && theirs !== undefined);
  for (const name of ["a", "a-b", "ünï"]) await mkdir(join(model, name), { recursive: true });
  await writeFile(join(model, "MLmodel"), "flavors: {}\n");
  await writeFile(join(model, "a/weights.bin"), Buffer.alloc(3_000_001, 7));
  await writeFile(join(model, "a-b/weights.bin"), "");
  await writeFile(join(model, "ünï/x.txt"), "x");
  const tool = (...args: readonly string[]): Promise<CommandResult> =>
    tryCommand(join(directory, "bin/model_signing"), args, { env });
  await runCommand("openssl", ["ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", key]);
  await runCommand("openssl", ["ec", "-in", key, "-pubout", "-out", publicFile]);
  const privateKey = await readFile(key, "utf8");
  const publicKey = await readFile(publicFile, "utf8");
  const theyVerify = (signature: string, of: string): Promise<CommandResult> =>
    tool("verify", "key", "--public_key", publicFile, "--signature", signature, of);
  const succeeds = ({ code, stdout, stderr }: CommandResult): void => assert.equal(code, 0, stdout + stderr);

  await checks.check("model-signing verifies our signature", async () => {
    await signModel(model, { privateKey, signature: ours });
    succeeds(await theyVerify(ours, model));
  });
  await checks.check("model-signing verifies our signature in the model's folder", async () => {
    const copy = join(folder, "with-signature");
    await cp(model, copy, { recursive: true });
    await signModel(copy, { privateKey });
    succeeds(await theyVerify(join(copy, "model.sig"), copy));
  });
  await checks.check("we verify model-signing's signature", async () => {
    succeeds(await tool("sign", "key", "--private_key", key, "--signature", theirs, model));
    const { files } = await verifyModel(model, { publicKey, signature: theirs });
    assert.equal(files.size, 4);
  });
  for (const [name, change] of Object.entries(changes)) {
    await checks.check(`both refuse ${name}`, async () => {
      const copy = join(folder, name.replaceAll(" ", "-"));
      await cp(model, copy, { recursive: true });
      await change(copy);
      for (const signature of [ours, theirs]) {
        await assert.rejects(verifyModel(copy, { publicKey, signature }), SignatureError);
        const { code } = await theyVerify(signature, copy);
        assert.notEqual(code, 0, "model-signing accepts it");
      }
    });
  }
}
