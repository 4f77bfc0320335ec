/**
 * @file The history of executed cells, kept across sessions.
 *
 * Each kernel session appends to a file of its own, `<data>/history/<session>.jsonl`, so kernels that run at the same
 * time never write to the same file. A line is `[line, source, output]`. Invariant: a line that cannot be read
 * (a crash in mid-write) is skipped, the others are served.
 */
import { appendFileSync, closeSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import * as v from "valibot";
import type { HistoryRequest } from "./requests.ts";
import { log } from "./sockets.ts";

const keptSessions = 500;

const entrySchema = v.tuple([v.number(), v.string(), v.nullable(v.string())]);

interface Entry {
  readonly session: number;
  readonly line: number;
  readonly source: string;
  readonly output: string | null;
}

/** `[session, line, source]`, or `[session, line, [source, output]]` where outputs were asked for. */
export type HistoryTuple = [number, number, string] | [number, number, [string, string | null]];

/** Where Tenon keeps what belongs to the user: the platform's data folder. */
export function userDataDirectory(env: NodeJS.ProcessEnv = process.env): string {
  if (process.platform === "win32")
    return join(env["APPDATA"] ?? join(homedir(), "AppData", "Roaming"), "tenon");
  if (process.platform === "darwin") return join(homedir(), "Library", "Application Support", "tenon");
  return join(env["XDG_DATA_HOME"] ?? join(homedir(), ".local", "share"), "tenon");
}

export class History {
  readonly #directory: string;
  /** What could not be written; the rest is read from the file when it is asked for. */
  readonly #unwritten: Entry[] = [];
  /** 0 until the first cell: a kernel that runs nothing leaves no file. */
  #session = 0;
  #pending: Entry[] = [];
  #isFlushDue = false;

  constructor(directory = join(userDataDirectory(), "history")) {
    this.#directory = directory;
  }

  /** Remembers an executed cell; it is on disk a moment later. */
  append(line: number, source: string, output: string | null): void {
    if (this.#session === 0) this.#session = this.#claimSession();
    this.#pending.push({ session: this.#session, line, source, output });
    // Behind the reply: the cell's author does not wait for the disk.
    if (this.#isFlushDue) return;
    this.#isFlushDue = true;
    setImmediate(() => this.flush());
  }

  /** Writes what is pending. */
  flush(): void {
    this.#isFlushDue = false;
    if (this.#pending.length === 0) return;
    const entries = this.#pending;
    this.#pending = [];
    const rows = entries.map(({ line, source, output }) => `${JSON.stringify([line, source, output])}\n`);
    try {
      appendFileSync(this.#file(this.#session), rows.join(""), { mode: 0o600 });
    } catch (error) {
      if (this.#unwritten.length === 0) log(`the history could not be written: ${String(error)}`);
      this.#unwritten.push(...entries);
    }
  }

  /** Answers a history request, oldest entry first. */
  query(request: HistoryRequest): HistoryTuple[] {
    const found = this.#select(request);
    return found.map(({ session, line, source, output }) =>
      request.output ? [session, line, [source, output]] : [session, line, source],
    );
  }

  #select(request: HistoryRequest): Entry[] {
    const limit = request.n ?? undefined;
    switch (request.hist_access_type) {
      case "tail":
        return this.#newest(limit ?? 10, () => true);
      case "search": {
        const pattern = globPattern(request.pattern ?? "*");
        const seen = new Set<string>();
        return this.#newest(limit ?? Number.POSITIVE_INFINITY, ({ source }) => {
          if (!pattern.test(source) || (request.unique === true && seen.has(source))) return false;
          seen.add(source);
          return true;
        });
      }
      case "range": {
        // 0 is this session, negative numbers count back from it.
        const asked = request.session ?? 0;
        const session = asked > 0 ? asked : this.#currentNumber() + asked;
        const start = request.start ?? 0;
        const stop = request.stop ?? Number.POSITIVE_INFINITY;
        return this.#read(session).filter(({ line }) => line >= start && line < stop);
      }
    }
  }

  #currentNumber(): number {
    return this.#session === 0 ? (this.#sessions()[0] ?? 0) + 1 : this.#session;
  }

  /** The newest `count` entries for which `keep` holds, over all sessions, oldest first. */
  #newest(count: number, keep: (entry: Entry) => boolean): Entry[] {
    const found: Entry[] = [];
    const sessions = this.#sessions().filter((session) => session !== this.#session);
    for (const session of this.#session === 0 ? sessions : [this.#session, ...sessions]) {
      const entries = this.#read(session);
      for (let index = entries.length - 1; index >= 0 && found.length < count; index -= 1) {
        const entry = entries[index];
        if (entry !== undefined && keep(entry)) found.push(entry);
      }
      if (found.length >= count) break;
    }
    return found.toReversed();
  }

  #read(session: number): readonly Entry[] {
    if (session !== this.#session) return this.#readFile(session);
    this.flush();
    return [...this.#readFile(session), ...this.#unwritten];
  }

  #readFile(session: number): readonly Entry[] {
    let text: string;
    try {
      text = readFileSync(this.#file(session), "utf8");
    } catch {
      return [];
    }
    const entries: Entry[] = [];
    for (const row of text.split("\n")) {
      if (row === "") continue;
      try {
        const [line, source, output] = v.parse(entrySchema, JSON.parse(row));
        entries.push({ session, line, source, output });
      } catch {
        // A torn line of a session that crashed.
      }
    }
    return entries;
  }

  /** All recorded sessions, newest first. */
  #sessions(): number[] {
    try {
      return readdirSync(this.#directory)
        .map((name) => Number(/^(\d+)\.jsonl$/.exec(name)?.[1]))
        .filter((session) => Number.isInteger(session))
        .sort((a, b) => b - a);
    } catch {
      return [];
    }
  }

  /** The next free session number, claimed by creating its file exclusively. */
  #claimSession(): number {
    const sessions = this.#sessions();
    let session = (sessions[0] ?? 0) + 1;
    try {
      mkdirSync(this.#directory, { recursive: true, mode: 0o700 });
      for (const old of sessions.slice(keptSessions - 1)) rmSync(this.#file(old), { force: true });
      for (; ; session += 1) {
        try {
          closeSync(openSync(this.#file(session), "wx", 0o600));
          break;
        } catch (error) {
          if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
        }
      }
    } catch (error) {
      log(`the history stays in memory: ${String(error)}`);
    }
    return session;
  }

  #file(session: number): string {
    return join(this.#directory, `${session}.jsonl`);
  }
}

/** IPython's glob patterns: `*` and `?`, matched against the whole source. */
function globPattern(glob: string): RegExp {
  const escaped = glob.replaceAll(/[.+^${}()|[\]\\]/g, String.raw`\$&`);
  return new RegExp(`^${escaped.replaceAll("*", "[^]*").replaceAll("?", "[^]")}$`);
}
