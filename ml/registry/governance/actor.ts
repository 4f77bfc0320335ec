import * as v from "valibot";

/** Who did something. */
export interface Actor {
  readonly name: string;
  /** Whether the server has seen a token or a password of this name; others may be anyone. */
  readonly verified: boolean;
}

/** The schema of an {@link Actor}. */
export const actorSchema = v.object({ name: v.string(), verified: v.boolean() });

/** A name as people read it. */
export function describeActor({ name, verified }: Actor): string {
  return verified ? name : `${name} (unverified)`;
}

/** Whether two names may be those of one person: written alike but for case and spaces at the ends. */
export function sameName(a: string, b: string): boolean {
  return plainName(a) === plainName(b);
}

/** A name without what is written differently at will: case, and spaces at the ends. */
export function plainName(name: string): string {
  return name.trim().normalize("NFKC").toLowerCase();
}
