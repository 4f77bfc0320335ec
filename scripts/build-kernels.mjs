// Compiles the library's kernels (AssemblyScript) to WebAssembly beside their source, when they have changed.
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const section = "tenon.sources";

/** The folders whose `kernels/index.as.ts` becomes their `kernels.wasm`, with the compiler's options beyond the usual. */
const kernelFolders = {
  "ml/graph/optimizers": {},
  "ml/distances": {},
  "ml/features/decomposition": {},
  "ml/linear": {},
  "ml/serve/engines/compiled": {},
  "ml/trees/predictor": {},
  // Several threads work in one memory; 65536 pages of 64 KiB are all that there can be.
  "ml/trees/boosting": { enable: "simd,threads", sharedMemory: [], maximumMemory: "65536" },
};

// Who calls them brings the memory, of its own size; kernels have no data of theirs in it. Warning 112 is about four-lane
// values at a module's border: ours pass between kernels only.
const usualOptions = {
  outFile: "kernels.wasm",
  runtime: "stub",
  enable: "simd",
  importMemory: [],
  initialMemory: "0",
  noExportMemory: [],
  noAssert: [],
  optimizeLevel: "3",
  shrinkLevel: "0",
  converge: [],
  disableWarning: "112",
};

/** Writes each folder's `kernels.wasm` unless it is of these sources and options; gives their paths below `root`. */
export async function buildKernels(root) {
  const files = [];
  for (const [folder, options] of Object.entries(kernelFolders))
    files.push(await buildFolder(root, folder, options));
  return files;
}

async function buildFolder(root, folder, options) {
  const file = `${folder}/kernels.wasm`;
  const fresh = join(root, `${folder}/kernels-${process.pid}.wasm`);
  const digest = sourcesDigest(join(root, folder, "kernels"));
  if (existsSync(join(root, file)) && digestOf(readFileSync(join(root, file))) === digest) return file;
  // Loaded only when there is something to compile: it takes longer than the rest of a build.
  const { default: compiler } = await import("assemblyscript/asc");
  const flags = Object.entries({ ...usualOptions, ...options }).flatMap(([name, value]) =>
    [`--${name}`].concat(value),
  );
  const { error, stderr, binary } = await compile(compiler, root, [
    `${folder}/kernels/index.as.ts`,
    ...flags,
  ]);
  if (error || !binary)
    throw new Error(`The kernels of ${folder} do not compile.\n${stderr}`, { cause: error });
  // Moved into place whole: a process that reads it meanwhile gets the old one or the new one.
  writeFileSync(fresh, Buffer.concat([binary, customSection(section, Buffer.from(digest, "hex"))]));
  renameSync(fresh, join(root, file));
  return file;
}

async function compile(compiler, root, command) {
  let binary;
  const { error, stderr } = await compiler.main([...command, "--baseDir", root], {
    writeFile: (_name, contents) => void (binary = contents),
  });
  return { error, stderr: stderr.toString(), binary };
}

function sourcesDigest(folder) {
  const hash = createHash("sha256");
  const compilerPackage = createRequire(import.meta.url).resolve("assemblyscript/package.json");
  hash.update(JSON.parse(readFileSync(compilerPackage, "utf8")).version);
  hash.update(readFileSync(fileURLToPath(import.meta.url)));
  for (const name of readdirSync(folder).sort()) {
    if (name.endsWith(".as.ts")) hash.update(`\0${name}\0`).update(readFileSync(join(folder, name)));
  }
  return hash.digest("hex");
}

function digestOf(wasm) {
  try {
    const [content] = WebAssembly.Module.customSections(new WebAssembly.Module(wasm), section);
    return content === undefined ? undefined : Buffer.from(content).toString("hex");
  } catch {
    return undefined;
  }
}

/** A custom section (WebAssembly core specification, 5.5.3) shorter than 128 bytes, so that its sizes take one byte. */
function customSection(name, content) {
  return Buffer.concat([
    Buffer.from([0, 1 + name.length + content.length, name.length]),
    Buffer.from(name, "ascii"),
    content,
  ]);
}
