/**
 * @file Who sends a request: a password by Basic authentication, or a token as a bearer's.
 *
 * A store without users lets everyone in, unless it must not (`required`); as soon as it has a user, it asks. What a user may do
 * is read for each request, so that a user who is removed is out at once; only that a secret has its hash is remembered, as
 * computing it takes long. Wrong secrets are counted by address and name, and too many are refused unseen.
 */
import { createHmac, randomBytes } from "node:crypto";
import { MlflowError } from "../mlflow-error.ts";
import type { Store } from "../store/store.ts";
import { type Identity, parseBasic, unverifiedIdentity } from "./identity.ts";
import { RateLimit } from "./rate-limit.ts";
import { hashSecret, matchesHash, passwordCost } from "./secret-hash.ts";
import { hasUsers, parseRole } from "./users.ts";

/** Wrong secrets for a name from one address, and from one address for whichever names: at once, and a second after that. */
const triesOfName = { rate: 1 / 10, burst: 10 };
const triesOfAddress = { rate: 1, burst: 50 };
/** How long it is remembered that a store has no user, in milliseconds. */
const openTime = 1000;
const mostRemembered = 10_000;
/** Hashes that are computed at once, each in 32 MiB, and that wait. */
const hashesAtOnce = 2;
const mostWaiting = 64;

interface Claim {
  readonly name: string;
  readonly secret: string;
}

interface Known extends Omit<Identity, "verified"> {
  readonly hash: string;
}

export class Authenticator {
  readonly #store: Store;
  readonly #required: boolean;
  readonly #key = randomBytes(32);
  readonly #remembered = new Set<string>();
  readonly #running = new Map<string, Promise<boolean>>();
  readonly #ofName = new RateLimit(triesOfName.rate, triesOfName.burst);
  readonly #ofAddress = new RateLimit(triesOfAddress.rate, triesOfAddress.burst);
  #nobody: Promise<string> | undefined;
  readonly #waiting: (() => void)[] = [];
  #computing = 0;
  #openUntil = 0;
  #failures = 0;

  /** `required`: without users nobody gets in. */
  constructor(store: Store, required: boolean) {
    this.#store = store;
    this.#required = required;
  }

  /** How many wrong secrets were sent. */
  get failures(): number {
    return this.#failures;
  }

  /**
   * Who sends a request with this `Authorization`. Throws MLflow's UNAUTHENTICATED where it proves nothing, and its
   * REQUEST_LIMIT_EXCEEDED after too many wrong secrets.
   */
  async identify(authorization: string | undefined, address: string): Promise<Identity> {
    if (await this.#isOpen()) return unverifiedIdentity(authorization);
    const token = parseToken(authorization);
    const claim = token ?? parsePassword(authorization);
    if (!claim) throw unauthenticated("This server asks for a user's name and password, or a token.");
    const known = await (token ? this.#ofToken(token.name) : this.#ofUser(claim.name));
    const proof = known && this.#proof(claim.secret, known.hash);
    if (known && proof !== undefined && this.#remembered.has(proof)) return verified(known);
    // Many requests at once that send the same are one try.
    const running = proof === undefined ? undefined : this.#running.get(proof);
    const matching = running ?? this.#try(claim, address, proof, known);
    if (!running && proof !== undefined) this.#running.set(proof, matching);
    try {
      if ((await matching) && known) return verified(known);
    } finally {
      if (!running && proof !== undefined) this.#running.delete(proof);
    }
    throw unauthenticated("The user's name, the password or the token is wrong.");
  }

  /** Whether a claim is right, which takes long. */
  async #try(
    claim: Claim,
    address: string,
    proof: string | undefined,
    known: Known | undefined,
  ): Promise<boolean> {
    const place = `${address} ${claim.name}`;
    const wait = Math.max(this.#ofName.wait(place), this.#ofAddress.wait(address));
    if (wait > 0)
      throw new MlflowError(
        "REQUEST_LIMIT_EXCEEDED",
        "Too many wrong passwords or tokens: try again later.",
        {
          retryAfter: Math.ceil(wait),
        },
      );
    // Counted before it is computed, so that many at once are no way round.
    this.#ofName.take(place, 1);
    this.#ofAddress.take(address, 1);
    // For a name that is not there the same is computed, so that the time does not tell.
    const matches = await this.#matches(claim.secret, known?.hash ?? (await this.#hashOfNobody()));
    if (!known || proof === undefined || !matches) {
      this.#failures += 1;
      return false;
    }
    this.#ofName.take(place, -1);
    this.#ofAddress.take(address, -1);
    this.#remember(proof);
    return true;
  }

  async #isOpen(): Promise<boolean> {
    if (this.#required) return false;
    if (performance.now() < this.#openUntil) return true;
    if (await hasUsers(this.#store)) return false;
    this.#openUntil = performance.now() + openTime;
    return true;
  }

  async #ofUser(name: string): Promise<Known | undefined> {
    const row = await this.#store.database.row("SELECT role, password FROM users WHERE name = ?", name);
    const [role, hash] = row ?? [];
    return typeof hash === "string" ? { name, role: parseRole(String(role)), hash } : undefined;
  }

  async #ofToken(id: string): Promise<Known | undefined> {
    const row = await this.#store.database.row(
      `SELECT users.name, users.role, user_tokens.secret FROM user_tokens JOIN users ON users.name = user_tokens.user_name
        WHERE token_id = ? AND (expiration_time IS NULL OR expiration_time > ?)`,
      id,
      Date.now(),
    );
    const [name, role, hash] = row ?? [];
    return row && { name: String(name), role: parseRole(String(role)), hash: String(hash) };
  }

  #proof(secret: string, hash: string): string {
    return createHmac("sha256", this.#key).update(`${hash}\0${secret}`).digest("base64");
  }

  async #hashOfNobody(): Promise<string> {
    return (this.#nobody ??= hashSecret(randomBytes(16).toString("hex"), passwordCost));
  }

  #remember(proof: string): void {
    if (this.#remembered.size >= mostRemembered) this.#remembered.clear();
    this.#remembered.add(proof);
  }

  async #matches(secret: string, hash: string): Promise<boolean> {
    if (this.#computing >= hashesAtOnce) {
      if (this.#waiting.length >= mostWaiting)
        throw new MlflowError("REQUEST_LIMIT_EXCEEDED", "Too many log in at once.", { retryAfter: 1 });
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    this.#computing += 1;
    try {
      return await matchesHash(secret, hash);
    } finally {
      this.#computing -= 1;
      this.#waiting.shift()?.();
    }
  }
}

function verified({ name, role }: Known): Identity {
  return { name, role, verified: true };
}

function parsePassword(authorization: string | undefined): Claim | undefined {
  const basic = parseBasic(authorization);
  return basic && { name: basic.name, secret: basic.password };
}

/** A token, as a bearer's or as the password of Basic authentication; its name is its id. */
function parseToken(authorization: string | undefined): Claim | undefined {
  const token = /^bearer +(\S+)$/i.exec(authorization ?? "")?.[1] ?? parseBasic(authorization)?.password;
  const [, id, secret] = /^tenon_([0-9a-f]{12})_([\w-]{43})$/.exec(token ?? "") ?? [];
  return id === undefined || secret === undefined ? undefined : { name: id, secret };
}

function unauthenticated(message: string): MlflowError {
  return new MlflowError("UNAUTHENTICATED", message);
}
