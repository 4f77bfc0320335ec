/**
 * @file What Git knows of a folder, without running anything that the repository names.
 *
 * A repository's settings may name programs (file-system monitors, hooks, filters, external diffs, text conversions) and
 * other folders. Git is told to run none of them; where it could not be told, the diff is left out. Nothing is written.
 */
import { devNull } from "node:os";
import { isOwnRepository, realPath, workingCopyOf } from "./git-folder.ts";
import { redactAddress, redactSecrets } from "./redact.ts";
import { askProgram, type ProgramOutput } from "./run-program.ts";

/** The state of a working copy. */
export interface GitState {
  readonly commit?: string;
  readonly branch?: string;
  /** The address of the remote `origin`, without its password. */
  readonly remote?: string;
  /** Whether tracked files were changed, as in MLflow; absent where it can't be told. */
  readonly isDirty?: boolean;
  /** Changes of tracked files since the commit, without secrets, cut to {@link mostDiffBytes}. */
  readonly diff?: string;
  readonly isDiffCut?: boolean;
  /** How many secrets were taken out of the diff. */
  readonly redactedSecrets?: number;
  /** The names of untracked files, and folders of such (`name/`), of which nothing else is kept; at most {@link mostUntracked}. */
  readonly untracked?: readonly string[];
  readonly untrackedCount?: number;
}

/** The most of a diff that is kept. */
export const mostDiffBytes = 256 * 1024;
/** The most names of untracked files that are kept. */
export const mostUntracked = 200;

/** Settings over those of the repository, each `name=value`. */
const safeSettings = [
  "core.fsmonitor=",
  `core.hooksPath=${devNull}`,
  "core.pager=cat",
  "core.quotePath=false",
  "core.sshCommand=false",
  "credential.helper=",
  "diff.autoRefreshIndex=false",
  "diff.submodule=short",
  "protocol.allow=never",
  "submodule.recurse=false",
];

/** Variables of Git's own that may stay: where it looks for repositories and the user's settings. */
const keptVariables = new Set([
  "GIT_CEILING_DIRECTORIES",
  "GIT_DISCOVERY_ACROSS_FILESYSTEM",
  "GIT_CONFIG_GLOBAL",
  "GIT_CONFIG_SYSTEM",
  "GIT_CONFIG_NOSYSTEM",
]);

/** The state of the working copy that a folder is in; undefined where there is none, or no Git. Never throws. */
export async function gitState(folder: string): Promise<GitState | undefined> {
  const git = new SafeGit(folder);
  const top = await git.line(["rev-parse", "--show-toplevel"]);
  if (top === undefined) return undefined;
  const [commit, branch, remote, worktree] = await Promise.all([
    git.line(["rev-parse", "--verify", "--quiet", "HEAD^{commit}"]),
    git.line(["symbolic-ref", "--quiet", "--short", "HEAD"]),
    git.line(["config", "--get", "remote.origin.url"]),
    git.line(["config", "--get", "core.worktree"]),
  ]);
  const named = {
    ...(commit !== undefined && { commit }),
    ...(branch !== undefined && { branch }),
    ...(remote !== undefined && { remote: redactAddress(remote) }),
  };
  // Settings and links could lead to files elsewhere, which are none of the repository's.
  const copy = workingCopyOf(folder);
  if (copy === undefined || copy !== realPath(top) || !isOwnRepository(copy, branch, worktree)) return named;
  const filters = await filterSettings(git);
  if (filters === undefined) return named;
  const [diff, untracked] = await Promise.all([
    commit === undefined
      ? undefined
      : git.ask([...filters, "diff", ...diffOptions, commit, "--"], mostDiffBytes),
    git.ask(
      [
        ...filters,
        "-C",
        top,
        "ls-files",
        "--others",
        "--exclude-standard",
        "--directory",
        "--no-empty-directory",
        "-z",
      ],
      2 ** 20,
    ),
  ]);
  const names = untracked && wholeParts(untracked, "\0").filter((name) => name !== "");
  return {
    ...named,
    ...(diff && { isDirty: diff.output.length > 0 }),
    ...(diff && diff.output.length > 0 && keptDiff(diff)),
    ...(names &&
      names.length > 0 && { untracked: names.slice(0, mostUntracked), untrackedCount: names.length }),
  };
}

const diffOptions = [
  "--no-ext-diff",
  "--no-textconv",
  "--no-color",
  "--no-renames",
  "--no-relative",
  // A submodule's own settings are not looked at.
  "--ignore-submodules=dirty",
  "--src-prefix=a/",
  "--dst-prefix=b/",
];

/** Git, asked in one folder. */
class SafeGit {
  readonly #folder: string;
  readonly #env: NodeJS.ProcessEnv;

  constructor(folder: string) {
    this.#folder = folder;
    this.#env = {
      ...Object.fromEntries(
        Object.entries(process.env).filter(([name]) => !name.startsWith("GIT_") || keptVariables.has(name)),
      ),
      GIT_OPTIONAL_LOCKS: "0",
      GIT_TERMINAL_PROMPT: "0",
      GIT_NO_LAZY_FETCH: "1",
      GIT_ALLOW_PROTOCOL: "none",
      GIT_ATTR_NOSYSTEM: "1",
      LC_ALL: "C",
    };
  }

  /** Everything up to a limit. */
  async ask(args: readonly string[], mostBytes: number): Promise<ProgramOutput | undefined> {
    return await askProgram(
      "git",
      ["--no-pager", "--no-optional-locks", ...safeSettings.flatMap((setting) => ["-c", setting]), ...args],
      { folder: this.#folder, env: this.#env, mostBytes },
    );
  }

  /** One line. */
  async line(args: readonly string[]): Promise<string | undefined> {
    const answer = await this.ask(args, 64 * 1024);
    const text = answer?.output.toString("utf8").replace(/\r?\n$/, "");
    return text === undefined || text === "" || text.includes("\n") ? undefined : text;
  }
}

/** Settings that turn off every filter by its name; undefined where a name can't be written as one. */
async function filterSettings(git: SafeGit): Promise<readonly string[] | undefined> {
  const answer = await git.ask(["config", "--list", "--name-only", "-z"], 2 ** 20);
  if (!answer || answer.isCut) return undefined;
  const names = new Set<string>();
  for (const key of answer.output.toString("utf8").split("\0")) {
    const [, name] = /^filter\.([\s\S]*)\.[^.]*$/.exec(key) ?? [];
    if (name !== undefined) names.add(name);
  }
  if ([...names].some((name) => /[=\n]/.test(name))) return undefined;
  return [...names].flatMap((name) =>
    ["clean=", "smudge=", "process=", "required=false"].flatMap((setting) => [
      "-c",
      `filter.${name}.${setting}`,
    ]),
  );
}

/** A diff without secrets; what was cut ends with a whole line, so that no half of a secret is left at the end. */
function keptDiff(answer: ProgramOutput): Pick<GitState, "diff" | "isDiffCut" | "redactedSecrets"> {
  const lines = wholeParts(answer, "\n");
  const { text, secrets } = redactSecrets(lines.join("\n"));
  return { diff: text, isDiffCut: answer.isCut, redactedSecrets: secrets };
}

function wholeParts({ output, isCut }: ProgramOutput, separator: string): string[] {
  const parts = output.toString("utf8").split(separator);
  return isCut ? parts.slice(0, -1) : parts;
}
