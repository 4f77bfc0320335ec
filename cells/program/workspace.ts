/**
 * @file The folder of generated modules: in memory where the system offers that, else among its temporary files.
 *
 * Real files, because the compiler reads them three times faster than it is told of virtual ones. The folder's
 * ancestors mirror those of the notebook's folder as far as packages are concerned, by links to their `node_modules`,
 * and go on to Tenon's own packages: so a generated module finds the packages that a file beside the notebook would
 * find, and those that Tenon brings. Relative imports do not go through it: they are written as absolute ones.
 */
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  rmSync,
  statfsSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";

/**
 * How workspaces are named, up to the process id of their kernel. Containers may share the folder but not their process
 * ids, so on Linux the name says whose ids are meant.
 */
export const workspacePrefix = `tenon-check-${processNamespace()}`;
/** Linux keeps this folder in memory: a module is written there in a fraction of the time. */
const memoryFolder = "/dev/shm";
/** Where less than this is free in memory, other programs need it more. */
const leastFree = 32 * 2 ** 20;

export interface WorkspaceOptions {
  /** The notebook's folder. */
  readonly directory: string;
  /** Where Tenon is installed: the folder of its package.json. */
  readonly tenonRoot: string;
  /** Ambient declarations of what cells see as globals; need not exist. */
  readonly globalsFile: string;
  /**
   * JavaScript's own library in one file, of which a check takes two thirds of the time that it takes with the
   * compiler's many. Where it does not exist, those are used.
   */
  readonly libraryFile: string;
}

export class Workspace {
  /** The folder that generated modules stand in. */
  readonly folder: string;
  readonly configFile: string;
  readonly #root: string;
  readonly #options: WorkspaceOptions;
  readonly #remove: () => void;

  constructor(options: WorkspaceOptions) {
    this.#options = options;
    this.#root = realpathSync(mkdtempSync(join(workspaceParent(), `${workspacePrefix}${process.pid}-`)));
    this.folder = this.#linkPackages();
    this.configFile = this.path("tsconfig.json");
    this.#remove = (): void => rmSync(this.#root, { recursive: true, force: true });
    process.once("exit", this.#remove);
    this.writeConfig();
  }

  /** The path of a generated file, with forward slashes as the compiler has them. */
  path(name: string): string {
    return `${this.folder}/${name}`;
  }

  write(name: string, text: string): void {
    writeFileSync(this.path(name), text);
  }

  read(name: string): string {
    return readFileSync(this.path(name), "utf8");
  }

  delete(name: string): void {
    rmSync(this.path(name), { force: true });
  }

  /** Removes the folder. */
  dispose(): void {
    process.off("exit", this.#remove);
    this.#remove();
  }

  /** Writes the compiler's configuration anew, for example after packages were installed. */
  writeConfig(): void {
    const { globalsFile, libraryFile } = this.#options;
    const ambient = [libraryFile, globalsFile].filter((file) => existsSync(file));
    const config = {
      compilerOptions: {
        target: "esnext",
        ...(ambient.includes(libraryFile) ? { noLib: true } : { lib: ["esnext"] }),
        module: "preserve",
        moduleResolution: "bundler",
        moduleDetection: "force",
        strict: true,
        noEmit: true,
        skipLibCheck: true,
        allowImportingTsExtensions: true,
        resolveJsonModule: true,
        types: ["node"],
        paths: this.#fallbackPaths(),
      },
      files: ["cell.ts", "kept.ts", "ahead.ts", "tables.ts", ...ambient.map(forwardSlashes)],
    };
    this.write("tsconfig.json", JSON.stringify(config));
  }

  /** One folder for each `node_modules` on the way, the notebook's own innermost. */
  #linkPackages(): string {
    const { directory, tenonRoot } = this.#options;
    // The notebook's are linked whether they exist or not: the first installation may create one.
    const found = ancestors(directory).map((folder) => join(folder, "node_modules"));
    const own = ancestors(tenonRoot).map((folder) => join(folder, "node_modules"));
    const packages = [...new Set([...found, ...own.filter((path) => existsSync(path))])];
    let folder = this.#root;
    mkdirSync(join(folder, "node_modules"));
    symlinkSync(tenonRoot, join(folder, "node_modules", "tenon"), "junction");
    for (const [index, path] of packages.toReversed().entries()) {
      folder = join(folder, `level-${index}`);
      mkdirSync(folder);
      symlinkSync(path, join(folder, "node_modules"), "junction");
    }
    return forwardSlashes(folder);
  }

  /**
   * Where modules beside the notebook find Tenon and its dependencies, if their own folders lack them. (Generated
   * modules find them through the links.)
   */
  #fallbackPaths(): Record<string, string[]> {
    const { directory, tenonRoot } = this.#options;
    const folders = ancestors(directory);
    const missing = (name: string): boolean =>
      !folders.some((folder) => existsSync(join(folder, "node_modules", name)));
    const paths: Record<string, string[]> = {};
    if (missing("tenon") && !folders.includes(tenonRoot)) {
      const library = forwardSlashes(join(tenonRoot, "dist", "ml"));
      paths["tenon"] = [`${library}/index.d.ts`];
      paths["tenon/*"] = [`${library}/*/index.d.ts`];
    }
    const owners = ancestors(tenonRoot);
    for (const name of dependencies(tenonRoot)) {
      if (!missing(name)) continue;
      const owner = owners.find((folder) => existsSync(join(folder, "node_modules", name)));
      if (owner !== undefined) paths[name] = [forwardSlashes(join(owner, "node_modules", name))];
    }
    return paths;
  }
}

/** The folder in which workspaces are made. */
export function workspaceParent(): string {
  if (process.platform !== "linux") return tmpdir();
  try {
    accessSync(memoryFolder, constants.W_OK | constants.X_OK);
    const { bavail, bsize } = statfsSync(memoryFolder);
    return bavail * bsize >= leastFree ? memoryFolder : tmpdir();
  } catch {
    return tmpdir();
  }
}

function processNamespace(): string {
  try {
    const id = /\d+/.exec(readlinkSync("/proc/self/ns/pid"))?.[0];
    return id === undefined ? "" : `${id}-`;
  } catch {
    return "";
  }
}

/** Removes folders that other kernels left when they were killed. */
export function sweepWorkspaces(): void {
  const named = new RegExp(`^${workspacePrefix}(\\d+)-`);
  for (const folder of new Set([workspaceParent(), tmpdir()])) {
    for (const name of readdirSync(folder)) {
      const pid = named.exec(name)?.[1];
      if (pid === undefined || isRunning(Number(pid))) continue;
      try {
        rmSync(join(folder, name), { recursive: true, force: true });
      } catch {
        // Another user's.
      }
    }
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Another user's process is alive too, though it must not be signalled.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

/** A folder and all above it, except those that are `node_modules` themselves. */
function ancestors(directory: string): string[] {
  const folders: string[] = [];
  for (let folder = directory; ; folder = dirname(folder)) {
    if (basename(folder) !== "node_modules") folders.push(folder);
    if (dirname(folder) === folder) return folders;
  }
}

/** The packages that Tenon depends on and cells can import; types of their own are no such packages. */
export function dependencies(tenonRoot: string): readonly string[] {
  const manifest: unknown = createRequire(import.meta.url)(join(tenonRoot, "package.json"));
  if (typeof manifest !== "object" || manifest === null || !("dependencies" in manifest)) return [];
  return Object.keys(manifest.dependencies ?? {}).filter((name) => !name.startsWith("@types/"));
}

/** A path as the compiler writes it. */
export function forwardSlashes(path: string): string {
  return path.replaceAll("\\", "/");
}
