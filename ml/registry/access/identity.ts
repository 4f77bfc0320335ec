/** @file Who sends a request, and what they may do. */

import { userInfo } from "node:os";

/** From the least to the most that may be done; each may do what those before it may. */
export const roles = ["reader", "writer", "approver", "admin"] as const;
export type Role = (typeof roles)[number];

/** Who sends a request. */
export interface Identity {
  /** The name of a user; empty where a server without users was told none. */
  readonly name: string;
  readonly role: Role;
  /** Whether the name was proved by a password or a token. What is not proved is a claim, which no approval may rest on. */
  readonly verified: boolean;
}

/** Whether a role may do what another is needed for. */
export function mayActAs(role: Role, needed: Role): boolean {
  return roles.indexOf(role) >= roles.indexOf(needed);
}

/**
 * Who sends a request to a server without users: the name that Basic authentication states, unproved; anyone who reaches such
 * a server may do everything.
 */
export function unverifiedIdentity(authorization: string | undefined): Identity {
  return { name: parseBasic(authorization)?.name ?? "", role: "admin", verified: false };
}

/** Who uses a store's folder on this machine, without a server: the system's user, unproved. */
export function localIdentity(): Identity {
  return { name: systemUser(), role: "admin", verified: false };
}

function systemUser(): string {
  try {
    return userInfo().username;
  } catch {
    // In a container a user may have no name.
    return "";
  }
}

/** The name and the password of a header of Basic authentication (RFC 7617); nothing where it is none. */
export function parseBasic(
  authorization: string | undefined,
): { readonly name: string; readonly password: string } | undefined {
  const encoded = /^basic +([a-zA-Z0-9+/=_-]+)$/i.exec(authorization ?? "")?.[1];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, "base64").toString("utf8");
  const colon = text.indexOf(":");
  return colon < 0 ? undefined : { name: text.slice(0, colon), password: text.slice(colon + 1) };
}
