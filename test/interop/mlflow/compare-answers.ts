/** @file Answers of two servers to the same play, with what may differ taken out. */
import { isDeepStrictEqual } from "node:util";
import type { Answer, Ask } from "./play.ts";
import { playExperiments } from "./play-experiments.ts";
import { playLoggedModels } from "./play-logged-models.ts";
import { playRegistry } from "./play-registry.ts";
import { playRuns } from "./play-runs.ts";

export interface Comparison {
  readonly calls: number;
  /** Calls that both refused. */
  readonly refused: number;
  /** Refusals with the same message, word for word. */
  readonly sameMessages: number;
  /** One text for each call whose answers differ. */
  readonly differences: readonly string[];
}

interface Call {
  readonly name: string;
  readonly answer: Answer;
}

/** Plays the same calls to both and compares the answers. */
export async function compareServers(ours: string, theirs: string): Promise<Comparison> {
  const [own, other] = [await play(ours), await play(theirs)];
  const differences: string[] = [];
  let refused = 0;
  let sameMessages = 0;
  for (const [at, { name, answer }] of own.entries()) {
    const expected = other[at]?.answer;
    const [found, wanted] = [splitMessage(answer), splitMessage(expected ?? { status: 0, body: null })];
    if (!isDeepStrictEqual(found.answer, wanted.answer))
      differences.push(`${name}\n  ours   ${JSON.stringify(answer)}\n  theirs ${JSON.stringify(expected)}`);
    else if (found.message !== undefined) {
      refused += 1;
      if (found.message === wanted.message) sameMessages += 1;
    }
  }
  return { calls: own.length, refused, sameMessages, differences };
}

async function play(url: string): Promise<readonly Call[]> {
  const calls: Call[] = [];
  const names = new Map<string, string>();
  const ask: Ask = async (method, path, body) => {
    const response = await fetch(`${url}/api/2.0/mlflow/${path}`, {
      method,
      ...(body && { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
    });
    const text = await response.text();
    let parsed: unknown = null;
    try {
      parsed = JSON.parse(text);
    } catch {
      // Some errors are pages for people.
    }
    const answer = { status: response.status, body: parsed };
    const shown = `${method} ${path} ${body ? JSON.stringify(body).slice(0, 300) : ""}`;
    calls.push({
      name: String(normal(shown, names)),
      answer: { status: answer.status, body: normal(parsed, names) },
    });
    return answer;
  };
  for (const scene of [playExperiments, playRuns, playLoggedModels, playRegistry]) await scene(ask);
  return calls;
}

/** Fields that differ by their nature, or that only the newest servers of MLflow have. */
const times = /^(?:creation_time|last_update_time|(?:creation|last_updated)_timestamp(?:_ms)?)$/;
const leftOut: ReadonlySet<string> = new Set(["workspace", "sqlstate", "error_class"]);
/** Lists whose order nobody promises. */
const unordered: ReadonlySet<string> = new Set(["tags", "params", "metrics", "latest_versions", "aliases"]);
const ids = /\bm-[0-9a-f]{32}\b|\b[0-9a-f]{32}\b/g;

/** Ids by their order, times as such, lists of keys in order, empty objects and lists left out. */
function normal(value: unknown, names: Map<string, string>, key = ""): unknown {
  if (times.test(key)) return "time";
  if (typeof value === "string") {
    // The whole token depends on what was asked before it, the offset in it does not.
    if (key === "next_page_token") return "token";
    return value.replaceAll(ids, (id) => {
      const name = names.get(id) ?? `id${names.size}`;
      names.set(id, name);
      return name;
    });
  }
  if (Array.isArray(value)) {
    const items = value.map((item: unknown) => normal(item, names));
    // A history's points have one key, and so stay in their order.
    return unordered.has(key)
      ? items.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : keyOf(a) > keyOf(b) ? 1 : 0))
      : items;
  }
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value)
    .filter(([name]) => !leftOut.has(name))
    .map(([name, field]: [string, unknown]) => [name, normal(field, names, name)] as const)
    .filter(([, field]) => !isEmpty(field));
  return Object.fromEntries(entries);
}

/** What items of a list are told apart by. */
function keyOf(item: unknown): string {
  const { key, version, alias } = Object(item) as Readonly<Record<string, unknown>>;
  return String(key ?? version ?? alias ?? item);
}

function isEmpty(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.keys(value).length === 0;
}

function splitMessage({ status, body }: Answer): { readonly answer: Answer; readonly message?: string } {
  if (status < 400 || typeof body !== "object" || body === null) return { answer: { status, body } };
  const { message, ...rest } = body as { readonly message?: unknown };
  return { answer: { status, body: rest }, message: String(message) };
}
