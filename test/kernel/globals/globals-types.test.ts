/** @file The declarations that cells see: every example in them compiles, and wrong uses don't. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const globalsFile = join(root, "kernel/globals.d.ts");
const compiler = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin/tsc");

/** What the examples take as given. */
const surroundings = `
import { readFile } from "node:fs/promises";
declare const auc: number, epochs: number, url: string, files: string[], flights: object[];
declare const batches: AsyncIterable<string>;
declare function read(file: string): Promise<void>;
declare function train(batch?: string): number;
declare function removeRuns(): void;
`;

function examples(): string[] {
  const text = readFileSync(globalsFile, "utf8");
  return [...text.matchAll(/@example([\s\S]*?)\*\//g)].map((match) =>
    (match[1] ?? "").replaceAll(/^\s*\* ?/gm, ""),
  );
}

/** The compiler's complaints about one module for each source. */
function check(sources: readonly string[]): string {
  mkdirSync(join(root, "build"), { recursive: true });
  const folder = mkdtempSync(join(root, "build", "globals-types-"));
  try {
    sources.forEach((source, index) => {
      writeFileSync(join(folder, `example-${index}.ts`), `${surroundings}\n${source}\nexport {};\n`);
    });
    const options = {
      strict: true,
      noEmit: true,
      target: "es2023",
      lib: ["es2023", "esnext.disposable"],
      module: "nodenext",
      types: ["node"],
      typeRoots: [join(root, "node_modules/@types")],
      skipLibCheck: false,
    };
    const project = {
      compilerOptions: options,
      files: [globalsFile, ...sources.map((_, index) => `example-${index}.ts`)],
    };
    writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(project));
    execFileSync(process.execPath, [compiler, "-p", folder], { encoding: "utf8" });
    return "";
  } catch (error) {
    return typeof error === "object" && error !== null && "stdout" in error
      ? String(error.stdout)
      : String(error);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

describe("globals.d.ts", function () {
  this.timeout(30_000);

  it("has examples that compile", () => {
    const found = examples();
    assert.ok(found.length > 15, String(found.length));
    assert.equal(check(found), "");
  });

  it("infers the types of loops and of widget state", () => {
    assert.equal(
      check([
        "for (const item of progress([1, 2])) item.toFixed();",
        "for (const [key, value] of progress(new Map([['a', 1]]))) { key.length; value.toFixed(); }",
        "for await (const item of progress(batches)) item.length;",
        "progress(3).advance();",
        "const model = widget({ esm: '', state: { count: 0, name: 'x', list: [1] } }); model.set({ count: 2, list: [] }); model.get('name').length; model.on('change:count', (count, before) => count - before); model.on('message', (content, buffers) => buffers.length);",
        "const text: string = prompt('x');",
        "const signal: AbortSignal = cell.signal;",
      ]),
      "",
    );
  });

  it("refuses wrong uses", () => {
    const wrong = [
      "display.html(3);",
      "for (const item of progress(['a'])) item.toFixed();",
      "widget({ esm: '', state: { count: 0 } }).set({ count: 'x' });",
      "widget({ esm: '', state: { count: 0 } }).get('other');",
      "display.table([], { rows: 'all' });",
    ];
    const complaints = check(wrong);
    wrong.forEach((_, index) => assert.match(complaints, new RegExp(`example-${index}\\.ts`)));
  });
});
