/** @file `tenon/package/encryption`: model files encrypted at rest, by AES-256-GCM or by age. */
export {
  ageDecryption,
  ageEncryption,
  generateAgeKeys,
  parseAgeIdentities,
  type AgeKeys,
  type AgeReaders,
  type AgeSecrets,
} from "./age.ts";
export { decryptFile, encryptFile, readEncryptedFile } from "./encrypt-file.ts";
export type { EncryptionOptions } from "./encrypt-file.ts";
export { encryptionKeyFromEnvironment, generateEncryptionKey, readEncryptionKey } from "./encryption-key.ts";
export { encryptionKeyFromCommand, type KeyCommandOptions } from "./key-command.ts";
export type { EncryptionFormat, FileDecryption, FileEncryption } from "./file-cipher.ts";
export { EncryptionError } from "./encryption-error.ts";
