/** @file The `tenon` command, run for the extension's commands; what it prints is parsed. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import * as v from "valibot";

/** How the command is run. */
export interface TenonCommand {
  /** The Node that runs kernels. */
  readonly node: string;
  /** The command's program. */
  readonly main: string;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

/** The command failed; the message is what it said. */
export class CommandError extends Error {
  override readonly name = "CommandError";
}

const findingSchema = v.object({
  group: v.string(),
  name: v.string(),
  status: v.picklist(["ok", "warning", "missing"]),
  detail: v.string(),
  advice: v.optional(v.string()),
  essential: v.boolean(),
});
export type Finding = v.InferOutput<typeof findingSchema>;

const reportSchema = v.object({
  healthy: v.boolean(),
  version: v.string(),
  root: v.string(),
  findings: v.array(findingSchema),
});
/** What `tenon doctor` finds. */
export type DoctorReport = v.InferOutput<typeof reportSchema>;

const installedSchema = v.object({ directory: v.string() });

/** `tenon doctor`. @throws {CommandError} */
export async function examine(command: TenonCommand, signal: AbortSignal): Promise<DoctorReport> {
  return await readJson(command, ["doctor", "--json"], reportSchema, signal);
}

/** `tenon kernel install`: gives the folder of the kernelspec. @throws {CommandError} */
export async function installKernelspec(command: TenonCommand, signal: AbortSignal): Promise<string> {
  return (await readJson(command, ["kernel", "install", "--json"], installedSchema, signal)).directory;
}

/** Runs the command for what it writes. @throws {CommandError} */
export async function runTenon(
  { node, main, cwd, env }: TenonCommand,
  args: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  try {
    const options = { cwd, env: { ...process.env, ...env, NO_COLOR: "1" }, signal, windowsHide: true };
    await promisify(execFile)(node, [main, ...args], options);
  } catch (error) {
    signal.throwIfAborted();
    const printed = v.safeParse(v.object({ stderr: v.string() }), error);
    const said = printed.success ? firstLine(printed.output.stderr)?.replace(/^error: /, "") : undefined;
    throw new CommandError(said ?? (error instanceof Error ? error.message : String(error)), {
      cause: error,
    });
  }
}

async function readJson<T>(
  { node, main, cwd, env }: TenonCommand,
  args: readonly string[],
  schema: v.GenericSchema<unknown, T>,
  signal: AbortSignal,
): Promise<T> {
  const { stdout, stderr } = await run(node, [main, ...args], {
    cwd,
    env: { ...process.env, ...env },
    signal,
  });
  try {
    return v.parse(schema, JSON.parse(stdout));
  } catch (error) {
    throw new CommandError(firstLine(stderr) ?? firstLine(stdout) ?? `${node} printed nothing`, {
      cause: error,
    });
  }
}

interface RunOptions {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
}

/** A doctor that finds something essential missing ends with 1 and has printed its report all the same. */
async function run(
  file: string,
  args: readonly string[],
  options: RunOptions,
): Promise<{ readonly stdout: string; readonly stderr: string }> {
  try {
    return await promisify(execFile)(file, args, { ...options, maxBuffer: 2 ** 24, windowsHide: true });
  } catch (error) {
    options.signal.throwIfAborted();
    const printed = v.safeParse(v.object({ stdout: v.string(), stderr: v.string() }), error);
    if (printed.success && (printed.output.stdout !== "" || printed.output.stderr !== ""))
      return printed.output;
    throw new CommandError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

function firstLine(text: string): string | undefined {
  return text.split("\n").find((line) => line.trim() !== "");
}
