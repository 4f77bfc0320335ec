/** @file Runs other programs to their end. */
import { type SpawnOptions, spawn } from "node:child_process";
import { repositoryRoot } from "./repository.ts";

/** A program that failed, with the end of what it wrote. */
export class CommandFailedError extends Error {
  override readonly name = "CommandFailedError";
}

/** What a program wrote and how it ended. */
export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

interface CommandOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Milliseconds after which the program is killed. */
  readonly timeout?: number;
  /** What it reads from its standard input. */
  readonly input?: string;
}

/** Runs a program to its end and returns how it ended. */
export async function tryCommand(
  program: string,
  args: readonly string[],
  { cwd = repositoryRoot, env = {}, timeout = 600_000, input }: CommandOptions = {},
): Promise<CommandResult> {
  const options: SpawnOptions = {
    cwd,
    env: { ...process.env, ...env },
    stdio: ["pipe", "pipe", "pipe"],
    timeout,
  };
  const child = spawn(program, args, options);
  let stdout = "";
  let stderr = "";
  child.stdout?.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr?.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  child.stdin?.on("error", () => {}).end(input ?? "");
  const code = await new Promise<number>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (exitCode, signal) => {
      if (signal !== null) stderr += `\nended by ${signal}`;
      resolve(exitCode ?? 1);
    });
  });
  return { code, stdout, stderr };
}

/** Runs a program that must succeed. @throws {CommandFailedError} */
export async function runCommand(
  program: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  let result: CommandResult;
  try {
    result = await tryCommand(program, args, options);
  } catch (cause) {
    throw new CommandFailedError(`${program} can't be run`, { cause });
  }
  if (result.code === 0) return result;
  const end = `${result.stdout}\n${result.stderr}`.trim().split("\n").slice(-40).join("\n");
  throw new CommandFailedError(`${program} ${args.join(" ")} ended with code ${result.code}:\n${end}`);
}
