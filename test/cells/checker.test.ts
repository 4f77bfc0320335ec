import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { workspaceParent, workspacePrefix } from "../../cells/program/workspace.ts";
import { Checker } from "../../kernel/checker/checker.ts";
import { tenonRoot } from "./program-fixture.ts";

/** A type that takes the compiler very long. */
const endless = `type Grow<N extends number, T extends unknown[] = []> = T["length"] extends N ? T : Grow<N, [...T, 0]>;
${Array.from({ length: 400 }, (_, index) => `type G${index} = Grow<${900 - (index % 100)}, [${"1,".repeat(index % 50)}${index}]>; declare const g${index}: G${index}; const h${index}: { [K in keyof G${index}]: [K, G${index}[K]] } = g${index} as never;`).join("\n")}`;

describe("the kernel's checker", () => {
  let directory: string;
  let checker: Checker;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "tenon-checker-"));
    checker = new Checker({
      directory,
      tenonRoot,
      globalsFile: join(tenonRoot, "kernel", "globals.d.ts"),
      libraryFile: join(tenonRoot, "dist/kernel/type-library/esnext.d.ts"),
      columnReader: join(tenonRoot, "dist/cli/column-reader.cjs"),
    });
  });
  afterEach(async () => {
    await checker.dispose();
    rmSync(directory, { recursive: true, force: true });
  });

  const messages = async (source: string): Promise<string[]> =>
    (await checker.check(source)).map(({ message }) => message);

  it("answers calls in their order", async () => {
    const order: string[] = [];
    const first = checker.check("const a = 1").then(() => order.push("check"));
    checker.commit("const a = 1");
    const second = checker.complete("a.toF", 5).then(({ items }) => order.push(items[0]?.text ?? ""));
    const third = checker.inspect("a", 1).then((found) => order.push(found?.signature ?? ""));
    await Promise.all([first, second, third]);
    assert.deepEqual(order, ["check", "toFixed", "const a: 1"]);
  });

  it("settles when it has nothing to do, without being asked", async () => {
    checker.commit("const list = [1]");
    assert.deepEqual(await messages("list.x"), ["Property 'x' does not exist on type 'number[]'."]);
    await new Promise((resolve) => setTimeout(resolve, 500));
    assert.deepEqual(await messages("list.x"), ["Property 'x' does not exist on type 'number[]'."]);
  });

  it("stops a check on interrupt, and goes on with all names after it", async () => {
    await checker.check("1");
    checker.commit("const kept = [1]");
    const check = checker.check(endless);
    const stopped = assert.rejects(check, { name: "CheckerStoppedError" });
    setTimeout(() => checker.interrupt(), 100);
    await stopped;
    assert.deepEqual(await messages("kept.x"), ["Property 'x' does not exist on type 'number[]'."]);
  });

  it("ignores an interrupt when nothing is being answered", async () => {
    await checker.check("1");
    checker.interrupt();
    assert.deepEqual(await messages("1 + 1"), []);
  });

  it("forgets names on reset", async () => {
    checker.commit("const a = 1");
    checker.reset();
    assert.deepEqual(await messages("a"), ["Cannot find name 'a'."]);
  });

  it("removes its folder and refuses calls once disposed", async () => {
    await checker.check("1");
    const folders = (): string[] =>
      readdirSync(workspaceParent()).filter((name) => name.startsWith(`${workspacePrefix}${process.pid}-`));
    const before = folders().length;
    assert.ok(before > 0);
    await checker.dispose();
    assert.equal(folders().length, before - 1);
    await assert.rejects(checker.check("1"), { name: "CheckerStoppedError" });
  });
});
