// Writes the licences of the packages that a bundle contains, as their licences ask.
import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const packageFolder = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//;

function describe(folder) {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const file = readdirSync(folder).find((entry) => /^licen[cs]e(?:\.|$)/i.test(entry));
  const text = file === undefined ? `Licence: ${license}` : readFileSync(join(folder, file), "utf8").trim();
  return { title: `${name} ${version}`, text };
}

/** `metafile` is esbuild's, with paths relative to `root`; `packages` are further ones, whose files are copied. */
export function writeThirdPartyLicenses(root, metafile, packages, path) {
  const folders = new Set(packages.map((name) => join(root, "node_modules", name)));
  for (const output of Object.values(metafile.outputs))
    for (const [input, { bytesInOutput }] of Object.entries(output.inputs)) {
      const folder = packageFolder.exec(input)?.[1];
      if (folder !== undefined && bytesInOutput > 0) folders.add(join(root, folder));
    }
  const found = [...folders].filter((folder) => existsSync(join(folder, "package.json"))).map(describe);
  found.sort((left, right) => (left.title < right.title ? -1 : 1));
  const sections = found.map(({ title, text }) => `${title}\n${"-".repeat(title.length)}\n\n${text}\n`);
  writeFileSync(path, `Third-party software in this package\n\n${sections.join("\n\n")}`);
}
