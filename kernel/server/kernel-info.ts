/** @file What the kernel says of itself. */
import { readFileSync } from "node:fs";
import * as v from "valibot";
import { protocolVersion } from "../../jupyter/message.ts";

/** The version in Tenon's own package.json. */
export function tenonVersion(packageFile: string): string {
  return v.parse(v.object({ version: v.string() }), JSON.parse(readFileSync(packageFile, "utf8"))).version;
}

/** The content of kernel_info_reply. */
export function kernelInfo(version: string): object {
  return {
    status: "ok",
    protocol_version: protocolVersion,
    implementation: "tenon",
    implementation_version: version,
    language_info: {
      name: "typescript",
      version: "7.0.2",
      mimetype: "text/typescript",
      file_extension: ".ts",
      pygments_lexer: "typescript",
      codemirror_mode: { name: "javascript", typescript: true },
      nbconvert_exporter: "script",
    },
    banner: `Tenon ${version}: TypeScript 7 on Node ${process.versions.node}. %help lists the magics.`,
    debugger: true,
    supported_features: ["debugger", "kernel subshells"],
    help_links: [
      { text: "TypeScript handbook", url: "https://www.typescriptlang.org/docs/handbook/intro.html" },
      { text: "Node.js API", url: "https://nodejs.org/docs/latest/api/" },
    ],
  };
}
