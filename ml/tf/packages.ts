/**
 * @file The packages of TensorFlow.js, which are optional: looked for when they are asked for, in the project (the
 * working folder and those above it) before Tenon's own folder, so that `import * as tf from "@tensorflow/tfjs"` in a
 * cell is the same module.
 */
import { createRequire } from "node:module";
import { findPackage } from "../find-package.ts";
import { BackendError, PackageMissingError } from "./errors.ts";

/** The namespace of `@tensorflow/tfjs`. */
export type TensorFlow = typeof import("@tensorflow/tfjs");

/** What is asked for when a package is missing: the releases that this library is tested with. */
const releases = {
  "@tensorflow/tfjs": "4.22.0",
  "@tensorflow/tfjs-backend-wasm": "4.22.0",
  "@tensorflow/tfjs-backend-webgpu": "4.22.0",
  "@tensorflow/tfjs-node": "4.22.0",
  "@tensorflow/tfjs-node-gpu": "4.22.0",
  webgpu: "0.6.2",
} as const;

/** A package that one of the backends is made of. */
export type PackageName = keyof typeof releases;

/**
 * The files where the packages that a backend is made of begin.
 * @throws {@link PackageMissingError} with the command that installs all of them, when one is missing
 */
export function findPackages(names: readonly PackageName[]): string[] {
  const paths = names.map((name) => findPackage(name));
  if (!paths.every((path) => path !== undefined)) {
    const missing = names.filter((_, index) => paths[index] === undefined);
    throw new PackageMissingError(
      `${missing.join(" and ")} ${missing.length === 1 ? "is" : "are"} not installed; run: ${installCommand(names)}`,
    );
  }
  return paths;
}

/** The command that installs packages in the releases that this library is tested with. */
export function installCommand(names: readonly PackageName[]): string {
  return `npm install ${names.map((name) => `${name}@${releases[name]}`).join(" ")}`;
}

/**
 * Loads the CommonJS module of a file.
 * @throws {@link BackendError} when it does not load
 */
export function loadModule(path: string): unknown {
  try {
    return createRequire(import.meta.url)(path);
  } catch (cause) {
    throw new BackendError(`${path} does not load: ${firstLine(cause)}`, { cause });
  }
}

/**
 * Loads the module of a file as the namespace of TensorFlow.js.
 * @throws {@link BackendError} when it does not load, or is something else
 */
export function loadTensorFlow(path: string): TensorFlow {
  const module = loadModule(path);
  if (!isTensorFlow(module)) throw new BackendError(`${path} is not TensorFlow.js`);
  return module;
}

/** The first line of what an error says. */
export function firstLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.trim().split("\n", 1)[0] ?? message;
}

function isTensorFlow(module: unknown): module is TensorFlow {
  return (
    typeof module === "object" &&
    module !== null &&
    ["setBackend", "ready", "engine", "getKernel", "grad", "matMul", "sequential"].every(
      (name) => typeof Reflect.get(module, name) === "function",
    )
  );
}
