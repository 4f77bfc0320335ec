/** @file Programs of Debian that the suite needs, installed where they are missing and that is allowed. */
import { runCommand, tryCommand } from "../../support/run-command.ts";

/** Makes sure of programs whose packages have their names. @throws where they are missing and this isn't root */
export async function requirePrograms(names: readonly string[]): Promise<void> {
  const missing: string[] = [];
  for (const name of names) {
    const { code } = await tryCommand("sh", ["-c", `command -v ${name}`]);
    if (code !== 0) missing.push(name);
  }
  if (missing.length === 0) return;
  if (process.getuid?.() !== 0) throw new Error(`missing: apt-get install ${missing.join(" ")}`);
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  await runCommand("apt-get", ["update", "-q"], { env });
  await runCommand("apt-get", ["install", "-y", "-q", "--no-install-recommends", ...missing], { env });
}
