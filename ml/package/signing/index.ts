/** @file `tenon/package/signing`: models that are signed, and verified before anything of them is loaded. */
export { generateSigningKeys } from "./keys.ts";
export type { SigningKeys } from "./keys.ts";
export { signModel } from "./sign-model.ts";
export type { Signing, SignModelOptions } from "./sign-model.ts";
export { verifyModel } from "./verify-model.ts";
export type { RequiredSigner, VerifyModelOptions } from "./verify-model.ts";
export type { IdentityPolicy, KeylessOptions } from "./keyless.ts";
export { SignatureError } from "./signature-error.ts";
export type { SignedModel } from "./statement.ts";
export type { FileDigests } from "./file-digests.ts";
