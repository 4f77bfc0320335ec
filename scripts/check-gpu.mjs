// `npm run check:gpu`: the numeric suite and the training benchmarks on the GPUs of this machine (test/gpu/check-gpu.ts).
// `npm run check:gpu -- --pack FILE`: the same as one .tar.xz for a Linux x64 machine that has neither Node nor network.
import { execFileSync, spawnSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const require = createRequire(import.meta.url);
const limit = 60e6;

const { pack, rest } = readArguments(process.argv.slice(2));
if (pack === undefined) {
  const program = join(root, "test/gpu/check-gpu.ts");
  const { status } = spawnSync(process.execPath, ["--import", "tsx", program, ...rest], {
    cwd: root,
    stdio: "inherit",
  });
  process.exitCode = status ?? 1;
} else await makePack(resolve(pack));

function readArguments(given) {
  const at = given.indexOf("--pack");
  if (at < 0) return { pack: undefined, rest: given };
  if (given[at + 1] === undefined) throw new Error("--pack needs the name of a file");
  return { pack: given[at + 1], rest: given.toSpliced(at, 2) };
}

async function makePack(file) {
  if (process.platform !== "linux" || process.arch !== "x64")
    throw new Error("a pack is made on Linux x64, for Linux x64");
  const parent = mkdtempSync(join(tmpdir(), "tenon-gpu-"));
  try {
    const folder = join(parent, "tenon-gpu");
    await writeSuite(join(folder, "test"));
    writeModules(join(folder, "node_modules"));
    writeLibraries(folder);
    writeFileSync(join(folder, "package.json"), '{ "type": "module" }\n');
    cpSync(join(root, "scripts/check-gpu-run.sh"), join(folder, "run.sh"));
    chmodSync(join(folder, "run.sh"), 0o755);
    mkdirSync(dirname(file), { recursive: true });
    execFileSync("tar", ["-cf", file, "-I", "xz -9e -T1", "-C", parent, "tenon-gpu"]);
  } finally {
    rmSync(parent, { recursive: true, force: true });
  }
  const { size } = statSync(file);
  console.log(`${file}: ${(size / 1e6).toFixed(1)} MB`);
  console.log("On the GPU machine: tar -xf FILE && sh tenon-gpu/run.sh");
  if (size > limit) {
    console.error(`That is more than ${limit / 1e6} MB.`);
    process.exitCode = 1;
  }
}

/** The programs in one folder, and what they read where they look for it. */
async function writeSuite(folder) {
  const programs = ["check-gpu", "numeric-program", "training-program"];
  await build({
    absWorkingDir: root,
    entryPoints: {
      ...Object.fromEntries(programs.map((name) => [name, `test/gpu/${name}.ts`])),
      worker: "ml/graph/runtime/worker.ts",
      "gather-worker": "ml/graph/runtime/gather-worker.ts",
    },
    outdir: join(folder, "gpu"),
    bundle: true,
    // The suite reads no tables; what reads them would bring DuckDB along.
    alias: { "@duckdb/node-api": "./scripts/no-tables.cjs" },
    splitting: true,
    chunkNames: "[name]-[hash]",
    platform: "node",
    target: "node20",
    format: "esm",
    minifyWhitespace: true,
    keepNames: true,
    external: ["onnxruntime-node", "onnxruntime-common"],
    logLevel: "warning",
    banner: {
      js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
    },
  });
  const copy = (from, to) => cpSync(join(root, from), join(folder, to));
  copy("ml/graph/optimizers/kernels.wasm", "gpu/kernels.wasm");
  copy("test/gpu/torch_gpu.py", "gpu/torch_gpu.py");
  for (const name of ["torch_models.py", "torch_samples.py"])
    copy(`test/bench/train/${name}`, `bench/train/${name}`);
  for (const name of ["graph-ops", "graph-layers", "graph-sequences", "graph-reductions", "optimizers"])
    copy(`test/reference/${name}.json`, `reference/${name}.json`);
}

function writeModules(folder) {
  const packageFolder = (name, from) => dirname(require.resolve(`${name}/package.json`, { paths: [from] }));
  const runtime = packageFolder("onnxruntime-node", root);
  const common = dirname(dirname(dirname(require.resolve("onnxruntime-common", { paths: [runtime] }))));
  const copy = (from, to, filter = () => true) =>
    cpSync(from, join(folder, to), { recursive: true, dereference: true, filter });
  const isCode = (path) => !/\.(map|d\.ts)$/.test(path);
  for (const name of ["package.json", "dist"]) copy(join(runtime, name), `onnxruntime-node/${name}`, isCode);
  copy(
    join(runtime, "bin/napi-v6/linux/x64"),
    "onnxruntime-node/bin/napi-v6/linux/x64",
    (path) => !path.includes("providers_"),
  );
  for (const name of ["package.json", "dist/cjs", "dist/esm"])
    copy(join(common, name), `onnxruntime-common/${name}`, isCode);
  const stripped = join(folder, "onnxruntime-node/bin/napi-v6/linux/x64/libonnxruntime.so.1");
  execFileSync("strip", ["--strip-unneeded", stripped]);
}

/** Node, the Vulkan loader, and the C++ runtime for machines that lack it. */
function writeLibraries(folder) {
  mkdirSync(join(folder, "lib/c++"), { recursive: true });
  const node = join(folder, "node");
  cpSync(realpathSync(process.execPath), node);
  execFileSync("strip", ["--strip-all", node]);
  chmodSync(node, 0o755);
  const loader = findLibrary("libvulkan.so.1", ["/usr/lib/chromium"]);
  if (loader === undefined) throw new Error("no Vulkan loader found: apt-get install libvulkan1");
  cpSync(loader, join(folder, "lib/libvulkan.so.1"));
  for (const name of ["libstdc++.so.6", "libgcc_s.so.1"]) {
    const library = findLibrary(name, []);
    if (library === undefined) throw new Error(`no ${name} found`);
    cpSync(library, join(folder, "lib/c++", name));
  }
}

function findLibrary(name, further) {
  const folders = ["/usr/lib/x86_64-linux-gnu", "/lib/x86_64-linux-gnu", "/usr/lib64", ...further];
  const found = folders.map((each) => join(each, name)).find((each) => existsSync(each));
  return found && realpathSync(found);
}
