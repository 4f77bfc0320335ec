import {
  type FileDigests,
  type RequiredSigner,
  SignatureError,
  verifyModel,
} from "../../package/signing/index.ts";

/** The files of a folder as one of some has signed them; or why none of them has, each reason once. */
export async function verifyAny(
  folder: string,
  signers: readonly RequiredSigner[],
  signal?: AbortSignal,
): Promise<{ readonly files: FileDigests } | { readonly unsigned: string }> {
  const reasons = new Set<string>();
  for (const signer of signers)
    try {
      const { files } = await verifyModel(folder, { ...signer, ...(signal && { signal }) });
      return { files };
    } catch (error) {
      const isAbsent = error instanceof Error && "code" in error && error.code === "ENOENT";
      if (!isAbsent && !(error instanceof SignatureError)) throw error;
      reasons.add(isAbsent ? "it is not signed" : error.message);
    }
  return { unsigned: [...reasons].join("; ") };
}
