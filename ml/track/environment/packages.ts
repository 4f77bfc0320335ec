/** @file Which packages a project asks for, and which ones are installed. */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import * as v from "valibot";
import { redactAddress } from "./redact.ts";

/** The packages of a project. */
export interface ProjectPackages {
  /** The project's name, where it has one. */
  readonly project?: string;
  /** The lock file, where there is one. */
  readonly lock?: { readonly file: string; readonly sha256: string };
  /** What the project names as its dependencies, in the versions that are installed; where one isn't, what is asked for. */
  readonly dependencies: Readonly<Record<string, string>>;
}

const lockFiles = [
  "package-lock.json",
  "npm-shrinkwrap.json",
  "pnpm-lock.yaml",
  "yarn.lock",
  "bun.lock",
  "bun.lockb",
  "deno.lock",
];
/** The most dependencies that are listed. */
const mostDependencies = 500;

const names = v.optional(v.record(v.string(), v.string()), {});
const manifestSchema = v.object({
  name: v.optional(v.string()),
  dependencies: names,
  optionalDependencies: names,
  peerDependencies: names,
  devDependencies: names,
});
const versionSchema = v.object({ version: v.string() });

/** The packages of the project that a folder is in; undefined where there is none. Never throws. */
export async function projectPackages(folder: string): Promise<ProjectPackages | undefined> {
  for (let at = resolve(folder); ; at = dirname(at)) {
    const manifest = await readJson(join(at, "package.json"), manifestSchema);
    if (manifest) return await packagesOf(at, manifest);
    if (dirname(at) === at) return undefined;
  }
}

async function packagesOf(
  folder: string,
  {
    name,
    dependencies,
    optionalDependencies,
    peerDependencies,
    devDependencies,
  }: v.InferOutput<typeof manifestSchema>,
): Promise<ProjectPackages> {
  const asked = { ...devDependencies, ...peerDependencies, ...optionalDependencies, ...dependencies };
  const listed = Object.entries(asked)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .slice(0, mostDependencies);
  const versions = await Promise.all(
    listed.map(
      // What is asked for may be an address with a password or a token in it.
      async ([package_, range]) =>
        [package_, (await installedVersion(folder, package_)) ?? redactAddress(range)] as const,
    ),
  );
  const lock = await lockOf(folder);
  return {
    ...(name !== undefined && { project: name }),
    ...(lock && { lock }),
    dependencies: Object.fromEntries(versions),
  };
}

/** The version in the `node_modules` of the folder or of those above it. */
async function installedVersion(folder: string, name: string): Promise<string | undefined> {
  if (!/^(?:@[\w.-]+\/)?[\w-][\w.-]*$/.test(name)) return undefined;
  for (let at = folder; ; at = dirname(at)) {
    const manifest = await readJson(join(at, "node_modules", name, "package.json"), versionSchema);
    if (manifest) return manifest.version;
    if (dirname(at) === at) return undefined;
  }
}

/** The lock file of the folder or, in a workspace, of the nearest one above it. */
async function lockOf(folder: string): Promise<ProjectPackages["lock"]> {
  for (let at = folder; ; at = dirname(at)) {
    for (const file of lockFiles)
      try {
        const content = await readFile(join(at, file));
        return { file: basename(file), sha256: createHash("sha256").update(content).digest("hex") };
      } catch {
        continue;
      }
    if (dirname(at) === at) return undefined;
  }
}

/** The version of Tenon, from the manifest of the package that this file is in. */
export async function tenonVersion(): Promise<string | undefined> {
  const schema = v.object({ name: v.literal("tenon"), version: v.string() });
  for (let at = import.meta.dirname; ; at = dirname(at)) {
    const manifest = await readJson(join(at, "package.json"), schema);
    if (manifest) return manifest.version;
    if (dirname(at) === at) return undefined;
  }
}

async function readJson<T>(path: string, schema: v.GenericSchema<unknown, T>): Promise<T | undefined> {
  try {
    const parsed = v.safeParse(schema, JSON.parse(await readFile(path, "utf8")));
    return parsed.success ? parsed.output : undefined;
  } catch {
    return undefined;
  }
}
