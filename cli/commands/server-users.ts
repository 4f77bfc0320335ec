/** @file `tenon server users …` */
import { Command } from "commander";
import { count } from "../option-values.ts";

/** Where the users are. */
export interface StorePlace {
  readonly folder: string;
  readonly store?: string;
  /** Where a command that handles artifacts finds them, when not in the folder. */
  readonly artifacts?: string;
}

export interface AddUserOptions extends StorePlace {
  readonly role: string;
  readonly password: boolean;
  readonly passwordStdin?: boolean;
}

export interface PasswordOptions extends StorePlace {
  readonly passwordStdin?: boolean;
}

export interface ListUsersOptions extends StorePlace {
  readonly json?: boolean;
}

export interface AddTokenOptions extends StorePlace {
  readonly label: string;
  readonly expiresIn?: number;
}

const load = async (): Promise<typeof import("../server/users.ts")> => import("../server/users.ts");

export function serverUsersCommand(): Command {
  const users = new Command("users").description("Who may use the server, and what they may do.");
  users.addHelpText(
    "after",
    `
Roles, each with what those before it may do:
  reader    reads runs, models and artifacts
  writer    logs runs and artifacts, registers models, sets aliases and tags
  approver  reviews versions of models
  admin     deletes registered models and their versions

The users are in the store: name it as the server does, by --folder or --store.

Examples:
  tenon server users add ada --role admin
  tenon server users token add ada --label laptop
  MLFLOW_TRACKING_TOKEN=tenon_… MLFLOW_TRACKING_URI=https://models.example python train.py`,
  );
  users.addCommand(
    placed(new Command("add"))
      .description("Add a user; the password is asked for.")
      .argument("<name>", "letters, digits and _.@+-")
      .requiredOption("--role <role>", "reader, writer, approver or admin")
      .option("--password-stdin", "take the password from standard input")
      .option("--no-password", "no password: the user has tokens alone")
      .action(async (name: string, _options: unknown, command: Command) =>
        (await load()).addUserCommand(name, command.optsWithGlobals()),
      ),
  );
  users.addCommand(
    placed(new Command("list"))
      .description("List the users and their tokens.")
      .option("--json", "as JSON")
      .action(async (_options: unknown, command: Command) =>
        (await load()).listUsersCommand(command.optsWithGlobals()),
      ),
  );
  users.addCommand(
    placed(new Command("role"))
      .description("Give a user another role.")
      .argument("<name>")
      .argument("<role>", "reader, writer, approver or admin")
      .action(async (name: string, role: string, _options: unknown, command: Command) =>
        (await load()).setRoleCommand(name, role, command.optsWithGlobals()),
      ),
  );
  users.addCommand(
    placed(new Command("password"))
      .description("Give a user another password, which is asked for.")
      .argument("<name>")
      .option("--password-stdin", "take the password from standard input")
      .action(async (name: string, _options: unknown, command: Command) =>
        (await load()).setPasswordCommand(name, command.optsWithGlobals()),
      ),
  );
  users.addCommand(
    placed(new Command("remove"))
      .description("Remove a user and their tokens.")
      .argument("<name>")
      .action(async (name: string, _options: unknown, command: Command) =>
        (await load()).removeUserCommand(name, command.optsWithGlobals()),
      ),
  );
  const token = new Command("token").description("Tokens of users, for programs.");
  token.addCommand(
    placed(new Command("add"))
      .description("Make a token of a user and print it, this once.")
      .argument("<name>")
      .option("--label <text>", "what it is for", "")
      .option("--expires-in <days>", "after how many days it ends", count)
      .action(async (name: string, _options: unknown, command: Command) =>
        (await load()).addTokenCommand(name, command.optsWithGlobals()),
      ),
  );
  token.addCommand(
    placed(new Command("remove"))
      .description("Remove a token by its id, which `users list` tells.")
      .argument("<id>")
      .action(async (id: string, _options: unknown, command: Command) =>
        (await load()).removeTokenCommand(id, command.optsWithGlobals()),
      ),
  );
  return users.addCommand(token);
}

/** With the options that say where the store is; `--store` is the server's own. */
export function placed(command: Command): Command {
  return command.option("--folder <folder>", "the server's folder", "mlruns.tenon");
}
