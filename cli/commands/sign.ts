/** @file `tenon sign` */
import { Command } from "commander";
import { collect } from "../option-values.ts";

export interface SignOptions {
  readonly key?: string;
  readonly keyless?: boolean;
  readonly fulcioUrl?: string;
  readonly rekorUrl?: string;
  readonly timestampUrl?: string;
  readonly signature?: string;
  readonly ignore: readonly string[];
}

export function signCommand(): Command {
  return new Command("sign")
    .description("Sign a model's folder (OpenSSF Model Signing 1.0), with a key, offline, or keyless.")
    .argument("<model>", "the model's folder")
    .option("--key <file>", "the private key in PEM, on P-256, P-384 or P-521")
    .option("--keyless", "sign with a certificate that Sigstore gives to the environment's identity")
    .option("--fulcio-url <url>", "another certificate authority than Sigstore's public one")
    .option("--rekor-url <url>", "another transparency log than Sigstore's public one")
    .option("--timestamp-url <url>", "a timestamp authority to ask too")
    .option("--signature <file>", "where the signature goes (default: model.sig in the folder)")
    .option("--ignore <name>", "a file or folder that is not part of the model; repeatable", collect, [])
    .addHelpText(
      "after",
      `
A key's passphrase is taken from TENON_SIGNING_PASSPHRASE. A pair of keys:
  openssl ecparam -name prime256v1 -genkey -noout -out key.pem
  openssl ec -in key.pem -pubout -out key.pub.pem

Keyless signing needs the package sigstore, and takes the identity's token from SIGSTORE_ID_TOKEN or from GitHub Actions. The
identity stands in the public log for ever.

Examples:
  tenon sign model --key key.pem
  tenon sign model --keyless
  tenon sign model --key key.pem --signature model.sig --ignore logs

model_signing verify, of the Python package model-signing, verifies it as tenon verify does.`,
    )
    .action(async (model: string, options: SignOptions) => {
      const { signFolder } = await import("../signing/sign-folder.ts");
      await signFolder(model, options);
    });
}
