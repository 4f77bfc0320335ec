/** @file The package `sigstore`, and those that it is made of, looked for when a keyless signature is made or verified. */
import { createRequire } from "node:module";
import { findPackage } from "../../find-package.ts";
import { SignatureError } from "./signature-error.ts";

/** What of Sigstore's packages is used. */
export interface SigstorePackages {
  readonly sigstore: typeof import("sigstore");
  readonly bundle: typeof import("@sigstore/bundle");
  readonly specs: typeof import("@sigstore/protobuf-specs");
  readonly tuf: typeof import("@sigstore/tuf");
  readonly verify: typeof import("@sigstore/verify");
}

/** @throws {@link SignatureError} where the package isn't installed */
export function loadSigstore(): SigstorePackages {
  const path = findPackage("sigstore");
  if (path === undefined)
    throw new SignatureError("keyless signatures need the package sigstore: npm install sigstore@4");
  // What it depends on is found from where it is, wherever a package manager has put it.
  const load = createRequire(path);
  return {
    sigstore: load(path),
    bundle: load("@sigstore/bundle"),
    specs: load("@sigstore/protobuf-specs"),
    tuf: load("@sigstore/tuf"),
    verify: load("@sigstore/verify"),
  };
}
