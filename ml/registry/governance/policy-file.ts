/** @file Where a store's policy is, and reading it: anew for each question, so that a change counts at once. */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { InvalidInputError } from "../../errors.ts";
import type { RequiredSigner } from "../../package/signing/index.ts";
import { parsePolicy, type Policy, type PolicySigner } from "./policy.ts";

/** The name of a policy's file. */
export const policyName = "tenon.policy.json";

/** A policy as it was read. */
export interface LoadedPolicy {
  readonly policy: Policy;
  readonly path: string;
  /** The SHA-256 of the file, which says which policy was applied. */
  readonly digest: string;
}

/**
 * The policy at a path or, where none is given, in the store's folder or beside it; undefined where there is none.
 * @throws {@link InvalidInputError} for a file that can't be read or holds no policy: nothing is allowed by it
 */
export async function loadPolicy(
  storeFolder: string,
  path: string | undefined,
): Promise<LoadedPolicy | undefined> {
  const folder = resolve(storeFolder);
  const places = path === undefined ? [join(folder, policyName), join(dirname(folder), policyName)] : [path];
  for (const place of places) {
    const bytes = await bytesOf(place, path !== undefined);
    if (bytes === undefined) continue;
    try {
      const policy = parsePolicy(JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)));
      return { policy, path: place, digest: createHash("sha256").update(bytes).digest("hex") };
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new InvalidInputError(`${place}: ${reason}`, { cause });
    }
  }
  return undefined;
}

/**
 * Who may have signed as a rule says it, with what the files beside the policy hold.
 * @throws {@link InvalidInputError} for a file that can't be read
 */
export async function requiredSigners(
  { path }: LoadedPolicy,
  signedBy: readonly PolicySigner[],
): Promise<readonly RequiredSigner[]> {
  const textOf = async (what: string, name: string): Promise<string> => {
    try {
      return await readFile(resolve(dirname(path), name), "utf8");
    } catch (cause) {
      throw new InvalidInputError(`${path}: the ${what} ${name} can't be read`, { cause });
    }
  };
  return await Promise.all(
    signedBy.map(async (signer): Promise<RequiredSigner> => {
      if (typeof signer === "string")
        return { publicKey: signer.startsWith("-----BEGIN") ? signer : await textOf("key", signer) };
      const { identity, issuer, trustedRoot } = signer;
      if (trustedRoot === undefined) return { identity, issuer };
      return { identity, issuer, trustedRoot: await textOf("trusted root", trustedRoot) };
    }),
  );
}

async function bytesOf(path: string, isNeeded: boolean): Promise<Uint8Array | undefined> {
  try {
    return await readFile(path);
  } catch (cause) {
    const isAbsent = cause instanceof Error && "code" in cause && cause.code === "ENOENT";
    if (isAbsent && !isNeeded) return undefined;
    throw new InvalidInputError(
      `${path}: the policy can't be read${isAbsent ? ": there is no such file" : ""}`,
      {
        cause,
      },
    );
  }
}
