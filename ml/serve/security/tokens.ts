/** @file JSON Web Tokens, verified by the keys that their issuer publishes. */
import { readFile } from "node:fs/promises";
import {
  createLocalJWKSet,
  createRemoteJWKSet,
  errors,
  type JSONWebKeySet,
  type JWTVerifyGetKey,
  jwtVerify,
} from "jose";
import * as v from "valibot";
import { InvalidInputError } from "../../errors.ts";
import { ServingError } from "../inference.ts";
import { type Grant, grantsOfScope } from "./grants.ts";

/** Whose tokens are taken. */
export interface TokenSettings {
  /** The JSON Web Key Set: an `https:` or `http:` address, or the path of a file. */
  readonly jwks: string;
  /** What `iss` must be. */
  readonly issuer: string;
  /** What `aud` must hold. */
  readonly audience: string;
}

/** What a token proved. */
export interface VerifiedToken {
  readonly subject: string;
  readonly grants: readonly Grant[];
  /** When it ends, in milliseconds since 1970. */
  readonly expires: number;
}

/** Signatures by a public key only: with a shared secret, whoever can verify tokens can make them. */
const algorithms = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"];

const claimsSchema = v.object({
  sub: v.pipe(v.string(), v.nonEmpty()),
  exp: v.number(),
  scope: v.optional(v.string(), ""),
});

const keySetSchema = v.looseObject({ keys: v.array(v.looseObject({ kty: v.string() })) });

/** Verifies the tokens of one issuer. */
export class Tokens {
  readonly #settings: TokenSettings;
  readonly #keys: JWTVerifyGetKey;

  private constructor(settings: TokenSettings, keys: JWTVerifyGetKey) {
    this.#settings = settings;
    this.#keys = keys;
  }

  /**
   * A remote set is fetched when the first token comes, and again when a key is unknown, though not more than twice a minute.
   * @throws {InvalidInputError} for a file that holds no key set
   */
  static async open(settings: TokenSettings): Promise<Tokens> {
    if (/^https?:/.test(settings.jwks))
      return new Tokens(settings, createRemoteJWKSet(new URL(settings.jwks)));
    return new Tokens(settings, createLocalJWKSet(await readKeySet(settings.jwks)));
  }

  /** Throws a {@link ServingError} of kind `unauthenticated`, or `unavailable` where the keys can't be had. */
  async verify(token: string): Promise<VerifiedToken> {
    const { issuer, audience } = this.#settings;
    let payload: unknown;
    try {
      ({ payload } = await jwtVerify(token, this.#keys, { issuer, audience, algorithms }));
    } catch (cause) {
      throw refusal(cause);
    }
    const claims = v.safeParse(claimsSchema, payload);
    if (!claims.success) throw new ServingError("unauthenticated", "the token has no subject or no end");
    const { sub, exp, scope } = claims.output;
    return { subject: sub, grants: grantsOfScope(scope), expires: exp * 1000 };
  }
}

async function readKeySet(path: string): Promise<JSONWebKeySet> {
  let content: unknown;
  try {
    content = JSON.parse(await readFile(path, "utf8"));
  } catch (cause) {
    throw new InvalidInputError(`${path} cannot be read as a JSON Web Key Set`, { cause });
  }
  if (!v.is(keySetSchema, content)) throw new InvalidInputError(`${path} is no JSON Web Key Set`);
  return content;
}

function refusal(cause: unknown): ServingError {
  if (cause instanceof errors.JWTExpired)
    return new ServingError("unauthenticated", "the token has expired", { cause });
  if (cause instanceof errors.JWTClaimValidationFailed)
    return new ServingError("unauthenticated", `the token's ${cause.claim} is not what it must be`, {
      cause,
    });
  const isKeyless =
    cause instanceof errors.JWKSTimeout ||
    !(cause instanceof errors.JOSEError) ||
    cause.code === "ERR_JOSE_GENERIC";
  if (isKeyless)
    return new ServingError("unavailable", "the keys of the tokens' issuer cannot be had", {
      cause,
      retryAfter: 5,
    });
  return new ServingError("unauthenticated", "the token is not valid", { cause });
}
