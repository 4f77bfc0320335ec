/** @file How commands end: exit codes, and failures as one line for people. */

/** The exit codes of every command. */
export const exitCode = {
  ok: 0,
  /** What was asked for did not work out. */
  failed: 1,
  /** The command line is wrong. */
  usage: 2,
  /** Ended by Ctrl-C. */
  interrupted: 130,
  /** Ended by a termination signal. */
  terminated: 143,
} as const;

/** A command's failure; the message is all that the user sees. */
export class CommandFailure extends Error {
  override readonly name = "CommandFailure";
  readonly exitCode: number;

  constructor(message: string, code: number = exitCode.failed, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = code;
  }
}

/** A file system error in a person's words. */
export function describeFileError(error: unknown, path: string): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  switch (code) {
    case "ENOENT":
      return `${path} does not exist`;
    case "EISDIR":
      return `${path} is a directory`;
    case "ENOTDIR":
      return `${path}: a part of the path is no directory`;
    case "EACCES":
    case "EPERM":
    case "EROFS":
      return `${path}: permission denied`;
    case "ENOSPC":
      return `${path}: the disk is full`;
    default:
      return `${path}: ${error instanceof Error ? error.message : String(error)}`;
  }
}
