/** @file Checks Node and the native modules: each is loaded and made to do a little work. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { Installation } from "../installation.ts";
import type { Finding } from "./finding.ts";
import { type ProbeResult, probeModule, probeProgram } from "./probe.ts";

/** An ONNX model that adds a vector of two numbers to itself. */
export const tinyModel =
  "CAg6NQoOCgF4CgF4EgF5IgNBZGQSAWdaDwoBeBIKCggIARIECgIIAmIPCgF5EgoKCAgBEgQKAggCQgIQEQ==";

/** A module that runs {@link tinyModel} on the given execution provider and prints the runtime's version. */
export function sessionProbe(provider: string): string {
  return `
    import ort from "onnxruntime-node";
    const model = Buffer.from(${JSON.stringify(tinyModel)}, "base64");
    const session = await ort.InferenceSession.create(model, {
      executionProviders: [${JSON.stringify(provider)}], logSeverityLevel: 4,
    });
    const { y } = await session.run({ x: new ort.Tensor("float32", [1, 2], [2]) });
    const data = await y.getData();
    if (data[0] !== 2 || data[1] !== 4) throw new Error("it computes wrongly: " + data);
    console.log(ort.env.versions.node ?? "");
    process.exit(0);`;
}

const modules: readonly { readonly name: string; readonly use: string; readonly code: string }[] = [
  {
    name: "zeromq",
    use: "kernel connections",
    code: `
      import { Pair, version } from "zeromq";
      const [a, b] = [new Pair({ linger: 0 }), new Pair({ linger: 0 })];
      await a.bind("inproc://doctor"); b.connect("inproc://doctor");
      await b.send("beat"); await a.receive(); a.close(); b.close();
      console.log("libzmq " + version);`,
  },
  {
    name: "@duckdb/node-api",
    use: "tables",
    code: `
      import { DuckDBInstance, version } from "@duckdb/node-api";
      const connection = await (await DuckDBInstance.create()).connect();
      const rows = await (await connection.runAndReadAll("select 6 * 7")).getRows();
      if (Number(rows[0][0]) !== 42) throw new Error("it computes wrongly");
      console.log("DuckDB " + version());`,
  },
  { name: "onnxruntime-node", use: "models", code: sessionProbe("cpu") },
  {
    name: "oxc-parser",
    use: "reading cells",
    code: `
      import { parseSync } from "oxc-parser";
      if (parseSync("a.ts", "let a: number = 1").errors.length > 0) throw new Error("it does not parse");`,
  },
  {
    name: "oxc-transform",
    use: "compiling cells",
    code: `
      import * as oxc from "oxc-transform";
      const transform = oxc.transformSync ?? oxc.transform;
      if (transform("a.ts", "let a: number = 1").code.includes("number")) throw new Error("it does not compile");`,
  },
];

/** Node's version against what the package needs. */
export function checkNode({ root }: Installation, version = process.versions.node): Finding {
  const { engines } = createRequire(import.meta.url)(join(root, "package.json")) as {
    // SAFETY: our own manifest.
    engines: { node: string };
  };
  const least = engines.node.replace(/^>=/, "");
  const common = { group: "Node", name: "Node.js", essential: true } as const;
  const detail = `${version} at ${process.execPath}`;
  if (isAtLeast(version, least)) return { ...common, status: "ok", detail };
  return {
    ...common,
    status: "missing",
    detail,
    advice: `install Node.js ${least} or later from https://nodejs.org`,
  };
}

function isAtLeast(version: string, least: string): boolean {
  const [a, b] = [version, least].map((text) => text.split(".").map(Number));
  for (let part = 0; part < 3; part += 1) {
    const difference = (a?.[part] ?? 0) - (b?.[part] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}

/** Loads and tries each native module. */
export async function checkModules({ root }: Installation): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const { name, use, code } of modules) {
    findings.push(describe(name, use, packageVersion(name, root), await probeModule(code, root)));
  }
  const compiler = createRequire(join(root, "package.json"));
  let result: ProbeResult;
  try {
    const tsc = join(dirname(compiler.resolve("typescript/package.json")), "bin", "tsc");
    result = await probeProgram(process.execPath, [tsc, "--version"], root);
  } catch {
    result = { ok: false, text: "not installed" };
  }
  findings.push(describe("typescript", "type checks", "", result));
  return findings;
}

function describe(name: string, use: string, version: string, result: ProbeResult): Finding {
  const common = { group: "Modules", name, essential: true } as const;
  if (!result.ok) {
    return {
      ...common,
      status: "missing",
      detail: `${use}: ${result.text}`,
      advice: `install again for this platform and Node: remove node_modules, then \`npm install\``,
    };
  }
  const detail = [version, result.text]
    .filter((part, index, all) => part !== "" && all.indexOf(part) === index)
    .join(", ");
  return { ...common, status: "ok", detail: `${use}: ${detail}` };
}

function packageVersion(name: string, root: string): string {
  const resolve = createRequire(join(root, "package.json")).resolve;
  for (const directory of resolve.paths(name) ?? []) {
    try {
      const text = readFileSync(join(directory, name, "package.json"), "utf8");
      return /"version":\s*"([^"]+)"/.exec(text)?.[1] ?? "";
    } catch {
      // Not in this node_modules folder.
    }
  }
  return "";
}
