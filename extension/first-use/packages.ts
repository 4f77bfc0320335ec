/** @file npm packages that a cell asks for, and their installation by the notebook's kernel. */
import type { KernelClient } from "../../jupyter/client.ts";

/** npm failed; the message is the last that it said. */
export class InstallError extends Error {
  override readonly name = "InstallError";
}

/** A package name, with a scope and a version as may be. It goes into a shell command, so it holds nothing else. */
const packagePattern = /^(?:@[\w~][\w.~-]*\/)?[\w~][\w.~-]*(?:@[\w.~^-]+)?$/;

/** The package that a cell's error says is not installed. */
export function missingPackage(message: string): string | undefined {
  const name = /%npm install (\S+)/.exec(message)?.[1];
  return name !== undefined && packagePattern.test(name) ? name : undefined;
}

/**
 * Installs packages into the notebook's folder, as `%npm install` in a cell does.
 *
 * @throws {InstallError}
 */
export async function installPackages(
  client: KernelClient,
  packages: readonly string[],
  onOutput: (text: string) => void,
): Promise<void> {
  const wrong = packages.find((name) => !packagePattern.test(name));
  if (wrong !== undefined) throw new InstallError(`${wrong} is no name of a package`);
  const execution = client.execute(`%npm install ${packages.join(" ")}`, { storeHistory: false });
  let failure: string | undefined;
  for await (const output of execution) {
    if (output.type === "stream") onOutput(output.text);
    if (output.type === "error") failure = output.evalue;
  }
  const reply = await execution.reply;
  if (reply.status !== "ok") throw new InstallError(failure ?? reply.status);
}
