/** @file Kernelspecs: where Jupyter looks for kernels, and reading, writing and removing what is there. */
import { access, mkdir, readFile, readdir, rm, writeFile, copyFile } from "node:fs/promises";
import { homedir } from "node:os";
import { delimiter, isAbsolute, join } from "node:path";
import * as v from "valibot";

const kernelspecSchema = v.looseObject({
  argv: v.pipe(v.array(v.string()), v.minLength(1)),
  display_name: v.string(),
  language: v.string(),
  interrupt_mode: v.optional(v.picklist(["signal", "message"])),
  kernel_protocol_version: v.optional(v.string()),
  env: v.optional(v.record(v.string(), v.string())),
  metadata: v.optional(v.record(v.string(), v.unknown())),
});

/** The content of a `kernel.json`. */
export type Kernelspec = v.InferOutput<typeof kernelspecSchema>;

/** A kernelspec and where it was found. */
export interface InstalledKernelspec {
  readonly name: string;
  readonly directory: string;
  readonly spec: Kernelspec;
}

/** A kernelspec that cannot be used or written. */
export class KernelspecError extends Error {
  override readonly name = "KernelspecError";
}

/** The variables that decide where Jupyter's files are; `process` has them. */
export interface JupyterPlace {
  readonly platform: NodeJS.Platform;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
}

const here = (): JupyterPlace => ({ platform: process.platform, env: process.env, home: homedir() });

/** The user's Jupyter data directory. */
export function userDataDir(place: JupyterPlace = here()): string {
  const { env, home, platform } = place;
  if (env["JUPYTER_DATA_DIR"]) return env["JUPYTER_DATA_DIR"];
  if (platform === "darwin") return join(home, "Library", "Jupyter");
  if (platform === "win32") return join(env["APPDATA"] ?? join(home, "AppData", "Roaming"), "jupyter");
  return join(env["XDG_DATA_HOME"] ?? join(home, ".local", "share"), "jupyter");
}

/** The directory where Jupyter's programs keep the connection files of kernels that run. */
export function runtimeDir(place: JupyterPlace = here()): string {
  return place.env["JUPYTER_RUNTIME_DIR"] || join(userDataDir(place), "runtime");
}

/** The data directory within an installation prefix, such as a Python environment. */
export function prefixDataDir(prefix: string): string {
  return join(prefix, "share", "jupyter");
}

/** All Jupyter data directories, the first to look in first. */
export function dataDirs(prefixes: readonly string[] = [], place: JupyterPlace = here()): string[] {
  const { env, platform } = place;
  const asked = (env["JUPYTER_PATH"] ?? "").split(delimiter).filter((path) => path !== "");
  const environments = [...prefixes, env["VIRTUAL_ENV"], env["CONDA_PREFIX"]].flatMap((prefix) =>
    prefix ? [prefixDataDir(prefix)] : [],
  );
  const system =
    platform === "win32"
      ? [join(env["PROGRAMDATA"] ?? "C:\\ProgramData", "jupyter")]
      : ["/usr/local/share/jupyter", "/usr/share/jupyter"];
  return [...new Set([...asked, ...environments, userDataDir(place), ...system])];
}

/** Reads the kernelspec in a directory. @throws {KernelspecError} */
export async function readKernelspec(directory: string, name: string): Promise<InstalledKernelspec> {
  const file = join(directory, "kernel.json");
  let value: unknown;
  try {
    value = JSON.parse(await readFile(file, "utf8"));
  } catch (cause) {
    throw new KernelspecError(`${file} cannot be read`, { cause });
  }
  const result = v.safeParse(kernelspecSchema, value);
  if (!result.success) {
    const issue = result.issues[0];
    throw new KernelspecError(`${file}: ${v.getDotPath(issue) ?? "content"}: ${issue.message}`);
  }
  return { name, directory, spec: result.output };
}

/** The kernelspecs in the given data directories; where two have one name, the first counts. Broken ones are skipped. */
export async function listKernelspecs(dirs: readonly string[] = dataDirs()): Promise<InstalledKernelspec[]> {
  const found = new Map<string, InstalledKernelspec>();
  for (const dir of dirs) {
    const names = await readdir(join(dir, "kernels")).catch((): string[] => []);
    for (const entry of names.sort()) {
      const name = entry.toLowerCase();
      if (found.has(name)) continue;
      try {
        found.set(name, await readKernelspec(join(dir, "kernels", entry), name));
      } catch (error) {
        if (!(error instanceof KernelspecError)) throw error;
      }
    }
  }
  return [...found.values()];
}

/** The kernelspec of that name. @throws {KernelspecError} naming those that there are. */
export async function findKernelspec(
  name: string,
  dirs: readonly string[] = dataDirs(),
): Promise<InstalledKernelspec> {
  const specs = await listKernelspecs(dirs);
  const spec = specs.find((candidate) => candidate.name === name.toLowerCase());
  if (spec !== undefined) return spec;
  const names = specs.map((candidate) => candidate.name).join(", ");
  throw new KernelspecError(`there is no kernelspec "${name}"${names === "" ? "" : `; there are: ${names}`}`);
}

/** The files of the kernelspec that are to be copied beside its `kernel.json`: logos. */
export interface KernelspecFiles {
  readonly [fileName: string]: string;
}

/**
 * Writes a kernelspec into a data directory, replacing one of the same name.
 * @throws {KernelspecError} where the name is not one that Jupyter accepts or the directory can't be written.
 */
export async function writeKernelspec(
  dataDir: string,
  name: string,
  spec: Kernelspec,
  files: KernelspecFiles = {},
): Promise<InstalledKernelspec> {
  const directory = kernelspecDirectory(dataDir, name);
  try {
    await rm(directory, { recursive: true, force: true });
    await mkdir(directory, { recursive: true });
    for (const [fileName, source] of Object.entries(files)) await copyFile(source, join(directory, fileName));
    await writeFile(join(directory, "kernel.json"), `${JSON.stringify(spec, undefined, 2)}\n`);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new KernelspecError(`the kernelspec cannot be written: ${reason}`, { cause });
  }
  return { name: name.toLowerCase(), directory, spec };
}

/** Removes the kernelspec of that name from a data directory; false where it isn't there. */
export async function removeKernelspec(dataDir: string, name: string): Promise<boolean> {
  const directory = kernelspecDirectory(dataDir, name);
  try {
    await access(directory);
  } catch {
    return false;
  }
  try {
    await rm(directory, { recursive: true });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new KernelspecError(`the kernelspec cannot be removed: ${reason}`, { cause });
  }
  return true;
}

function kernelspecDirectory(dataDir: string, name: string): string {
  if (!/^[a-z0-9._-]+$/i.test(name) || /^\.+$/.test(name)) {
    throw new KernelspecError(`"${name}" is no kernelspec name: use letters, digits, ".", "_" and "-"`);
  }
  return join(dataDir, "kernels", name.toLowerCase());
}

/** The environment that the kernelspec asks for, with `${NAME}` replaced by the variables of this process. */
export function kernelspecEnvironment(
  { spec }: InstalledKernelspec,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(spec.env ?? {}).map(([name, value]) => [
      name,
      value.replaceAll(/\$\{(\w+)\}/g, (whole, variable: string) => env[variable] ?? whole),
    ]),
  );
}

/** What {@link tenonKernelspec} is made of. */
export interface TenonInstallation {
  /** The Node executable that runs the kernel. */
  readonly node: string;
  /** The absolute path of the built `kernel/main.cjs`. */
  readonly kernelMain: string;
  readonly displayName?: string | undefined;
  /** True where `node` is Electron, such as VS Code's own runtime, which is a Node only when told so. */
  readonly isElectron?: boolean;
}

/**
 * The command that starts our kernel. The young generation of its heap is kept at 8 MiB: Node 24 lets it grow to three
 * times 32, which only adds memory.
 */
export function kernelArgv(node: string, kernelMain: string): string[] {
  return [node, "--max-semi-space-size=8", kernelMain, "{connection_file}"];
}

/** Our own kernelspec. */
export function tenonKernelspec({
  node,
  kernelMain,
  displayName,
  isElectron = false,
}: TenonInstallation): Kernelspec {
  if (!isAbsolute(kernelMain)) throw new KernelspecError("the kernel's path must be absolute");
  return {
    argv: kernelArgv(node, kernelMain),
    display_name: displayName ?? "TypeScript (Tenon)",
    language: "typescript",
    interrupt_mode: "message",
    kernel_protocol_version: "5.5",
    ...(isElectron ? { env: { ELECTRON_RUN_AS_NODE: "1" } } : {}),
    metadata: { debugger: true, supported_encryption: ["curve"] },
  };
}
