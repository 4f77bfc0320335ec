import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { CliFolder } from "./cli-fixture.ts";

const root = dirname(dirname(import.meta.dirname));
const tsc = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin", "tsc");

describe("tenon types", function () {
  this.timeout(60_000);
  let folder: CliFolder;
  beforeEach(async () => {
    folder = await CliFolder.create();
    mkdirSync(join(folder.path, "data"));
    write("data/b.csv", "id,a name\n1,x\n");
    write("data/a.csv", "day,share\n2024-01-01,0.5\n");
  });
  afterEach(() => folder.remove());

  const write = (name: string, text: string): void => writeFileSync(join(folder.path, name), text);
  const read = (name: string): string => readFileSync(join(folder.path, name), "utf8");

  const declarations = `// The columns of data files, by \`tenon types\`. Changes are lost when it runs again.
export {};
declare module "tenon/data" {
  interface TableFiles {
    "data/a.csv": {
      day: "date";
      share: "float64";
    };
    "data/b.csv": {
      id: "int64";
      "a name": "string";
    };
  }
}
`;

  it("writes the same declarations for the same files, however they are named", async () => {
    const { code, stdout, stderr } = await folder.run(["types", "data/b.csv", "./data/a.csv"]);
    assert.deepEqual([code, stdout, stderr], [0, "Wrote tenon-tables.d.ts (2 files)\n", ""]);
    assert.equal(read("tenon-tables.d.ts"), declarations);
    const again = await folder.run(["types", "data/*.csv"]);
    assert.deepEqual([again.code, again.stdout], [0, "tenon-tables.d.ts is up to date (2 files)\n"]);
    assert.equal(read("tenon-tables.d.ts"), declarations);
    assert.deepEqual(readdirSync(folder.path).sort(), ["data", "tenon-tables.d.ts"]);
  });

  it("finds the paths that TypeScript files read", async () => {
    mkdirSync(join(folder.path, "src"));
    mkdirSync(join(folder.path, "node_modules"));
    write(
      "src/report.ts",
      'import { read as open } from "tenon/data";\nexport const table = await open("data/b.csv");\nawait open("later.csv");\n',
    );
    write("main.mts", 'import * as data from "tenon/data";\nawait data.read("data/a.csv");\n');
    write("node_modules/other.ts", 'import { read } from "tenon/data"; read("data/c.csv");');
    const { code, stdout, stderr } = await folder.run(["types"]);
    assert.equal(stdout, "Wrote tenon-tables.d.ts (2 files)\n");
    assert.match(stderr, /^left out: later\.csv \(src\/report\.ts:3\): .+\n$/);
    assert.equal(code, 0);
    assert.equal(read("tenon-tables.d.ts"), declarations);
  });

  it("--check fails where a file's columns have changed, and writes nothing", async () => {
    const missing = await folder.run(["types", "data/*.csv", "--check"]);
    assert.deepEqual([missing.code, readdirSync(folder.path)], [1, ["data"]]);
    await folder.run(["types", "data/*.csv"]);
    assert.equal((await folder.run(["types", "data/*.csv", "--check"])).code, 0);
    write("data/a.csv", "day,share\nsoon,0.5\n");
    const changed = await folder.run(["types", "data/*.csv", "--check"]);
    assert.equal(changed.code, 1);
    assert.equal(changed.stderr, "error: tenon-tables.d.ts is out of date: run `tenon types`\n");
    assert.equal(read("tenon-tables.d.ts"), declarations);
  });

  it("--json prints the columns", async () => {
    const { code, stdout } = await folder.run(["types", "data/b.csv", "--json"]);
    assert.equal(code, 0);
    assert.deepEqual(JSON.parse(stdout), {
      "data/b.csv": [
        { name: "id", type: "int64" },
        { name: "a name", type: "string" },
      ],
    });
    assert.deepEqual(readdirSync(folder.path), ["data"]);
  });

  it("says what cannot be read, and writes nothing then", async () => {
    write("data/bad.parquet", "this is no Parquet");
    const { code, stderr } = await folder.run([
      "types",
      "data/a.csv",
      "data/bad.parquet",
      "gone.csv",
      "x/*.csv",
    ]);
    assert.equal(code, 1);
    assert.match(
      stderr,
      /^error: cannot read\n {2}data\/bad\.parquet: .+\n {2}gone\.csv: .+\n {2}x\/\*\.csv: no file matches\n$/,
    );
    assert.deepEqual(readdirSync(folder.path), ["data"]);
    const nothing = await folder.run(["types"]);
    assert.equal(nothing.code, 1);
    assert.match(nothing.stderr, /no TypeScript file here reads a file/);
    const unwritable = await folder.run(["types", "data/a.csv", "--out", "none/types.d.ts"]);
    assert.equal(unwritable.stderr, "error: cannot write none/types.d.ts does not exist\n");
    assert.equal((await folder.run(["types", "--check", "--json"])).code, 2);
  });

  it("writes what the compiler takes as the columns of the project's files", async () => {
    mkdirSync(join(folder.path, "node_modules"));
    symlinkSync(root, join(folder.path, "node_modules", "tenon"), "junction");
    await folder.run(["types", "data/*.csv"]);
    write(
      "tsconfig.json",
      JSON.stringify({
        compilerOptions: {
          module: "nodenext",
          strict: true,
          noEmit: true,
          types: [],
          skipLibCheck: true,
          target: "es2024",
        },
      }),
    );
    write("package.json", '{ "type": "module" }');
    const check = (code: string): string => {
      write("main.ts", code);
      return spawnSync(process.execPath, [tsc, "-p", "."], { cwd: folder.path, encoding: "utf8" }).stdout;
    };
    const reading =
      'import { read } from "tenon/data";\nexport const ids = (await read("data/b.csv")).select("id",';
    assert.equal(check(`${reading} "a name");\n`), "");
    assert.equal(
      check(`${reading} "a nmae");\n`),
      `main.ts(2,60): error TS2345: Argument of type '"a nmae"' is not assignable to parameter of type '"a name" | "id"'.\n`,
    );
  });
});
