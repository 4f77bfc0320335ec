/**
 * @file Who calls. What was verified is remembered for a while, so that a key is hashed and a token verified once, not at
 * every request.
 */
import { ServingError } from "../inference.ts";
import type { ApiKeyRecord, ApiKeys } from "./api-keys.ts";
import type { Grant, KnownCaller } from "./grants.ts";
import type { Tokens } from "./tokens.ts";

/** What came with a request. */
export interface Credentials {
  /** The header `authorization`. */
  readonly authorization: string | undefined;
  /** The header `x-api-key`. */
  readonly apiKey: string | undefined;
  /** The subject's common name of a client certificate that the TLS layer has verified. */
  readonly certificate: string | undefined;
  readonly address: string;
}

/** A client certificate's subject and what it may do. */
export interface CertificateGrant {
  readonly commonName: string;
  readonly grants: readonly Grant[];
}

/** What counts as proof. */
export interface AuthenticatorOptions {
  readonly keys?: ApiKeys | undefined;
  readonly tokens?: Tokens | undefined;
  readonly certificates?: readonly CertificateGrant[] | undefined;
}

interface Remembered {
  readonly name: string;
  readonly grants: readonly Grant[];
  /** In milliseconds since 1970. */
  readonly until: number;
}

/** A minute, so that what is revoked ends soon. */
const rememberedFor = 60_000;
const maxRemembered = 10_000;

/** Says who calls. */
export class Authenticator {
  #options: AuthenticatorOptions;
  readonly #remembered = new Map<string, Remembered>();

  constructor(options: AuthenticatorOptions) {
    this.#options = options;
  }

  /** Takes other keys, tokens and certificates from now on. */
  replace(options: AuthenticatorOptions): void {
    this.#options = options;
    this.#remembered.clear();
  }

  /**
   * Who calls, at once where it is known.
   * Throws or rejects with a {@link ServingError} of kind `unauthenticated`.
   */
  authenticate(credentials: Credentials): KnownCaller | Promise<KnownCaller> {
    const { address, certificate } = credentials;
    const secret = credentials.apiKey ?? bearer(credentials.authorization);
    if (secret !== undefined) {
      const known = this.#remembered.get(secret);
      if (known && known.until > Date.now()) return { name: known.name, grants: known.grants, address };
      return this.#verify(secret, address);
    }
    const found = this.#options.certificates?.find(({ commonName }) => commonName === certificate);
    if (found) return { name: found.commonName, grants: found.grants, address };
    throw new ServingError("unauthenticated", "an API key or a token is needed");
  }

  #verify(secret: string, address: string): KnownCaller | Promise<KnownCaller> {
    const { keys, tokens } = this.#options;
    const now = Date.now();
    const record = keys?.find(secret, now);
    if (record) {
      this.#remember(secret, { name: record.name, grants: record.grants, until: keyEnd(record, now) });
      return { name: record.name, grants: record.grants, address };
    }
    if (!tokens || !/^[\w-]+\.[\w-]+\.[\w-]+$/.test(secret))
      throw new ServingError("unauthenticated", "the API key is not valid");
    const options = this.#options;
    return tokens.verify(secret).then(({ subject, grants, expires }) => {
      const until = Math.min(expires, Date.now() + rememberedFor);
      if (this.#options === options) this.#remember(secret, { name: subject, grants, until });
      return { name: subject, grants, address };
    });
  }

  #remember(secret: string, found: Remembered): void {
    if (this.#remembered.size >= maxRemembered) this.#remembered.clear();
    this.#remembered.set(secret, found);
  }
}

function keyEnd({ expires }: ApiKeyRecord, now: number): number {
  return Math.min(now + rememberedFor, expires === undefined ? Infinity : Date.parse(expires));
}

function bearer(authorization: string | undefined): string | undefined {
  if (authorization === undefined) return undefined;
  const [, secret] = /^Bearer +(\S+) *$/i.exec(authorization) ?? [];
  if (secret === undefined) throw new ServingError("unauthenticated", "only Bearer authorization is taken");
  return secret;
}
