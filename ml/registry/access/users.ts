/**
 * @file The users of a store and their tokens. A password or a token is kept as its hash alone; each change is entered into the audit
 * log, as done by the system's user where nobody else is named.
 */
import { randomBytes } from "node:crypto";
import { doesNotExist, invalidParameter } from "../mlflow-error.ts";
import type { Actor } from "../governance/actor.ts";
import { appendAudit } from "../governance/audit/audit-log.ts";
import { refuseExisting } from "../store/database.ts";
import type { Store } from "../store/store.ts";
import { localIdentity, type Role, roles } from "./identity.ts";
import { hashSecret, passwordCost, tokenCost } from "./secret-hash.ts";

export interface User {
  readonly name: string;
  readonly role: Role;
  /** Whether the user may log in by a password. */
  readonly hasPassword: boolean;
  /** Milliseconds since 1970. */
  readonly creationTime: number;
  readonly tokens: readonly Token[];
}

export interface Token {
  readonly id: string;
  readonly label: string;
  /** Milliseconds since 1970. */
  readonly creationTime: number;
  /** Milliseconds since 1970; undefined for one that does not end. */
  readonly expirationTime: number | undefined;
}

const shortestPassword = 12;
const longestPassword = 1024;

/** The role of a name. Throws MLflow's error for what is none. */
export function parseRole(name: string): Role {
  const found = roles.find((role) => role === name);
  if (found) return found;
  throw invalidParameter(`There is no role '${name}': it is one of ${roles.join(", ")}`);
}

/** Adds a user; without a password, one who uses tokens alone. Throws MLflow's error where the name is taken or is none. */
export async function addUser(
  store: Store,
  name: string,
  role: Role,
  password: string | undefined,
  by: Actor = localIdentity(),
): Promise<void> {
  // A colon would end the name in Basic authentication.
  if (!/^[\p{L}\p{N}_.@+-]{1,128}$/u.test(name))
    throw invalidParameter(`'${name}' is no user's name: letters, digits and _.@+- (up to 128)`);
  const hash = password === undefined ? null : await hashPassword(password);
  const { database } = store;
  await refuseExisting(`There is a user '${name}' already.`, () =>
    database.write(async () => {
      await database.run("INSERT INTO users VALUES (?, ?, ?, ?)", name, role, hash, Date.now());
      await note(store, by, { user: name, change: "added", role });
    }),
  );
}

/** Gives a user another password. Throws MLflow's error where there is no such user. */
export async function setPassword(
  store: Store,
  name: string,
  password: string,
  by: Actor = localIdentity(),
): Promise<void> {
  const hash = await hashPassword(password);
  const { database } = store;
  await database.write(async () => {
    requireChange(await database.run("UPDATE users SET password = ? WHERE name = ?", hash, name), name);
    await note(store, by, { user: name, change: "password" });
  });
}

/** Gives a user another role. Throws MLflow's error where there is no such user. */
export async function setRole(
  store: Store,
  name: string,
  role: Role,
  by: Actor = localIdentity(),
): Promise<void> {
  const { database } = store;
  await database.write(async () => {
    requireChange(await database.run("UPDATE users SET role = ? WHERE name = ?", role, name), name);
    await note(store, by, { user: name, change: "role", role });
  });
}

/** Removes a user with their tokens. Throws MLflow's error where there is none. */
export async function removeUser(store: Store, name: string, by: Actor = localIdentity()): Promise<void> {
  const { database } = store;
  await database.write(async () => {
    requireChange(await database.run("DELETE FROM users WHERE name = ?", name), name);
    await note(store, by, { user: name, change: "removed" });
  });
}

/** The users by name. */
export async function listUsers({ database }: Store): Promise<readonly User[]> {
  const tokens = await database.rows(
    "SELECT user_name, token_id, label, creation_time, expiration_time FROM user_tokens ORDER BY creation_time, token_id",
  );
  const users = await database.rows("SELECT name, role, password, creation_time FROM users ORDER BY name");
  return users.map(([name, role, password, created]) => ({
    name: String(name),
    role: parseRole(String(role)),
    hasPassword: password !== null,
    creationTime: Number(created),
    tokens: tokens
      .filter(([owner]) => owner === name)
      .map(([, id, label, from, to]) => ({
        id: String(id),
        label: String(label),
        creationTime: Number(from),
        expirationTime: to === null ? undefined : Number(to),
      })),
  }));
}

/** Whether there is a user. */
export async function hasUsers({ database }: Store): Promise<boolean> {
  return (await database.row("SELECT 1 FROM users LIMIT 1")) !== undefined;
}

/** Makes a token of a user, which is told this once. Throws MLflow's error where there is no such user. */
export async function addToken(
  store: Store,
  name: string,
  label: string,
  expirationTime: number | undefined,
  by: Actor = localIdentity(),
): Promise<string> {
  if (label.length > 200) throw invalidParameter("A token's label has at most 200 characters.");
  const id = randomBytes(6).toString("hex");
  const secret = randomBytes(32).toString("base64url");
  const hash = await hashSecret(secret, tokenCost);
  const { database } = store;
  const expires = expirationTime ?? null;
  await database.write(async () => {
    requireChange((await database.row("SELECT 1 FROM users WHERE name = ?", name)) ? 1 : 0, name);
    const sql = "INSERT INTO user_tokens VALUES (?, ?, ?, ?, ?, ?)";
    await database.run(sql, id, name, label, hash, Date.now(), expires);
    await note(store, by, { user: name, change: "token added", token: id });
  });
  return `tenon_${id}_${secret}`;
}

/** Removes a token by its id. Throws MLflow's error where there is none. */
export async function removeToken(store: Store, id: string, by: Actor = localIdentity()): Promise<void> {
  const { database } = store;
  await database.write(async () => {
    const [name] = await database.texts("SELECT user_name FROM user_tokens WHERE token_id = ?", id);
    if (name === undefined) throw doesNotExist(`There is no token '${id}'.`);
    await database.run("DELETE FROM user_tokens WHERE token_id = ?", id);
    await note(store, by, { user: name, change: "token removed", token: id });
  });
}

async function note(
  { database }: Store,
  { name, verified }: Actor,
  details: Readonly<Record<string, string>>,
): Promise<void> {
  await appendAudit(database, { name, verified }, { action: "user.change", details });
}

async function hashPassword(password: string): Promise<string> {
  if (password.length < shortestPassword || password.length > longestPassword)
    throw invalidParameter(`A password has ${shortestPassword} to ${longestPassword} characters.`);
  return hashSecret(password, passwordCost);
}

function requireChange(changed: number, name: string): void {
  if (changed === 0) throw doesNotExist(`There is no user '${name}'.`);
}
