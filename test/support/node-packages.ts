/** @file npm packages that only comparisons need, installed with their scripts off under `build/peers`. */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { repositoryRoot } from "./repository.ts";
import { runCommand } from "./run-command.ts";

/** Installs exact versions into a folder of their own and returns it; does nothing where they are installed. */
export async function nodePackages(
  name: string,
  packages: Readonly<Record<string, string>>,
): Promise<string> {
  const directory = join(repositoryRoot, "build/peers", name);
  const stampFile = join(directory, "tenon-stamp");
  const stamp = JSON.stringify(packages);
  if (existsSync(stampFile) && readFileSync(stampFile, "utf8") === stamp) return directory;
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, "package.json"), JSON.stringify({ private: true, dependencies: packages }));
  const flags = ["--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock", "--loglevel=error"];
  await runCommand("npm", ["install", ...flags], { cwd: directory });
  writeFileSync(stampFile, stamp);
  return directory;
}
