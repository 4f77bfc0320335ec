/**
 * @file The folder of generated modules, in the system's folder for temporary files.
 *
 * Real files, because the compiler reads them three times faster than it is told of virtual ones. The folder's
 * ancestors mirror those of the notebook's folder as far as packages are concerned, by links to their `node_modules`,
 * and go on to Tenon's own packages: so a generated module finds the packages that a file beside the notebook would
 * find, and those that Tenon brings. Relative imports do not go through it: they are written as absolute ones.
 */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";

const folderPrefix = "tenon-check-";

export interface WorkspaceOptions {
  /** The notebook's folder. */
  readonly directory: string;
  /** Where Tenon is installed: the folder of its package.json. */
  readonly tenonRoot: string;
  /** Ambient declarations of what cells see as globals; need not exist. */
  readonly globalsFile: string;
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
    this.#root = realpathSync(mkdtempSync(join(tmpdir(), `${folderPrefix}${process.pid}-`)));
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
    const { globalsFile } = this.#options;
    const config = {
      compilerOptions: {
        target: "esnext",
        lib: ["esnext"],
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
      files: [
        "cell.ts",
        "kept.ts",
        "ahead.ts",
        ...(existsSync(globalsFile) ? [forwardSlashes(globalsFile)] : []),
      ],
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

/** Removes folders that other kernels left when they were killed. What it can't remove is another user's. */
export function sweepWorkspaces(): void {
  for (const name of readdirSync(tmpdir())) {
    const pid = new RegExp(`^${folderPrefix}(\\d+)-`).exec(name)?.[1];
    if (pid !== undefined && !isRunning(Number(pid)))
      rmSync(join(tmpdir(), name), { recursive: true, force: true });
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
