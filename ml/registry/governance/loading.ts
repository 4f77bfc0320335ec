/** @file Signatures that a policy demands of a model before any of its files is read. */
import { type FileDigests, SignatureError } from "../../package/signing/index.ts";
import { type LoadedPolicy, requiredSigners } from "./policy-file.ts";
import { loadingDemands, type PolicySigner } from "./policy.ts";
import { verifyAny } from "./verify-any.ts";

/** A model that is to be loaded. */
export interface LoadedModel {
  /** As people are told of it: a URI, or its folder. */
  readonly shown: string;
  /** Its registered name, or the name that its folder is served by; undefined where it has none. */
  readonly name?: string;
  /** The aliases that the version has. */
  readonly aliases?: readonly string[];
}

/**
 * Verifies a model's folder as a policy demands it. Nothing of the folder is read but for its digests and its signature.
 * @returns the digests of the files for each demand, which what is read afterwards must be held against; none where nothing is demanded
 * @throws {@link SignatureError} that names the policy, the rule and what helps, where none of a rule's signers has signed it;
 * {@link InvalidInputError} for a key of the policy that can't be read
 */
export async function verifyForLoading(
  loaded: LoadedPolicy | undefined,
  model: LoadedModel,
  folder: string,
  signal?: AbortSignal,
): Promise<readonly FileDigests[]> {
  if (loaded === undefined) return [];
  const verified: FileDigests[] = [];
  for (const { place, signedBy } of loadingDemands(loaded.policy, model.name, model.aliases ?? [])) {
    const found = await verifyAny(folder, await requiredSigners(loaded, signedBy), signal);
    if (!("files" in found))
      throw new SignatureError(
        `${model.shown} is not loaded: ${loaded.path} demands in ${place} that it is signed by ${signedBy.map(describeSigner).join(" or ")}: ` +
          `${found.unsigned.replaceAll(`${folder} is not`, "it is not")}. Have one of them sign the package (tenon sign) before it is registered or served, or change the policy`,
      );
    verified.push(found.files);
  }
  return verified;
}

function describeSigner(signer: PolicySigner): string {
  if (typeof signer !== "string") return `${signer.identity} (by ${signer.issuer})`;
  return signer.startsWith("-----BEGIN") ? "a key in the policy" : signer;
}
