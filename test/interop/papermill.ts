/** @file papermill: parameters, progress, and the record that it keeps of an error. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { tryCommand } from "../support/run-command.ts";
import { Checks, type InteropSuite } from "./interop-suite.ts";
import { kernelEnvironment } from "./kernel-environment.ts";
import { mimeText, readExecutedNotebook, writeNotebook } from "./sample-notebook.ts";
import { withScratchFolder } from "./scratch-folder.ts";

const cells = [
  { source: 'let epochs = 3;\nlet name = "default";', tags: ["parameters"] },
  { source: "`${name} ${epochs + 1}`" },
];

export const papermill: InteropSuite = {
  name: "papermill",
  about: "papermill: parameters from its command line and its Python API, progress, a failing cell",
  peer: "papermill 2.7.0",
  run: () =>
    withScratchFolder(async (folder) => {
      const { python, env } = await kernelEnvironment("papermill");
      const run = (...args: string[]) => tryCommand(python, args, { cwd: folder, env, timeout: 90_000 });
      const result = (path: string): string | undefined => {
        const output = readExecutedNotebook(join(folder, path)).at(-1)?.outputs[0];
        return output === undefined ? undefined : mimeText(output, "text/plain");
      };
      const checks = new Checks();
      writeNotebook(join(folder, "parameters.ipynb"), cells);
      writeNotebook(join(folder, "kinds.ipynb"), [
        {
          source: "let layers: number[] = [];\nlet options: { rate: number } | null = null;",
          tags: ["parameters"],
        },
        { source: "JSON.stringify({ layers, options })" },
      ]);
      writeNotebook(join(folder, "failing.ipynb"), [
        { source: 'throw new Error("no data");' },
        { source: "1" },
      ]);

      await checks.check("runs with the defaults", async () => {
        const { code, stderr } = await run("-m", "papermill", "parameters.ipynb", "plain.ipynb");
        assert.equal(code, 0, stderr);
        assert.match(result("plain.ipynb") ?? "", /default 4/);
        assert.match(stderr, /100%/, "no progress was shown");
      });
      await checks.check("takes parameters on its command line", async () => {
        // papermill has no translator for TypeScript of its own; what C#'s writes for numbers and texts is TypeScript.
        const parameters = ["-p", "epochs", "9", "-p", "name", "injected", "--language", ".net-csharp"];
        const { code, stderr } = await run("-m", "papermill", "parameters.ipynb", "out.ipynb", ...parameters);
        assert.equal(code, 0, stderr);
        assert.match(result("out.ipynb") ?? "", /injected 10/);
      });
      await checks.check("takes lists and objects through a registered translator", async () => {
        const script = join(import.meta.dirname, "papermill/run_with_translator.py");
        const parameters = JSON.stringify({ layers: [8, 4], options: { rate: 0.5 } });
        const { code, stderr } = await run(script, "kinds.ipynb", "kinds-out.ipynb", parameters);
        assert.equal(code, 0, stderr);
        assert.match(result("kinds-out.ipynb") ?? "", /\{"layers":\[8,4\],"options":\{"rate":0\.5\}\}/);
      });
      await checks.check("records an error and stops", async () => {
        const { code, stderr } = await run("-m", "papermill", "failing.ipynb", "failed.ipynb");
        assert.notEqual(code, 0);
        assert.match(stderr, /Error: no data/);
        const executed = readExecutedNotebook(join(folder, "failed.ipynb"));
        const failed = executed.find(({ source }) => source.startsWith("throw"));
        assert.equal(failed?.outputs[0]?.["output_type"], "error");
        assert.equal(executed.at(-1)?.outputs.length, 0);
      });
      return checks.result;
    }),
};
