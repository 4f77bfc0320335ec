/**
 * @file Keyless signatures: a certificate for minutes, which Fulcio gives to an identity that an OpenID provider vouches for, and an
 * entry in the transparency log Rekor, which tells when it was used. https://docs.sigstore.dev/about/overview/
 *
 * Identity and issuer are compared as they are, letter by letter: the package's own policy takes an identity for a pattern.
 */
import { SignatureError } from "./signature-error.ts";
import { loadSigstore, type SigstorePackages } from "./sigstore-package.ts";
import { statementMediaType } from "./statement.ts";

/** Who must have signed. */
export interface IdentityPolicy {
  /** The signer as the certificate names it: an address, or the URI of a workflow or service. */
  readonly identity: string;
  /** The OpenID provider that vouched for it, such as `https://token.actions.githubusercontent.com`. */
  readonly issuer: string;
  /**
   * The certificates and keys of Fulcio, Rekor and others that are trusted: the text of a `trusted_root.json`. If not given, those of
   * Sigstore's public deployment, fetched by TUF and kept in the user's folder.
   */
  readonly trustedRoot?: string;
}

/** By whom is signed, and by whom it is certified. */
export interface KeylessOptions {
  /**
   * An OpenID token for the audience `sigstore`. If not given, that of the environment: `SIGSTORE_ID_TOKEN`, or what GitHub Actions
   * gives to a job with `id-token: write`.
   */
  readonly identityToken?: string;
  /** The certificate authority; Sigstore's public one if not given. */
  readonly fulcioUrl?: string;
  /** The transparency log; Sigstore's public one if not given. The identity is to be read there for ever. */
  readonly rekorUrl?: string;
  /** A timestamp authority to ask too. */
  readonly timestampUrl?: string;
}

/**
 * Signs a statement and puts it with its certificate and log entry into a bundle, as JSON.
 * @throws {@link SignatureError} where there is no token, or one of the services refuses or can't be reached
 */
export async function signKeyless(statement: Buffer, options: KeylessOptions): Promise<string> {
  const { identityToken, fulcioUrl, rekorUrl, timestampUrl } = options;
  const { sigstore } = loadSigstore();
  try {
    const bundle = await sigstore.attest(statement, statementMediaType, {
      ...(identityToken !== undefined && { identityToken }),
      ...(fulcioUrl !== undefined && { fulcioURL: fulcioUrl }),
      ...(rekorUrl !== undefined && { rekorURL: rekorUrl }),
      ...(timestampUrl !== undefined && { tsaServerURL: timestampUrl }),
    });
    return JSON.stringify(bundle);
  } catch (cause) {
    // The cause's own text may hold the token that was refused; what it says in general doesn't.
    throw new SignatureError(`signing keyless failed: ${reasonOf(cause)}`);
  }
}

/**
 * The statement in a bundle, once certificate, log entry, time, signature, identity and issuer are verified.
 * @throws {@link SignatureError} for what is no such bundle, can't be verified, or is by another identity or issuer
 */
export async function verifyKeyless(text: string, policy: IdentityPolicy): Promise<Buffer> {
  const packages = loadSigstore();
  const bundle = parseBundle(packages, text);
  const root = await trustedRootOf(packages, policy);
  let signer;
  try {
    const verifier = new packages.verify.Verifier(packages.verify.toTrustMaterial(root), {
      ctlogThreshold: 1,
      tlogThreshold: 1,
      timestampThreshold: 1,
    });
    signer = verifier.verify(packages.verify.toSignedEntity(bundle));
  } catch (cause) {
    throw new SignatureError(`the keyless signature can't be verified: ${messageOf(cause)}`, { cause });
  }
  const { subjectAlternativeName: identity, extensions } = signer.identity ?? {};
  if (identity !== policy.identity)
    throw new SignatureError(`the signature is by ${identity ?? "no one"}, not by ${policy.identity}`);
  if (extensions?.issuer !== policy.issuer)
    throw new SignatureError(
      `that the signature is by ${identity}, ${extensions?.issuer ?? "no one"} vouched for, not ${policy.issuer}`,
    );
  return bundle.content.dsseEnvelope.payload;
}

function parseBundle(
  { bundle: bundles }: SigstorePackages,
  text: string,
): ReturnType<SigstorePackages["bundle"]["toDSSEBundle"]> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new SignatureError("the signature is no JSON", { cause });
  }
  let bundle;
  try {
    bundle = bundles.bundleFromJSON(json);
  } catch (cause) {
    throw new SignatureError(`the signature is no Sigstore bundle: ${messageOf(cause)}`, { cause });
  }
  if (bundles.isBundleWithPublicKey(bundle))
    throw new SignatureError("the signature was made by the key method, not with an identity's certificate");
  if (!bundles.isBundleWithDsseEnvelope(bundle))
    throw new SignatureError("the signature is of a file, and not of a model's statement");
  const { payloadType, signatures } = bundle.content.dsseEnvelope;
  if (payloadType !== statementMediaType || signatures.length !== 1)
    throw new SignatureError("the signature is not one signature of an in-toto statement");
  return bundle;
}

async function trustedRootOf(
  { specs, tuf }: SigstorePackages,
  { trustedRoot }: IdentityPolicy,
): Promise<ReturnType<SigstorePackages["specs"]["TrustedRoot"]["fromJSON"]>> {
  if (trustedRoot === undefined) {
    try {
      return await tuf.getTrustedRoot();
    } catch (cause) {
      throw new SignatureError(
        `Sigstore's trusted root can't be fetched (${messageOf(cause)}): give trustedRoot, or a way to the network`,
        { cause },
      );
    }
  }
  try {
    return specs.TrustedRoot.fromJSON(JSON.parse(trustedRoot));
  } catch (cause) {
    throw new SignatureError(`the trusted root can't be read: ${messageOf(cause)}`, { cause });
  }
}

/** What the package says of a failure, by its kind. */
function reasonOf(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  const known: Readonly<Record<string, string>> = {
    IDENTITY_TOKEN_READ_ERROR:
      "there is no identity token: give one, set SIGSTORE_ID_TOKEN, or run in a job of GitHub Actions with id-token: write",
    IDENTITY_TOKEN_PARSE_ERROR: "the identity token is none",
    CA_CREATE_SIGNING_CERTIFICATE_ERROR:
      "Fulcio gave no certificate: it refused the identity token, or can't be reached",
    TLOG_CREATE_ENTRY_ERROR: "Rekor made no entry: it refused it, or can't be reached",
    TLOG_FETCH_ENTRY_ERROR: "Rekor's entry can't be fetched",
    TSA_CREATE_TIMESTAMP_ERROR: "the timestamp authority gave no timestamp: it refused, or can't be reached",
  };
  if (typeof code !== "string") return "sigstore doesn't say why";
  return known[code] ?? `sigstore says ${code}`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
