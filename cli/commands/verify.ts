/** @file `tenon verify` */
import type { Command } from "commander";
import { storeCommand } from "./store-options.ts";

export interface VerifyOptions {
  readonly key?: string;
  readonly identity?: string;
  readonly issuer?: string;
  readonly trustedRoot?: string;
  readonly signature?: string;
  readonly trackingUri?: string;
}

export function verifyCommand(): Command {
  return storeCommand("verify")
    .description("Verify that a model's folder is what was signed (OpenSSF Model Signing 1.0).")
    .argument("<model>", "the model's folder, or models:/NAME/VERSION or models:/NAME@ALIAS in a store")
    .option("--key <file>", "the public key in PEM")
    .option("--identity <name>", "who must have signed keyless, as the certificate names it")
    .option("--issuer <url>", "the OpenID provider that must have vouched for the identity")
    .option("--trusted-root <file>", "whom to trust, a trusted_root.json (default: Sigstore's, fetched)")
    .option("--signature <file>", "where the signature is (default: model.sig in the folder)")
    .addHelpText(
      "after",
      `
Examples:
  tenon verify model --key key.pub.pem
  tenon verify model --issuer https://token.actions.githubusercontent.com \\
    --identity https://github.com/acme/models/.github/workflows/train.yml@refs/heads/main
  tenon verify model --key key.pub.pem --signature model.sig
  tenon verify models:/risk@champion --key key.pub.pem
  tenon verify models:/risk@champion    # by whom tenon.policy.json names

Exit codes: 0 the folder holds exactly what was signed, 1 it does not or the signature is by another, 2 wrong usage.`,
    )
    .action(async (model: string, options: VerifyOptions) => {
      const { verifyFolder } = await import("../signing/verify-folder.ts");
      await verifyFolder(model, options);
    });
}
