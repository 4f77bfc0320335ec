import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestKernel, runCell, startKernel, stripAnsi } from "../kernel/kernel-fixture.ts";
import { DebugEditor } from "./debug/debug-editor.ts";

describe("Korean, Chinese and Japanese text", () => {
  let kernel: TestKernel;
  let directory: string;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), "노트북 한글 "));
    kernel = await startKernel({ directory });
  });
  after(async () => {
    await kernel.stop();
    await rm(directory, { recursive: true, force: true });
  });

  it("works as names, in outputs and in errors", async () => {
    const run = await runCell(
      kernel.client,
      'const 키 = [171, 168];\nconst 平均 = (키[0] + 키[1]) / 2;\nconsole.log("평균 키:", 平均, "です 😀");\n키.length',
    );
    assert.equal(stripAnsi(run.stdout), "평균 키: 169.5 です 😀\n");
    assert.equal(run.result, "2");
    const failed = await runCell(kernel.client, 'throw new Error("파일이 없습니다");');
    assert.equal(failed.error?.evalue, "파일이 없습니다");
    const wrong = await runCell(kernel.client, "키.없는이름");
    assert.match(wrong.error?.traceback ?? "", /없는이름/);
    const { matches } = await kernel.client.complete("키.len");
    assert.ok(matches.includes("length"), matches.join(" "));
  });

  it("works in the names of files and folders", async () => {
    await writeFile(
      join(directory, "도우미.ts"),
      "export const 인사 = (이름: string): string => `안녕, ${이름}`;\n",
    );
    const run = await runCell(
      kernel.client,
      'import { 인사 } from "./도우미.ts";\nimport { writeFile } from "node:fs/promises";\nawait writeFile("결과 파일.txt", 인사("세계"));',
    );
    assert.equal(run.error, undefined);
    assert.equal(await readFile(join(directory, "결과 파일.txt"), "utf8"), "안녕, 세계");
  });

  it("works in breakpoints, stops and conditions", async () => {
    const editor = new DebugEditor(kernel.client);
    const cell = editor.cell("가", "let 합계 = 0;\nfor (const 값 of [1, 2, 3]) {\n  합계 += 값;\n}\n합계");
    editor.marks.set(cell, [{ line: 3, condition: "값 === 2" }]);
    await editor.open();
    const running = runCell(kernel.client, editor.texts.get(cell) ?? "");
    await editor.event("stopped");
    assert.equal(await editor.where(), "가:3");
    assert.equal(await editor.value("합계"), "1");
    await editor.request("continue", { threadId: 1 });
    assert.equal((await running).result, "6");
    await editor.relay.dispose();
  });
});
