/**
 * @file The sample notebooks that come with the extension: what they are about, what they need, and copies of them.
 *
 * A notebook says itself where its data are: npm packages that bring them, as `metadata.tenon.packages`, and files beside
 * it, as `metadata.tenon.files`.
 */
import { constants, existsSync } from "node:fs";
import { copyFile, mkdir, readFile, readdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import * as v from "valibot";

/** A sample notebook. */
export interface Sample {
  readonly file: string;
  readonly title: string;
  /** One or two sentences. */
  readonly summary: string;
  /** What it reads its data from: npm packages with their versions. */
  readonly packages: Readonly<Record<string, string>>;
  /** And files beside it, by their paths from its folder. */
  readonly files: readonly string[];
}

const sourceSchema = v.union([v.string(), v.array(v.string())]);
// What is copied never leaves the folder that the user chose.
const pathInside = v.pipe(
  v.string(),
  v.check((path) => !/[\\:]|^\/|(^|\/)\.\.(\/|$)/.test(path), "a path within the sample's folder"),
);
const tenonSchema = v.looseObject({
  packages: v.optional(v.record(v.string(), v.string()), {}),
  files: v.optional(v.array(pathInside), []),
});
const sampleSchema = v.looseObject({
  cells: v.array(v.looseObject({ cell_type: v.string(), source: sourceSchema })),
  metadata: v.looseObject({ tenon: v.optional(tenonSchema, {}) }),
});

/** All samples of a folder and of the folders in it, in the order of their names. */
export async function listSamples(folder: string): Promise<readonly Sample[]> {
  const entries = await readdir(folder, { recursive: true });
  const files = entries.filter((name) => name.endsWith(".ipynb")).sort(byDepthThenName);
  return await Promise.all(files.map(async (name) => await readSample(join(folder, name))));
}

async function readSample(file: string): Promise<Sample> {
  const { cells, metadata } = v.parse(sampleSchema, JSON.parse(await readFile(file, "utf8")));
  const first = cells.find(({ cell_type: type }) => type === "markdown");
  const source = first?.source ?? "";
  const text = typeof source === "string" ? source : source.join("");
  const title = /^#\s+(.+)$/m.exec(text)?.[1] ?? basename(file, ".ipynb");
  const paragraph = text.split(/\n\s*\n/).find((part) => part.trim() !== "" && !part.startsWith("#")) ?? "";
  const summary = paragraph
    .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1")
    .replaceAll(/[`*]|\s*\n\s*/g, (mark) => (mark.includes("\n") ? " " : ""));
  const { packages, files } = metadata.tenon;
  return { file, title, summary: summary.trim(), packages, files };
}

function byDepthThenName(a: string, b: string): number {
  const depth = (name: string): number => name.split(/[\\/]/).length;
  return depth(a) - depth(b) || (a < b ? -1 : 1);
}

/**
 * Copies a sample into a folder under a name that is free there, and returns the copy's path. Its data go where it looks for
 * them; a file that is there already stays.
 */
export async function copySample({ file, files }: Sample, folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  for (const path of files) await copyData(join(dirname(file), path), join(folder, path));
  const name = basename(file, ".ipynb");
  for (let count = 1; ; count++) {
    const copy = join(folder, `${name}${count === 1 ? "" : `-${count}`}.ipynb`);
    try {
      await copyFile(file, copy, constants.COPYFILE_EXCL);
      return copy;
    } catch (error) {
      if (!existsSync(copy)) throw error;
    }
  }
}

async function copyData(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  try {
    await copyFile(from, to, constants.COPYFILE_EXCL);
  } catch (error) {
    if (!existsSync(to)) throw error;
  }
}

/** The sample's packages that can't be found from any of the folders, as npm is told them. */
export function missingPackages({ packages }: Sample, folders: readonly string[]): readonly string[] {
  return Object.entries(packages)
    .filter(([name]) => !folders.some((folder) => isInstalled(name, folder)))
    .map(([name, version]) => `${name}@${version}`);
}

function isInstalled(name: string, folder: string): boolean {
  for (let directory = folder; ; directory = dirname(directory)) {
    if (existsSync(join(directory, "node_modules", name, "package.json"))) return true;
    if (dirname(directory) === directory) return false;
  }
}
