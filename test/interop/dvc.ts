/** @file DVC: snapshots of what its pointers name are those of the data themselves. */
import assert from "node:assert/strict";
import { appendFile, chmod, mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { checkout, DataVersionError, snapshot } from "../../ml/data-versions/index.ts";
import { pythonEnvironment } from "../support/python-environment.ts";
import { runCommand } from "../support/run-command.ts";
import { Checks, type InteropSuite } from "./interop-suite.ts";
import { withScratchFolder } from "./scratch-folder.ts";

export const dvc: InteropSuite = {
  name: "dvc",
  about: "files and folders that DVC keeps, read by their pointers out of its cache, and fetched ones",
  peer: "dvc 3.67.1",
  run: () =>
    withScratchFolder(async (folder) => {
      const { directory, env } = await pythonEnvironment(
        "dvc",
        join(import.meta.dirname, "dvc/requirements.txt"),
      );
      const project = join(folder, "project");
      const store = join(folder, "store");
      const checks = new Checks();
      const tool = async (...args: readonly string[]): Promise<void> => {
        await runCommand(join(directory, "bin/dvc"), args, {
          cwd: project,
          env: { ...env, DVC_NO_ANALYTICS: "1" },
          timeout: 60_000,
        });
      };
      const at = (name: string): string => join(project, name);
      await mkdir(at("images/deep"), { recursive: true });
      await writeFile(at("table.csv"), "city,people\r\nBern,134506\r\nChur,38293\r\n");
      await writeFile(at("images/one.bin"), Buffer.alloc(3_000_001, 7));
      await writeFile(at("images/deep/ünï.txt"), "two\n");
      await writeFile(at("images/same.txt"), "two\n");
      await tool("init", "--no-scm", "--quiet");
      await tool("add", "--quiet", "table.csv", "images");
      const table = await snapshot(at("table.csv"), { store });
      const images = await snapshot(at("images"), { store });

      await checks.check("a file by its pointer is the file", async () => {
        const taken = await snapshot(at("table.csv.dvc"), { store });
        assert.deepEqual([taken.id, taken.tables[0]?.rows], [table.id, 2]);
      });
      await checks.check("a folder by its pointer is the folder", async () => {
        assert.equal((await snapshot(at("images.dvc"), { store })).id, images.id);
      });
      await checks.check("what we check out is what DVC checks out", async () => {
        await rm(at("images"), { recursive: true });
        await tool("checkout", "--quiet");
        await checkout(images.id, join(folder, "ours"), { store });
        const names = (await readdir(at("images"), { recursive: true })).sort();
        assert.deepEqual((await readdir(join(folder, "ours"), { recursive: true })).sort(), names);
        for (const name of ["one.bin", "deep/ünï.txt", "same.txt"])
          assert.ok(
            (await readFile(join(folder, "ours", name))).equals(await readFile(at(`images/${name}`))),
          );
      });
      await checks.check("a cache elsewhere is found by DVC's settings", async () => {
        await rename(at(".dvc/cache"), join(folder, "cache"));
        await tool("cache", "dir", "--local", join(folder, "cache"));
        assert.equal((await snapshot(at("images.dvc"), { store })).id, images.id);
      });
      await checks.check(
        "what DVC must fetch first is an error that says so, and then is there",
        async () => {
          await tool("remote", "add", "--default", "local", join(folder, "remote"));
          await tool("push", "--quiet");
          await rm(join(folder, "cache"), { recursive: true });
          await assert.rejects(snapshot(at("images.dvc"), { store }), /run dvc pull, or dvc fetch/);
          await tool("fetch", "--quiet");
          assert.equal((await snapshot(at("images.dvc"), { store })).id, images.id);
        },
      );
      await checks.check(
        "a new version is another snapshot, and the old pointer still names the old one",
        async () => {
          const pointer = await readFile(at("table.csv.dvc"), "utf8");
          await tool("unprotect", "table.csv");
          await appendFile(at("table.csv"), "Thun,43568\r\n");
          await tool("add", "--quiet", "table.csv");
          const later = await snapshot(at("table.csv.dvc"), { store });
          assert.deepEqual([later.id === table.id, later.tables[0]?.rows], [false, 3]);
          await writeFile(at("table.csv.dvc"), pointer);
          assert.equal((await snapshot(at("table.csv.dvc"), { store })).id, table.id);
        },
      );
      await checks.check("content that was changed in the cache is refused", async () => {
        const md5 = /md5: ([0-9a-f]{32})\n/.exec(await readFile(at("table.csv.dvc"), "utf8"))?.[1] ?? "";
        const path = join(folder, "cache/files/md5", md5.slice(0, 2), md5.slice(2));
        await chmod(path, 0o644);
        await appendFile(path, "x");
        await assert.rejects(snapshot(at("table.csv.dvc"), { store }), DataVersionError);
      });
      return checks.result;
    }),
};
