/** @file Completions for module specifiers. */
import { type Dirent, existsSync, readFileSync, readdirSync } from "node:fs";
import { builtinModules } from "node:module";
import { dirname, join } from "node:path";
import type { CellCompletion } from "../types.ts";
import { dependencies } from "./workspace.ts";

/** What `prefix` may go on to in an import of a cell in `directory`; `kept` is how much of it stays as it is. */
export function completeSpecifier(
  prefix: string,
  { directory, tenonRoot }: { readonly directory: string; readonly tenonRoot: string },
): { kept: number; items: CellCompletion[] } {
  if (/^\.{0,2}$/.test(prefix) && prefix !== "") {
    return {
      kept: 0,
      items: ["./", "../"].filter((path) => path.startsWith(prefix)).map((text) => item(text, "folder")),
    };
  }
  if (prefix.startsWith(".")) {
    const kept = prefix.lastIndexOf("/") + 1;
    return {
      kept,
      items: matching(localModules(join(directory, prefix.slice(0, kept))), prefix.slice(kept)),
    };
  }
  return {
    kept: 0,
    items: matching(
      [...builtins(prefix), ...packages(prefix, directory), ...ownPackages(prefix, tenonRoot)],
      prefix,
    ),
  };
}

function matching(items: readonly CellCompletion[], prefix: string): CellCompletion[] {
  const seen = new Set<string>();
  return items.filter(({ text }) => {
    if (seen.has(text) || !text.startsWith(prefix)) return false;
    seen.add(text);
    return true;
  });
}

function item(text: string, kind: string): CellCompletion {
  return { text, kind, detail: undefined };
}

/** Node's modules by their full names; by their bare ones only where somebody types one. */
function builtins(prefix: string): CellCompletion[] {
  const names = builtinModules.filter((name) => !name.startsWith("_") && !name.startsWith("node:"));
  const full = names.map((name) => item(`node:${name}`, "module"));
  return prefix === "" || "node:".startsWith(prefix) || prefix.startsWith("node:")
    ? full
    : [...full, ...names.map((name) => item(name, "module"))];
}

function localModules(folder: string): CellCompletion[] {
  return entries(folder).flatMap((entry) => {
    if (entry.name.startsWith(".") || entry.name === "node_modules") return [];
    if (entry.isDirectory()) return [item(`${entry.name}/`, "folder")];
    return /\.(?:[cm]?[jt]s|json)$/.test(entry.name) ? [item(entry.name, "file")] : [];
  });
}

/** Packages of the notebook's folder and those above it, and what a package offers below its name. */
function packages(prefix: string, directory: string): CellCompletion[] {
  const name = /^(?:@[^/]+\/)?[^/@]+(?=\/)/.exec(prefix)?.[0];
  const items: CellCompletion[] = [];
  for (let folder = directory; ; folder = dirname(folder)) {
    const root = join(folder, "node_modules");
    if (name === undefined) items.push(...packageNames(root));
    else items.push(...subpaths(join(root, name), name));
    if (dirname(folder) === folder) return items;
  }
}

/** What every notebook has: Tenon, its parts, and the packages it stands on. */
function ownPackages(prefix: string, tenonRoot: string): CellCompletion[] {
  if (prefix.startsWith("tenon/")) {
    const library = join(tenonRoot, "dist", "ml");
    return entries(library).flatMap(({ name }) =>
      existsSync(join(library, name, "index.d.ts")) ? [item(`tenon/${name}`, "module")] : [],
    );
  }
  return ["tenon", ...dependencies(tenonRoot)].map((name) => item(name, "module"));
}

function packageNames(root: string): CellCompletion[] {
  return entries(root).flatMap(({ name }) => {
    if (name.startsWith(".") || name === "@types") return [];
    if (!name.startsWith("@")) return [item(name, "module")];
    return entries(join(root, name)).map((scoped) => item(`${name}/${scoped.name}`, "module"));
  });
}

function subpaths(folder: string, name: string): CellCompletion[] {
  let manifest: unknown;
  try {
    manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  } catch {
    return [];
  }
  if (typeof manifest !== "object" || manifest === null || !("exports" in manifest)) return [];
  const { exports } = manifest;
  if (typeof exports !== "object" || exports === null) return [];
  return Object.keys(exports)
    .filter((path) => path.startsWith("./") && !path.includes("*") && path !== "./package.json")
    .map((path) => item(`${name}${path.slice(1)}`, "module"));
}

function entries(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}
