// Packages the extension: build/tenon-PLATFORM.vsix, with the kernel and its native modules, for this platform or the one
// named by --target. What goes in is staged in build/vsix/PLATFORM, a clean folder with what run time needs and no more.
import { execFileSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const targets = ["linux-x64", "linux-arm64", "darwin-arm64", "win32-x64"];
const here = `${process.platform}-${process.arch}`;
const vsce = { name: "@vscode/vsce", version: "3.9.2" };

const { values: options } = parseArgs({
  options: { target: { type: "string", default: here }, help: { type: "boolean", default: false } },
});
if (options.help || !targets.includes(options.target)) {
  console.log(`npm run package [-- --target PLATFORM]

Makes build/tenon-PLATFORM.vsix for this platform (${here}), or for one of: ${targets.join(", ")}.
Another platform's native modules are fetched by npm.`);
  process.exit(options.help ? 0 : 1);
}
const [os = "", cpu = ""] = options.target.split("-");
const stage = join(root, "build/vsix", options.target);
const output = join(root, "build", `tenon-${options.target}.vsix`);

/** What npm takes for the target's needs, on whichever platform this is. */
const npmFlags = ["--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund", `--os=${os}`, `--cpu=${cpu}`];
if (os === "linux") npmFlags.push("--libc=glibc");

/** Packages that hold a platform's binaries; their names go on with the platform's. */
const nativePackages = [
  "@duckdb/node-bindings-",
  "@esbuild/",
  "@libsql/",
  "@oxc-parser/binding-",
  "@oxc-transform/binding-",
  "@typescript/typescript-",
];

/** What packages carry for their own installation, for browsers, or for people who build them. */
const unneeded = [
  "@grpc/grpc-js/src",
  "cmake-ts/build/lib.js",
  "cmake-ts/build/lib.mjs",
  "cmake-ts/build/main.js",
  "cmake-ts/build/main.mjs",
  "cmake-ts/src",
  "node-addon-api/napi-inl.h",
  "node-addon-api/napi.h",
  "onnxruntime-node/script",
  "oxc-parser/parser.wasm32-wasip1.wasm",
  "oxc-transform/transform.wasm32-wasip1.wasm",
  "protobufjs/dist",
  "valibot/dist/index.d.cts",
  "zeromq/script",
  "zeromq/src",
];

/** Runs a program of npm's; its output is shown where it fails. */
function run(program, args, cwd) {
  try {
    execFileSync(program, args, {
      cwd,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
      shell: process.platform === "win32",
    });
  } catch (error) {
    console.error(
      `${basename(program)} ${args.join(" ")} failed:\n${error.stdout ?? ""}${error.stderr ?? ""}`,
    );
    process.exit(1);
  }
}

function readJson(path) {
  return JSON.parse(readFileSync(path, "utf8"));
}

function writeJson(path, value) {
  writeFileSync(path, `${JSON.stringify(value, null, 2)}\n`);
}

/** Our own files: what package.json names under "files", without the maps of the bundles. */
function stageOwnFiles() {
  const {
    devDependencies: _,
    scripts: __,
    allowScripts: ___,
    files,
    ...manifest
  } = readJson(join(root, "package.json"));
  const left = new Set(files.filter((path) => path.startsWith("!")).map((path) => join(root, path.slice(1))));
  for (const path of files.filter((path) => !path.startsWith("!") && !path.startsWith("scripts/")))
    cpSync(join(root, path), join(stage, path), {
      recursive: true,
      filter: (from) => !from.endsWith(".map") && !left.has(from),
    });
  writeJson(join(stage, "package.json"), manifest);
  cpSync(join(root, "package-lock.json"), join(stage, "package-lock.json"));
}

/** The packages that run time needs, as the target's npm would choose them. */
function stagePackages() {
  run("npm", ["install", ...npmFlags, "--prefer-offline"], stage);
}

/** Removes other platforms' binaries, and what only install scripts and builds use. */
function prune() {
  const modules = join(stage, "node_modules");
  keepOnly(join(modules, "onnxruntime-node/bin/napi-v6"), os);
  keepOnly(join(modules, "onnxruntime-node/bin/napi-v6", os), cpu);
  keepOnly(join(modules, "zeromq/build"), os, "manifest.json");
  keepOnly(join(modules, "zeromq/build", os), cpu);
  const addons = join(modules, "zeromq/build", os, cpu, "node");
  for (const name of readdirSync(addons)) {
    const abi = Number(/\d+/.exec(name)?.[0]);
    // Node 20's is 115.
    if (name.startsWith("musl") || abi < 115) rmSync(join(addons, name), { recursive: true });
  }
  // Its installer, which would download, needs these; the module itself does not.
  dropDependencies("onnxruntime-node", ["adm-zip", "global-agent"]);
  for (const path of ["package-lock.json", "node_modules/.package-lock.json"])
    rmSync(join(stage, path), { force: true });
  run("npm", ["prune", ...npmFlags, "--no-package-lock", "--offline"], stage);
  for (const path of unneeded) rmSync(join(modules, path), { recursive: true, force: true });
  // Its packages don't tell npm which libc they are for.
  for (const name of readdirSync(join(modules, "@libsql")))
    if (name.endsWith("-musl")) rmSync(join(modules, "@libsql", name), { recursive: true });
  for (const path of readdirSync(modules, { recursive: true, encoding: "utf8" }))
    if (/\.(?:map|md|markdown)$/i.test(path) && !/licen[cs]e|notice/i.test(path)) rmSync(join(modules, path));
}

/** A package without one of its binaries would fail at the first cell: npm skips optional packages that it can't get. */
function requireBinaries() {
  const missing = nativePackages.filter((prefix) => {
    const folder = join(stage, "node_modules", dirname(`${prefix}x`));
    const start = basename(`${prefix}${options.target}`);
    return !existsSync(folder) || !readdirSync(folder).some((name) => name.startsWith(start));
  });
  if (missing.length === 0) return;
  const names = missing.map((prefix) => `${prefix}${options.target}`).join(", ");
  console.error(`npm did not install ${names}: is it in package-lock.json and in the registry?`);
  process.exit(1);
}

/** VS Code's TypeScript server finds its plugin by package name only. */
function stageTypescriptPlugin() {
  const from = join(stage, "dist/typescript-plugin");
  const { name } = readJson(join(from, "package.json"));
  renameSync(from, join(stage, "node_modules", name));
}

function keepOnly(folder, ...names) {
  for (const name of readdirSync(folder))
    if (!names.includes(name)) rmSync(join(folder, name), { recursive: true });
}

function dropDependencies(name, dropped) {
  const path = join(stage, "node_modules", name, "package.json");
  const manifest = readJson(path);
  for (const each of dropped) delete manifest.dependencies[each];
  writeJson(path, manifest);
}

/** The command of an exact vsce, installed where it is missing. */
function installedVsce() {
  const folder = join(root, "build/vsce");
  const manifest = join(folder, "node_modules", vsce.name, "package.json");
  if (!existsSync(manifest) || readJson(manifest).version !== vsce.version) {
    mkdirSync(folder, { recursive: true });
    writeJson(join(folder, "package.json"), { private: true });
    const flags = ["--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock"];
    run("npm", ["install", ...flags, `${vsce.name}@${vsce.version}`], folder);
  }
  return join(dirname(manifest), "vsce");
}

if (!existsSync(join(root, "dist/extension/main.cjs"))) {
  console.error("There is no dist/: npm run build makes it.");
  process.exit(1);
}
rmSync(stage, { recursive: true, force: true });
mkdirSync(stage, { recursive: true });
stageOwnFiles();
stagePackages();
prune();
requireBinaries();
stageTypescriptPlugin();
// Whole or not at all: a package that was cut off in the middle would be taken for a good one.
const unfinished = join(root, "build", `unfinished-${process.pid}.vsix`);
process.on("exit", () => rmSync(unfinished, { force: true }));
const packageFlags = ["--target", options.target, "--out", unfinished, "--allow-missing-repository"];
run(process.execPath, [installedVsce(), "package", ...packageFlags, "--no-rewrite-relative-links"], stage);
renameSync(unfinished, output);
rmSync(stage, { recursive: true, force: true });
console.log(`build/${basename(output)}: ${(statSync(output).size / 1e6).toFixed(1)} MB`);
