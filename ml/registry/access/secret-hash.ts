/**
 * @file Hashes of passwords and tokens by scrypt (RFC 7914), written as `scrypt$N$r$p$salt$hash`, so that costs can be raised
 * without new passwords.
 */
import { randomBytes, scrypt, type ScryptOptions, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";

const derive = promisify<string, Buffer, number, ScryptOptions, Buffer>(scrypt);

interface Cost {
  readonly N: number;
  readonly r: number;
  readonly p: number;
}

/** For what people choose: 32 MiB, as OWASP's recommendation of 2023 has it. */
export const passwordCost: Cost = { N: 2 ** 15, r: 8, p: 3 };
/** For 256 random bits, which nobody guesses however quick a guess is. */
export const tokenCost: Cost = { N: 2 ** 10, r: 8, p: 1 };

const hashLength = 32;
/** More than any cost that we write takes. */
const memory = 128 * 1024 * 1024;

/** The hash of a secret with a salt of its own. */
export async function hashSecret(secret: string, cost: Cost): Promise<string> {
  const salt = randomBytes(16);
  const hash = await derive(secret.normalize("NFC"), salt, hashLength, { ...cost, maxmem: memory });
  const { N, r, p } = cost;
  return ["scrypt", N, r, p, salt.toString("base64"), hash.toString("base64")].join("$");
}

/** Whether a secret has a hash; the comparison takes the same time wherever they differ. False for what is no hash. */
export async function matchesHash(secret: string, written: string): Promise<boolean> {
  const [kind, N, r, p, salt = "", hash = ""] = written.split("$");
  const expected = Buffer.from(hash, "base64");
  if (kind !== "scrypt" || expected.length !== hashLength) return false;
  const cost = { N: Number(N), r: Number(r), p: Number(p), maxmem: memory };
  const found = await derive(secret.normalize("NFC"), Buffer.from(salt, "base64"), hashLength, cost);
  return timingSafeEqual(found, expected);
}
