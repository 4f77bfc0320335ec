/** @file Python's model-signing verifies a keyless signature of ours, which a Sigstore on this machine certified. */
import assert from "node:assert/strict";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as v from "valibot";
import { signModel } from "../../../ml/package/signing/index.ts";
import { identityToken, issuer, startSigstore } from "../../ml/package/fake-sigstore.ts";
import type { PythonEnvironment } from "../../support/python-environment.ts";
import { tryCommand } from "../../support/run-command.ts";
import type { Checks } from "../interop-suite.ts";

const identity = "someone@example.com";

/** Checks that the tool takes our signature and refuses another identity. */
export async function checkKeyless(
  checks: Checks,
  folder: string,
  { directory, env }: PythonEnvironment,
): Promise<void> {
  const sigstore = await startSigstore();
  try {
    const model = join(folder, "keyless");
    const signature = join(folder, "keyless.sig");
    const config = join(folder, "trust.json");
    await mkdir(model);
    await writeFile(join(model, "weights.bin"), "weights");
    const services = [
      {
        url: sigstore.url,
        majorApiVersion: 1,
        validFor: { start: "2025-01-01T00:00:00Z" },
        operator: "fake",
      },
    ];
    const signingConfig = {
      mediaType: "application/vnd.dev.sigstore.signingconfig.v0.2+json",
      caUrls: services,
      oidcUrls: services,
      rekorTlogUrls: services,
      tsaUrls: services,
      rekorTlogConfig: { selector: "ANY" },
      tsaConfig: { selector: "ANY" },
    };
    const mediaType = "application/vnd.dev.sigstore.clienttrustconfig.v0.1+json";
    const trustedRoot: unknown = JSON.parse(sigstore.trustedRoot);
    await writeFile(config, JSON.stringify({ mediaType, trustedRoot, signingConfig }));
    const keyless = {
      identityToken: identityToken(identity, { email: identity, email_verified: true }),
      fulcioUrl: sigstore.url,
      rekorUrl: sigstore.url,
      timestampUrl: sigstore.url,
    };
    await signModel(model, { keyless, signature });
    await writeFile(signature, withZeros(await readFile(signature, "utf8")));
    const verify = (who: string): ReturnType<typeof tryCommand> =>
      tryCommand(
        join(directory, "bin/model_signing"),
        [
          "verify",
          "sigstore",
          "--signature",
          signature,
          "--trust_config",
          config,
          "--identity",
          who,
          "--identity_provider",
          issuer,
          model,
        ],
        { env },
      );
    await checks.check("model-signing verifies our keyless signature", async () => {
      const { code, stdout, stderr } = await verify(identity);
      assert.equal(code, 0, stdout + stderr);
    });
    await checks.check("model-signing refuses it for another identity", async () => {
      assert.notEqual((await verify("other@example.com")).code, 0);
    });
  } finally {
    await sigstore.close();
  }
}

const bundleSchema = v.looseObject({
  verificationMaterial: v.looseObject({
    tlogEntries: v.array(v.looseObject({ inclusionProof: v.looseObject({}) })),
  }),
});

/** In a log of one entry the place is 0 and the proof empty, which protobuf's JSON leaves out and Python's reader asks for. */
function withZeros(text: string): string {
  const bundle = v.parse(bundleSchema, JSON.parse(text));
  for (const entry of bundle.verificationMaterial.tlogEntries)
    entry.inclusionProof = { logIndex: "0", hashes: [], ...entry.inclusionProof };
  return JSON.stringify(bundle);
}
