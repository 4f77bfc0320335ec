// Joins the declarations of JavaScript's own library, which TypeScript has in some 90 files, to one: what the files add
// to one interface is then merged once, when the file is read, and not again for each cell that is checked.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const require = createRequire(import.meta.url);
const reference = /^\/\/\/\s*<reference\s+lib="([^"]+)"\s*\/>\s*$/gm;
const notice = /^\/\*![\s\S]*?\*\/\s*/;

/** Writes `esnext.d.ts`, and beside it the files that are modules and so cannot be joined. */
export function buildTypeLibrary(folder) {
  const typescript = createRequire(require.resolve("typescript/package.json"));
  const native = `@typescript/typescript-${process.platform}-${process.arch}/package.json`;
  const library = join(dirname(typescript.resolve(native)), "lib");
  const seen = new Set();
  const joined = [];
  const modules = [];
  let copyright = "";
  const add = (name) => {
    if (seen.has(name)) return;
    seen.add(name);
    const text = readFileSync(join(library, `lib.${name}.d.ts`), "utf8");
    for (const [, other] of text.matchAll(reference)) add(other);
    copyright ||= notice.exec(text)?.[0] ?? "";
    const declarations = text.replace(notice, "").replaceAll(reference, "").trim();
    if (/^(?:export|import)\b/m.test(declarations)) modules.push([`${name}.d.ts`, declarations]);
    else if (declarations !== "") joined.push(declarations);
  };
  add("esnext");
  mkdirSync(folder, { recursive: true });
  for (const [file, text] of modules) writeFileSync(join(folder, file), `${copyright}${text}\n`);
  const references = modules.map(([file]) => `/// <reference path="${file}" />\n`).join("");
  writeFileSync(
    join(folder, "esnext.d.ts"),
    `${copyright}/// <reference no-default-lib="true"/>\n${references}\n${joined.join("\n\n")}\n`,
  );
}
