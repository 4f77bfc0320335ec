/** @file What is told of repositories: plain, broken, huge and hostile ones. */
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gitState, mostDiffBytes, mostUntracked } from "../../../ml/track/environment/git.ts";

describe("the state of a Git repository", () => {
  let folder: string;
  const git = (...args: readonly string[]): string =>
    execFileSync("git", ["-c", "user.name=Ada", "-c", "user.email=ada@example.com", ...args], {
      cwd: folder,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    }).trim();
  const write = (name: string, text: string): void => writeFileSync(join(folder, name), text);
  const commitAll = (): string => {
    git("add", "-A");
    git("commit", "-qm", "x");
    return git("rev-parse", "HEAD");
  };

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "tenon-git-"));
    git("init", "-q", "-b", "trunk");
    write("train.ts", "const rate = 1;\n");
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it("tells commit, branch, remote and that nothing was changed", async () => {
    const commit = commitAll();
    git("remote", "add", "origin", "https://ada:pass-word1@example.com/models.git");
    assert.deepEqual(await gitState(folder), {
      commit,
      branch: "trunk",
      remote: "https://example.com/models.git",
      isDirty: false,
    });
  });

  it("keeps the remote's form where there is no password", async () => {
    commitAll();
    git("remote", "add", "origin", "git@example.com:team/models.git");
    assert.equal((await gitState(folder))?.remote, "git@example.com:team/models.git");
  });

  it("tells staged and other changes as a diff that can be applied, from any folder of the repository", async () => {
    mkdirSync(join(folder, "deep"));
    write("deep/other.ts", "let a = 1;\n");
    commitAll();
    git("config", "diff.noprefix", "true");
    git("config", "diff.relative", "true");
    write("train.ts", "const rate = 2;\n");
    write("deep/other.ts", "let a = 2;\n");
    git("add", "train.ts");
    write("notes-ü.txt", "my thoughts");
    mkdirSync(join(folder, "runs/many"), { recursive: true });
    write("runs/many/a.txt", "");
    write("runs/many/b.txt", "");
    const state = await gitState(join(folder, "deep"));
    assert.equal(state?.isDirty, true);
    assert.match(
      state.diff ?? "",
      /--- a\/train\.ts\n\+\+\+ b\/train\.ts\n@@ .*\n-const rate = 1;\n\+const rate = 2;/,
    );
    assert.match(state.diff ?? "", /\+let a = 2;/);
    assert.deepEqual(state.untracked, ["notes-ü.txt", "runs/"]);
    assert.ok(!JSON.stringify(state).includes("my thoughts"));
    git("checkout", "-q", "-f", ".");
    git("reset", "-q", "--hard");
    execFileSync("git", ["apply"], { cwd: folder, input: state.diff ?? "" });
    assert.equal(git("diff", "--name-only").split("\n").length, 2);
  });

  it("takes secrets out of the diff", async () => {
    commitAll();
    write("train.ts", `const rate = 1;\nconst dbPassword = "correct-horse-battery";\n`);
    const state = await gitState(folder);
    assert.ok(state?.diff?.includes('const dbPassword = "[redacted:secret]";'), state?.diff);
    assert.equal(state?.redactedSecrets, 1);
  });

  it("cuts a huge diff at the end of a line", async () => {
    commitAll();
    write("train.ts", "const line = 'of a program';\n".repeat(200_000));
    const state = await gitState(folder);
    assert.equal(state?.isDiffCut, true);
    assert.ok((state.diff?.length ?? 0) <= mostDiffBytes && (state.diff?.length ?? 0) > mostDiffBytes - 100);
    assert.ok(state.diff?.endsWith("\n+const line = 'of a program';"));
  });

  it("names some of many untracked files, and says how many there are", async () => {
    commitAll();
    for (let at = 0; at < mostUntracked + 50; at++) write(`new-${at}.txt`, "");
    const state = await gitState(folder);
    assert.equal(state?.untracked?.length, mostUntracked);
    assert.equal(state.untrackedCount, mostUntracked + 50);
  });

  it("tells a detached commit without a branch", async () => {
    const commit = commitAll();
    git("checkout", "-q", "--detach");
    assert.deepEqual(await gitState(folder), { commit, isDirty: false });
  });

  it("tells the branch of a repository without commits", async () => {
    assert.deepEqual(await gitState(folder), { branch: "trunk", untracked: ["train.ts"], untrackedCount: 1 });
  });

  it("tells nothing where there is no repository, no folder, or a broken one", async () => {
    const empty = mkdtempSync(join(tmpdir(), "tenon-no-git-"));
    try {
      assert.equal(await gitState(empty), undefined);
      assert.equal(await gitState(join(empty, "not-there")), undefined);
      mkdirSync(join(empty, ".git"));
      writeFileSync(join(empty, ".git/HEAD"), "nonsense");
      assert.equal(await gitState(empty), undefined);
      writeFileSync(join(empty, ".git/config"), "[core\nbroken");
      assert.equal(await gitState(empty), undefined);
    } finally {
      rmSync(empty, { recursive: true });
    }
    commitAll();
    write(".git/index", "garbage");
    const state = await gitState(folder);
    assert.match(state?.commit ?? "", /^[0-9a-f]{40}$/);
    assert.equal(state?.isDirty, undefined);
    write(".git/HEAD", "ref: refs/heads/gone\n");
    assert.deepEqual(await gitState(folder), { branch: "gone" });
    write(".git/config", "[core\n");
    assert.equal(await gitState(folder), undefined);
  });

  it("tells nothing where Git is not installed", async () => {
    commitAll();
    const path = process.env["PATH"];
    process.env["PATH"] = folder;
    try {
      assert.equal(await gitState(folder), undefined);
    } finally {
      process.env["PATH"] = path;
    }
  });

  it("is not led elsewhere by Git's variables", async () => {
    const commit = commitAll();
    process.env["GIT_DIR"] = "/nowhere";
    process.env["GIT_EXTERNAL_DIFF"] = "false";
    try {
      assert.equal((await gitState(folder))?.commit, commit);
    } finally {
      delete process.env["GIT_DIR"];
      delete process.env["GIT_EXTERNAL_DIFF"];
    }
  });

  describe("whose settings name programs", () => {
    const proof = (): readonly string[] => readdirSync(folder).filter((name) => name.startsWith("ran-"));
    const program = (name: string): string => {
      const path = join(folder, ".git", `${name}.sh`);
      writeFileSync(path, `#!/bin/sh\ntouch "${join(folder, `ran-${name}`)}"\ncat 2>/dev/null\nexit 0\n`);
      chmodSync(path, 0o755);
      return path;
    };

    beforeEach(() => {
      // The settings and attributes that have Git run something when it compares files.
      write(".gitattributes", "*.txt diff=evil filter=evil\n*.md diff=texty\n*.bin filter=run\n");
      write("a.txt", "one\n");
      write("b.md", "one\n");
      write("c.bin", "one\n");
      commitAll();
      for (const name of ["a.txt", "b.md", "c.bin"]) write(name, "two\n");
      git("config", "core.fsmonitor", program("fsmonitor"));
      git("config", "diff.external", program("external"));
      git("config", "diff.evil.command", program("command"));
      git("config", "diff.texty.textconv", program("textconv"));
      git("config", "filter.evil.clean", program("clean"));
      git("config", "filter.evil.required", "true");
      git("config", "filter.run.process", program("process"));
      git("config", "core.pager", program("pager"));
      git("config", "core.sshCommand", program("ssh"));
      git("config", "core.hooksPath", join(folder, ".git", "evil-hooks"));
      mkdirSync(join(folder, ".git/evil-hooks"));
      for (const hook of ["post-index-change", "reference-transaction", "post-checkout"])
        execFileSync("cp", [program(hook), join(folder, ".git/evil-hooks", hook)]);
      // Git looks at the files themselves where their times differ from the index.
      for (const name of [".gitattributes", "train.ts"]) utimesSync(join(folder, name), 1, 1);
    });

    it("runs none of them, and tells the changes all the same", async () => {
      const state = await gitState(folder);
      assert.deepEqual(proof(), []);
      for (const name of ["a.txt", "b.md", "c.bin"])
        assert.ok(state?.diff?.includes(`+++ b/${name}\n@@ -1 +1 @@\n-one\n+two`), state?.diff);
    });

    it("would have run them if it asked as anyone does", () => {
      spawnSync("git", ["diff", "HEAD"], { cwd: folder });
      assert.ok(proof().length >= 2, proof().join());
    });

    it("leaves the diff out where a filter's name can't be turned off", async () => {
      git("config", "filter.a=b.clean", program("equals"));
      write(".gitattributes", "*.txt filter=a=b\n");
      const state = await gitState(folder);
      assert.deepEqual(proof(), []);
      assert.ok(state?.commit !== undefined && state.diff === undefined);
    });

    it("does not fetch what a partial clone lacks", async () => {
      git("config", "remote.origin.url", `ext::${program("transport")} %S`);
      git("config", "remote.origin.promisor", "true");
      git("config", "extensions.partialClone", "origin");
      git("config", "protocol.ext.allow", "always");
      const blob = git("rev-parse", "HEAD:a.txt");
      rmSync(join(folder, ".git/objects", blob.slice(0, 2), blob.slice(2)));
      const state = await gitState(folder);
      assert.deepEqual(proof(), []);
      assert.match(state?.commit ?? "", /^[0-9a-f]{40}$/);
    });

    it("does not look into a submodule by its settings", async () => {
      const inner = join(folder, "inner");
      execFileSync("git", ["init", "-q", inner]);
      writeFileSync(join(inner, "x.txt"), "x");
      const inside = (...args: readonly string[]) =>
        execFileSync("git", ["-c", "user.name=A", "-c", "user.email=a@b.c", ...args], { cwd: inner });
      inside("add", "-A");
      inside("commit", "-qm", "x");
      git(
        "-c",
        "core.fsmonitor=",
        "-c",
        "filter.evil.clean=",
        "-c",
        "filter.evil.required=false",
        "-c",
        "filter.run.process=",
        "add",
        "inner",
      );
      inside("config", "core.fsmonitor", program("inner"));
      for (const name of proof()) rmSync(join(folder, name));
      writeFileSync(join(inner, "x.txt"), "changed");
      await gitState(folder);
      assert.deepEqual(proof(), []);
    });
  });

  it("does not show files of a folder elsewhere that the settings name", async () => {
    const elsewhere = mkdtempSync(join(tmpdir(), "tenon-elsewhere-"));
    try {
      write("secret.txt", "committed\n");
      const commit = commitAll();
      writeFileSync(join(elsewhere, "secret.txt"), "of somebody else\n");
      git("config", "core.worktree", elsewhere);
      assert.deepEqual(await gitState(folder), { commit, branch: "trunk" });
    } finally {
      rmSync(elsewhere, { recursive: true });
    }
  });

  describe("that leads to another repository", () => {
    let other: string;
    beforeEach(() => {
      other = mkdtempSync(join(tmpdir(), "tenon-private-"));
      const inOther = (...args: readonly string[]) =>
        execFileSync("git", ["-c", "user.name=A", "-c", "user.email=a@b.c", ...args], { cwd: other });
      inOther("init", "-q", "-b", "trunk");
      writeFileSync(join(other, "private.txt"), "of another project\n");
      inOther("add", "-A");
      inOther("commit", "-qm", "x");
    });
    afterEach(() => rmSync(other, { recursive: true, force: true }));

    const led: Readonly<Record<string, () => void>> = {
      "by a file": () => {
        rmSync(join(folder, ".git"), { recursive: true });
        write(".git", `gitdir: ${join(other, ".git")}\n`);
      },
      "by a link": () => {
        rmSync(join(folder, ".git"), { recursive: true });
        symlinkSync(join(other, ".git"), join(folder, ".git"));
      },
      "by a common folder": () => write(".git/commondir", join(other, ".git")),
      "by links of its parts": () => {
        for (const name of ["objects", "refs"]) {
          rmSync(join(folder, ".git", name), { recursive: true });
          symlinkSync(join(other, ".git", name), join(folder, ".git", name));
        }
      },
      "by a link of its branch": () => {
        rmSync(join(folder, ".git/objects"), { recursive: true });
        execFileSync("cp", ["-r", join(other, ".git/objects"), join(folder, ".git/objects")]);
        symlinkSync(join(other, ".git/refs/heads/trunk"), join(folder, ".git/refs/heads/trunk"));
      },
    };
    for (const [how, lead] of Object.entries(led))
      it(`${how} shows nothing of it`, async () => {
        lead();
        assert.ok(git("diff", "HEAD").includes("of another project"), "Git itself is not led there");
        const state = await gitState(folder);
        assert.ok(state?.commit !== undefined);
        assert.equal(state.diff, undefined);
        assert.ok(!JSON.stringify(state).includes("private.txt"));
      });
  });

  it("tells the changes in a submodule as those of a repository", async () => {
    const parent = mkdtempSync(join(tmpdir(), "tenon-parent-"));
    try {
      commitAll();
      const inParent = (...args: readonly string[]) =>
        execFileSync(
          "git",
          ["-c", "protocol.file.allow=always", "-c", "user.name=A", "-c", "user.email=a@b.c", ...args],
          {
            cwd: parent,
            stdio: "ignore",
          },
        );
      inParent("init", "-q");
      inParent("submodule", "add", "-q", folder, "part");
      writeFileSync(join(parent, "part/train.ts"), "const rate = 3;\n");
      assert.match((await gitState(join(parent, "part")))?.diff ?? "", /\+const rate = 3;/);
    } finally {
      rmSync(parent, { recursive: true, force: true });
    }
  });

  it("works behind a link and in a linked working copy", async () => {
    const commit = commitAll();
    const link = `${folder}-link`;
    const linked = `${folder}-linked`;
    symlinkSync(folder, link);
    try {
      assert.equal((await gitState(link))?.isDirty, false);
      git("worktree", "add", "-q", "-b", "side", linked);
      assert.deepEqual(await gitState(linked), { commit, branch: "side", isDirty: false });
    } finally {
      rmSync(link);
      rmSync(linked, { recursive: true, force: true });
    }
  });

  it("writes nothing", async () => {
    commitAll();
    utimesSync(join(folder, "train.ts"), 1, 1);
    const before = git("hash-object", ".git/index");
    await gitState(folder);
    assert.equal(git("hash-object", ".git/index"), before);
    assert.ok(!existsSync(join(folder, ".git/index.lock")));
  });
});
