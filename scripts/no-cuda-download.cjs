/**
 * @file `preinstall`: keeps onnxruntime-node's own install step from downloading CUDA libraries.
 *
 * On Linux x64 that step fetches some 300 MB from a registry of its own, and `npm install` fails where that can't be reached.
 * npm runs every `preinstall` of an installation before its first `postinstall`, so what is written here takes effect in
 * the same installation. Only the step's default changes: `ONNXRUNTIME_NODE_INSTALL=cuda12 npm rebuild onnxruntime-node`
 * fetches the libraries, and a project that depends on onnxruntime-node itself keeps that package as it is.
 * Never fails an installation.
 */
"use strict";
const { readFileSync, unlinkSync, writeFileSync } = require("node:fs");
const path = require("node:path");

const marker = "/* set by tenon: no CUDA download unless asked for */";
const ways = [
  "ONNXRUNTIME_NODE_INSTALL",
  "npm_config_onnxruntime_node_install",
  "ONNXRUNTIME_NODE_INSTALL_CUDA",
  "npm_config_onnxruntime_node_install_cuda",
];
const preamble = `${marker} if (!${JSON.stringify(ways)}.some((way) => process.env[way])) process.env.ONNXRUNTIME_NODE_INSTALL = "skip";\n`;

/** Whether the project that npm installs into answers for onnxruntime-node: by naming it, or by being this one. */
function isProjectsOwnDependency() {
  const prefix = process.env.npm_config_local_prefix;
  if (!prefix) return false;
  // Here package.json and the lock file keep the step from running at all.
  if (path.resolve(prefix) === path.resolve(__dirname, "..")) return true;
  try {
    const manifest = JSON.parse(readFileSync(path.join(prefix, "package.json"), "utf8"));
    return manifest.dependencies?.["onnxruntime-node"] !== undefined;
  } catch {
    return false;
  }
}

try {
  if (!isProjectsOwnDependency()) {
    const manifest = require.resolve("onnxruntime-node/package.json", {
      paths: [path.join(__dirname, "..")],
    });
    const script = path.join(manifest, "..", "script", "install.js");
    const text = readFileSync(script, "utf8");
    // A new file rather than a write in place: package managers hard-link files from a shared store.
    if (!text.includes(marker)) {
      unlinkSync(script);
      writeFileSync(script, preamble + text);
    }
  }
} catch {
  // Not installed, not readable, or laid out otherwise: onnxruntime-node then does what it does by default.
}
