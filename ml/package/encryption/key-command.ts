/**
 * @file A key that a command prints, such as one of a key management service's. It is run without a shell; what it prints is
 * limited, and neither that nor its arguments stand in any error.
 */
import { spawn } from "node:child_process";
import { createSecretKey, type KeyObject } from "node:crypto";
import { EncryptionError } from "./encryption-error.ts";
import { readEncryptionKey } from "./encryption-key.ts";

/** A key has 65 characters at most; more is something else. */
const mostOutput = 4096;

/** How a command is run. */
export interface KeyCommandOptions {
  /** Milliseconds after which it is ended. */
  readonly timeout?: number;
  /** Ends it; the call then throws the signal's reason. */
  readonly signal?: AbortSignal;
}

/**
 * The key that a command prints: 32 bytes in Base64 or hexadecimal, or as they are. The command is a program and its arguments, or
 * a line of them as it would be typed, with quotes and backslashes; of a shell's other signs none is special, and no shell sees it.
 * @throws {@link EncryptionError} where the command can't be run, fails, takes longer than a minute or prints no key
 * @example
 * const key = await encryptionKeyFromCommand("aws kms decrypt --ciphertext-blob fileb://key.enc --query Plaintext --output text");
 */
export async function encryptionKeyFromCommand(
  command: string | readonly string[],
  { timeout = 60_000, signal }: KeyCommandOptions = {},
): Promise<KeyObject> {
  const [program, ...args] = typeof command === "string" ? splitCommand(command) : command;
  if (program === undefined || program === "") throw new EncryptionError("the key's command is empty");
  signal?.throwIfAborted();
  const output = await run(program, args, timeout, signal);
  if (output.length === 32) return createSecretKey(output);
  try {
    return readEncryptionKey(output.toString("latin1"));
  } catch (error) {
    if (!(error instanceof EncryptionError)) throw error;
    throw new EncryptionError(
      `${program} printed no key: 32 bytes, in Base64, in hexadecimal or as they are`,
    );
  }
}

async function run(
  program: string,
  args: readonly string[],
  timeout: number,
  signal: AbortSignal | undefined,
): Promise<Buffer> {
  const child = spawn(program, args, {
    shell: false,
    stdio: ["ignore", "pipe", "ignore"],
    windowsHide: true,
  });
  const chunks: Buffer[] = [];
  let length = 0;
  let reason: "time" | "output" | undefined;
  const end = (why: "time" | "output"): void => {
    reason ??= why;
    child.kill("SIGKILL");
    // What it started may hold its output open.
    child.stdout.destroy();
  };
  child.stdout.on("data", (chunk: Buffer) => {
    length += chunk.length;
    if (length > mostOutput) end("output");
    else chunks.push(chunk);
  });
  const timer = setTimeout(() => end("time"), timeout);
  const abort = (): void => {
    child.kill("SIGKILL");
    child.stdout.destroy();
  };
  signal?.addEventListener("abort", abort, { once: true });
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", resolve);
    }).catch((error: unknown) => {
      const isMissing = error instanceof Error && "code" in error && error.code === "ENOENT";
      throw new EncryptionError(
        `${program}, which should print the key, ${isMissing ? "isn't there" : "can't be run"}`,
      );
    });
    signal?.throwIfAborted();
    if (reason === "time") throw new EncryptionError(`${program} printed no key within ${timeout / 1000} s`);
    if (reason === "output") throw new EncryptionError(`${program} printed more than a key`);
    if (code !== 0)
      throw new EncryptionError(
        `${program}, which should print the key, ended with ${code === null ? "a signal" : `code ${code}`}: run it yourself to see why`,
      );
    return Buffer.concat(chunks);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", abort);
  }
}

/** The words of a line as a POSIX shell splits and unquotes them, and nothing else that a shell does. */
function splitCommand(line: string): string[] {
  const words: string[] = [];
  const pattern = /\s*((?:[^\s"'\\]+|\\[^]|"(?:[^"\\]|\\[^])*"|'[^']*')+)/y;
  let end = 0;
  for (let match = pattern.exec(line); match !== null; match = pattern.exec(line)) {
    const [, word = ""] = match;
    words.push(
      word.replaceAll(/\\([^])|"((?:[^"\\]|\\[^])*)"|'([^']*)'/g, (_, escaped, double, single) =>
        unquoted(escaped, double, single),
      ),
    );
    end = pattern.lastIndex;
  }
  if (line.slice(end).trim() !== "")
    throw new EncryptionError("the key's command has a quote that doesn't end");
  return words;
}

function unquoted(escaped: unknown, double: unknown, single: unknown): string {
  if (typeof escaped === "string") return escaped;
  if (typeof double === "string") return double.replaceAll(/\\(["\\$`])/g, "$1");
  return typeof single === "string" ? single : "";
}
