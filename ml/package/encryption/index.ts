/** @file `tenon/package/encryption`: model files encrypted at rest by AES-256-GCM. */
export { decryptFile, encryptFile, readEncryptedFile } from "./encrypt-file.ts";
export type { EncryptionOptions } from "./encrypt-file.ts";
export { encryptionKeyFromEnvironment, generateEncryptionKey, readEncryptionKey } from "./encryption-key.ts";
export { EncryptionError } from "./encryption-error.ts";
