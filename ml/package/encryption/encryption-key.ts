import { createSecretKey, type KeyObject, randomBytes } from "node:crypto";
import { EncryptionError } from "./encryption-error.ts";

/** The environment variable that holds the key where no other is named. */
export const keyVariable = "TENON_MODEL_KEY";

/** Makes a key: 32 random bytes in Base64, as the environment variable holds it. */
export function generateEncryptionKey(): string {
  return randomBytes(32).toString("base64");
}

/**
 * Reads a key: 32 bytes in Base64 or hexadecimal.
 * @throws {@link EncryptionError} for anything else; the message doesn't repeat it
 */
export function readEncryptionKey(text: string): KeyObject {
  const trimmed = text.trim();
  const bytes = /^[0-9a-f]{64}$/i.test(trimmed)
    ? Buffer.from(trimmed, "hex")
    : /^[A-Za-z0-9+/]{43}=$/.test(trimmed)
      ? Buffer.from(trimmed, "base64")
      : undefined;
  if (bytes?.length !== 32) throw new EncryptionError("the key must be 32 bytes in Base64 or hexadecimal");
  return createSecretKey(bytes);
}

/**
 * Reads the key in an environment variable, `TENON_MODEL_KEY` if none is named.
 * @throws {@link EncryptionError} where there is none
 */
export function encryptionKeyFromEnvironment(variable: string = keyVariable): KeyObject {
  const text = process.env[variable];
  if (text === undefined || text === "")
    throw new EncryptionError(
      `the environment variable ${variable} holds no key: set it to 32 bytes in Base64`,
    );
  return readEncryptionKey(text);
}
