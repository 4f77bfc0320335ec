/** @file Measures completion and inspection: how fast, and right in how many cases. */
import type { KernelClient } from "../../../jupyter/client.ts";
import { median } from "../statistics.ts";
import { type CompletionCase, completionCases, inspectCases, pythonCompletions } from "./language-samples.ts";
import type { KernelPeer } from "./kernel-peers.ts";
import { within } from "../../support/settle.ts";

const patience = 5000;
/** Stands where the cursor is. */
const mark = "‸";

export interface LanguageMeasurement {
  /** Median milliseconds. */
  readonly time: number;
  /** How many cases are right; undefined in a language that has none. */
  readonly right: number | undefined;
  /** The names of the others. */
  readonly wrong: readonly string[];
}

/**
 * Runs every case, and `repeats` times more for its time, on kernels of its own: one that does not answer has the case
 * wrong and is replaced.
 */
export async function measureCompletion(peer: KernelPeer, repeats: number): Promise<LanguageMeasurement> {
  const times: number[] = [];
  const wrong: string[] = [];
  let client = await peer.start();
  try {
    if (peer.language === "python") {
      return { ...(await timePython(client, repeats)), right: undefined, wrong: [] };
    }
    for (const sample of completionCases) {
      try {
        const run = await runCompletion(client, sample, repeats);
        times.push(...run.times);
        if (!isRight(sample, run.matches)) wrong.push(sample.name);
      } catch {
        wrong.push(`${sample.name} (no answer)`);
        await client.kill();
        client = await peer.start();
      }
    }
  } finally {
    await client.kill();
  }
  return { time: median(times), right: completionCases.length - wrong.length, wrong };
}

async function runCompletion(
  client: KernelClient,
  sample: CompletionCase,
  repeats: number,
): Promise<{ times: readonly number[]; matches: readonly string[] }> {
  const times: number[] = [];
  let matches: readonly string[] = [];
  for (const code of sample.before) await within(client.execute(code).reply, patience, "no reply");
  const { code, cursor } = atMark(sample.code);
  for (let repeat = 0; repeat <= repeats; repeat++) {
    const start = performance.now();
    const reply = await within(client.complete(code, cursor), patience, "no completion");
    // The first of a cell compiles what is new in it.
    if (repeat > 0) times.push(performance.now() - start);
    else matches = reply.matches;
  }
  return { times, matches };
}

function isRight(sample: CompletionCase, matches: readonly string[]): boolean {
  // Kernels differ in whether a match repeats what stands before the dot, and in whether they leave it to the
  // frontend to drop what does not begin with what was typed.
  const names = new Set(matches.map(lastName));
  const typed = /[\w$]*$/.exec(sample.code.slice(0, sample.code.indexOf(mark)))?.[0] ?? "";
  const unwanted = (sample.reject ?? []).filter((name) => name.startsWith(typed));
  return (
    sample.expect.every((name) => names.has(lastName(name))) &&
    !unwanted.some((name) => names.has(lastName(name)))
  );
}

/** `b` of `a.b` and of `"b"`; names with a colon, such as `node:fs`, are kept whole. */
function lastName(match: string): string {
  return match.replaceAll(/^.*[.[]|["'\]]/g, "");
}

export async function measureInspect(
  client: KernelClient,
  peer: KernelPeer,
  repeats: number,
): Promise<LanguageMeasurement> {
  const times: number[] = [];
  const wrong: string[] = [];
  for (const sample of inspectCases[peer.language]) {
    for (const code of sample.before) await client.execute(code).reply;
    const { code, cursor } = atMark(sample.code);
    for (let repeat = 0; repeat <= repeats; repeat++) {
      const start = performance.now();
      const { found, data } = await within(client.inspect(code, cursor), patience, "no inspection");
      if (repeat > 0) times.push(performance.now() - start);
      const text = Object.values(data ?? {}).join("\n");
      if (repeat === 0 && !(found && sample.expect.every((part) => text.includes(part))))
        wrong.push(sample.name);
    }
  }
  return { time: median(times), right: inspectCases[peer.language].length - wrong.length, wrong };
}

async function timePython(client: KernelClient, repeats: number): Promise<{ time: number }> {
  const times: number[] = [];
  for (const { before, code: marked } of pythonCompletions) {
    for (const code of before) await client.execute(code).reply;
    const { code, cursor } = atMark(marked);
    for (let repeat = 0; repeat <= repeats; repeat++) {
      const start = performance.now();
      await within(client.complete(code, cursor), patience, "no completion");
      if (repeat > 0) times.push(performance.now() - start);
    }
  }
  return { time: median(times) };
}

/** The code without its `‸`, and where that stood. */
function atMark(marked: string): { code: string; cursor: number } {
  const cursor = marked.indexOf(mark);
  return { code: marked.replace(mark, ""), cursor };
}
