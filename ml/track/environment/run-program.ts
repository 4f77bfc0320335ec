/** @file Programs that are asked something: no shell, a limit on time and on what is read of their answer. */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { isAbsolute, join } from "node:path";

/** What a program said, up to the limit. */
export interface ProgramOutput {
  readonly output: Buffer;
  /** Whether there was more, or the program was stopped. */
  readonly isCut: boolean;
}

/** How a program is asked. */
export interface ProgramOptions {
  readonly folder?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** The most bytes that are read; 1 MiB where absent. */
  readonly mostBytes?: number;
  /** 10,000 where absent. */
  readonly milliseconds?: number;
}

/** What a program says on its standard output; undefined where there is none, it fails, or says nothing in time. Never throws. */
export async function askProgram(
  program: string,
  args: readonly string[],
  { folder, env, mostBytes = 2 ** 20, milliseconds = 10_000 }: ProgramOptions = {},
): Promise<ProgramOutput | undefined> {
  return await new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    let isCut = false;
    try {
      const child = spawn(onPath(program), args, {
        ...(folder !== undefined && { cwd: folder }),
        ...(env && { env }),
        stdio: ["ignore", "pipe", "ignore"],
        windowsHide: true,
      });
      const timer = setTimeout(() => {
        isCut = true;
        child.kill("SIGKILL");
        // Whoever it started may hold the pipe open.
        child.stdout.destroy();
      }, milliseconds);
      child.stdout.on("data", (chunk: Buffer) => {
        if (isCut) return;
        chunks.push(chunk.subarray(0, mostBytes - bytes));
        bytes += chunk.length;
        if (bytes <= mostBytes) return;
        isCut = true;
        child.kill("SIGKILL");
        child.stdout.destroy();
      });
      child.on("error", () => {
        clearTimeout(timer);
        resolve(undefined);
      });
      child.on("close", (code) => {
        clearTimeout(timer);
        const failed = code !== 0 && !(isCut && bytes > 0);
        resolve(failed ? undefined : { output: Buffer.concat(chunks), isCut });
      });
    } catch {
      resolve(undefined);
    }
  });
}

/** On Windows a program of this name in the working folder would go before those on the path, so it is looked for here. */
function onPath(program: string): string {
  if (process.platform !== "win32") return program;
  const folders = (process.env["PATH"] ?? "").split(";").filter((folder) => isAbsolute(folder));
  const found = folders.map((folder) => join(folder, `${program}.exe`)).find((path) => existsSync(path));
  if (found === undefined) throw new Error(`there is no ${program} on the path`);
  return found;
}
