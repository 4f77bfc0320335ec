/** @file Where this copy of Tenon is installed; the same for the built program and the source tree. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import * as v from "valibot";

const packageSchema = v.looseObject({ name: v.literal("tenon"), version: v.string() });

/** A copy of Tenon. */
export interface Installation {
  /** The package's directory. */
  readonly root: string;
  readonly version: string;
  /** The built kernel's program. */
  readonly kernelMain: string;
  /** The files that stand beside `kernel.json`, by name. */
  readonly kernelspecFiles: Readonly<Record<string, string>>;
}

/** The copy of Tenon that runs. */
export function findInstallation(from = dirname(fileURLToPath(import.meta.url))): Installation {
  for (let root = from; ; root = dirname(root)) {
    const file = join(root, "package.json");
    if (existsSync(file)) {
      const found = v.safeParse(packageSchema, JSON.parse(readFileSync(file, "utf8")));
      if (found.success) return describe(root, found.output.version);
    }
    if (dirname(root) === root) throw new Error(`no package "tenon" above ${from}`);
  }
}

function describe(root: string, version: string): Installation {
  const assets = join(root, "dist", "kernel", "kernelspec");
  const names = ["logo-svg.svg", "logo-32x32.png", "logo-64x64.png"];
  return {
    root,
    version,
    kernelMain: join(root, "dist", "kernel", "main.cjs"),
    kernelspecFiles: Object.fromEntries(names.map((name) => [name, join(assets, name)])),
  };
}
