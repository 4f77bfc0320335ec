/** An encrypted file that can't be read: another key, another format, changed or cut off; or a key that is none. */
export class EncryptionError extends Error {
  override readonly name = "EncryptionError";
}
