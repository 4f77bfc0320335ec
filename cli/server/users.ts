/** @file Does what `tenon server users …` is asked. */
import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import {
  addToken,
  addUser,
  listUsers,
  parseRole,
  removeToken,
  removeUser,
  setPassword,
  setRole,
} from "../../ml/registry/index.ts";
import type {
  AddTokenOptions,
  AddUserOptions,
  ListUsersOptions,
  PasswordOptions,
  StorePlace,
} from "../commands/server-users.ts";
import { CommandFailure, exitCode } from "../failure.ts";
import { Terminal } from "../terminal.ts";
import { withStore } from "./open-store.ts";

const output = new Terminal(process.stdout);
const day = 24 * 60 * 60 * 1000;

/** Adds a user. */
export async function addUserCommand(name: string, options: AddUserOptions): Promise<void> {
  await withStore(options, async (store) => {
    const role = parseRole(options.role);
    // Asked for after what can be wrong without it.
    const password = options.password ? await readPassword(name, options.passwordStdin) : undefined;
    await addUser(store, name, role, password);
    const next = options.password ? "" : `: make a token with 'tenon server users token add ${name}'`;
    output.line(`${name} is a user with the role ${role}${next}`);
  });
}

/** Lists the users. */
export async function listUsersCommand(options: ListUsersOptions): Promise<void> {
  const users = await withStore(options, listUsers);
  if (options.json) {
    output.line(JSON.stringify(users, undefined, 2));
    return;
  }
  if (users.length === 0)
    output.line("no users: everyone on this machine may do everything, and nobody else can connect");
  const width = Math.max(4, ...users.map(({ name }) => name.length));
  for (const { name, role, hasPassword, tokens } of users) {
    output.line(`${name.padEnd(width)}  ${role.padEnd(8)}  ${hasPassword ? "password" : "no password"}`);
    for (const { id, label, expirationTime } of tokens) {
      const until =
        expirationTime === undefined ? "" : `  until ${new Date(expirationTime).toISOString().slice(0, 10)}`;
      output.line(`${"".padEnd(width)}  token ${id}${label === "" ? "" : `  ${label}`}${until}`);
    }
  }
}

/** Gives a user another role. */
export async function setRoleCommand(name: string, role: string, place: StorePlace): Promise<void> {
  await withStore(place, async (store) => setRole(store, name, parseRole(role)));
  output.line(`${name} has the role ${role}`);
}

/** Gives a user another password. */
export async function setPasswordCommand(name: string, options: PasswordOptions): Promise<void> {
  await withStore(options, async (store) =>
    setPassword(store, name, await readPassword(name, options.passwordStdin)),
  );
  output.line(`${name} has another password`);
}

/** Removes a user. */
export async function removeUserCommand(name: string, place: StorePlace): Promise<void> {
  await withStore(place, async (store) => removeUser(store, name));
  output.line(`${name} is removed`);
}

/** Makes a token and prints it: alone on standard output, so that a script can take it. */
export async function addTokenCommand(name: string, options: AddTokenOptions): Promise<void> {
  const until = options.expiresIn === undefined ? undefined : Date.now() + options.expiresIn * day;
  const token = await withStore(options, async (store) => addToken(store, name, options.label, until));
  new Terminal(process.stderr).line("This is shown once; use it as MLFLOW_TRACKING_TOKEN:");
  output.line(token);
}

/** Removes a token. */
export async function removeTokenCommand(id: string, place: StorePlace): Promise<void> {
  await withStore(place, async (store) => removeToken(store, id));
  output.line(`the token ${id} is removed`);
}

async function readPassword(name: string, fromInput: boolean | undefined): Promise<string> {
  if (fromInput) {
    let text = "";
    process.stdin.setEncoding("utf8");
    for await (const part of process.stdin) text += String(part);
    return text.replace(/\r?\n$/, "");
  }
  if (!process.stdin.isTTY)
    throw new CommandFailure(
      "there is nobody to ask for the password: use --password-stdin, or --no-password and a token",
      exitCode.usage,
    );
  const first = await askHidden(`Password of ${name}: `);
  if (first !== (await askHidden("Once more: "))) throw new CommandFailure("the two passwords differ");
  return first;
}

/** Asks without showing what is typed. */
async function askHidden(question: string): Promise<string> {
  process.stderr.write(question);
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const asking = createInterface({ input: process.stdin, output: silent, terminal: true });
  try {
    return await asking.question("");
  } finally {
    asking.close();
    process.stderr.write("\n");
  }
}
