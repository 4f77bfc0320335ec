/**
 * @file `npm run soak -- serving`: the service under load for half an hour (`TENON_SOAK_MINUTES`) while workers are killed and
 * replaced, versions come and go, traffic rules change and bad clients call. No answer may be wrong, none lost, and memory may
 * not grow.
 */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { median, quantile } from "../../bench/statistics.ts";
import { treeMemory } from "../../support/process-memory.ts";
import { repositoryRoot } from "../../support/repository.ts";
import { Random } from "../random.ts";
import { BadCalls, type BadCounts } from "./bad-calls.ts";
import { type CallCounts, GoodCalls } from "./good-calls.ts";
import { type SoakService, startSoakService } from "./soak-service.ts";

/** What was done to the service. */
interface Disturbances {
  kills: number;
  restarts: number;
  reloads: number;
  rules: number;
}

/** What was found. */
export interface ServingSoak {
  readonly minutes: number;
  /** Calls a second that the load could make at most, and what was asked for: 70 % of it. */
  readonly most: number;
  readonly rate: number;
  readonly good: CallCounts;
  readonly bad: BadCounts;
  readonly done: Disturbances;
  /** MiB of all processes, every ten seconds. */
  readonly memory: readonly number[];
}

const callsAtOnce = 24;

/** Runs the soak. Throws where an answer was wrong or lost, the service failed by itself, or its memory grew. */
export async function checkServing(
  minutes: number,
  seed: number,
  print: (line: string) => void,
): Promise<ServingSoak> {
  const folder = mkdtempSync(join(tmpdir(), "tenon-soak-serving-"));
  const service = await startSoakService(folder);
  const calls = new GoodCalls(service, seed);
  const bad = new BadCalls(service, seed + 1);
  try {
    await fullLoad(calls, 3);
    const before = calls.counts.answered;
    await fullLoad(calls, 5);
    const most = (calls.counts.answered - before) / 5;
    const rate = 0.7 * most;
    calls.counts.times.length = 0;
    const end = performance.now() + minutes * 60_000;
    const done: Disturbances = { kills: 0, restarts: 0, reloads: 0, rules: 0 };
    const memory: number[] = [];
    await Promise.all([
      steadyLoad(calls, rate, end),
      repeatedly(end, 200, () => bad.call()),
      disturb(service, done, seed + 2, end),
      repeatedly(end, 10_000, async () => void memory.push(treeMemory(service.pid).pss)),
    ]);
    const found = { minutes, most, rate, good: calls.counts, bad: bad.counts, done, memory };
    const lines = describeServing(found);
    for (const line of lines) print(line);
    writeReport(found, lines, seed);
    assertSound(found, service);
    return found;
  } finally {
    calls.close();
    bad.close();
    await service.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The findings as a file, `build/serving-soak.md`, with the first of what went wrong. */
function writeReport({ good, bad }: ServingSoak, lines: readonly string[], seed: number): void {
  const folder = join(repositoryRoot, "build");
  mkdirSync(folder, { recursive: true });
  const wrong = [...good.wrong.slice(0, 20), ...good.lost.slice(0, 20), ...bad.failures.slice(0, 20)];
  const date = new Date().toISOString().slice(0, 10);
  const head = `# Soak of serving, ${date}, Node ${process.versions.node}, seed ${seed}`;
  const items = [...lines, ...wrong].map((line) => `- ${line.trim()}`);
  writeFileSync(join(folder, "serving-soak.md"), `${[head, "", ...items].join("\n")}\n`);
}

function assertSound({ good, bad, memory, minutes, done }: ServingSoak, service: SoakService): void {
  // A call has a minute: slow is the machine's, silence the service's.
  assert.deepEqual(good.wrong.slice(0, 5), []);
  assert.deepEqual(good.lost.slice(0, 5), []);
  assert.deepEqual(bad.failures.slice(0, 5), []);
  assert.ok(good.answered > 0 && bad.refused > 0 && done.kills > 0, "nothing was tried");
  // A version may go while a worker looks at it.
  assert.doesNotMatch(service.log(), /Error: (?!ENOENT)/);
  // Before that, processes are still warming up.
  if (minutes < 5) return;
  const quarter = Math.floor(memory.length / 4);
  const [early, late] = [median(memory.slice(quarter, 2 * quarter)), median(memory.slice(-quarter))];
  assert.ok(late < early * 1.15 + 20, `memory grew from ${early.toFixed(0)} to ${late.toFixed(0)} MiB`);
}

/** As many calls as there can be, for so many seconds. */
async function fullLoad(calls: GoodCalls, seconds: number): Promise<void> {
  const end = performance.now() + seconds * 1000;
  const callers = Array.from({ length: callsAtOnce }, async () => {
    while (performance.now() < end) await calls.call();
  });
  await Promise.all(callers);
}

/** Calls at a rate, whether or not those before are answered. */
async function steadyLoad(calls: GoodCalls, rate: number, end: number): Promise<void> {
  const waiting = new Set<Promise<void>>();
  const begin = performance.now();
  let begun = 0;
  while (performance.now() < end) {
    const due = ((performance.now() - begin) / 1000) * rate;
    for (; begun < due && waiting.size < 500; begun++) {
      const call: Promise<void> = calls.call().finally(() => waiting.delete(call));
      waiting.add(call);
    }
    // What could not be begun in time is not made up for.
    begun = Math.max(begun, Math.floor(due));
    await setTimeout(5);
  }
  await Promise.all(waiting);
}

async function repeatedly(end: number, interval: number, run: () => void | Promise<void>): Promise<void> {
  while (performance.now() < end) {
    await run();
    await setTimeout(interval);
  }
}

/** Every few seconds something that happens to services. */
async function disturb(service: SoakService, done: Disturbances, seed: number, end: number): Promise<void> {
  const random = new Random(seed);
  let hasThird = false;
  for (let turn = 0; ; turn++) {
    await setTimeout(Math.min(4000, Math.max(0, end - performance.now())));
    if (performance.now() >= end) return;
    switch (turn % 5) {
      case 0: {
        const workers = service.answering();
        // One of two that answer: with none there is nobody to ask.
        if (workers.length >= 2) {
          done.kills += Number(kill(random.pick(workers)));
        }
        break;
      }
      case 1:
        await changeRules(service, random);
        done.rules += 1;
        break;
      case 2:
        await service.putVersion(hasThird ? 2 : 3);
        hasThird = true;
        done.reloads += 1;
        break;
      case 3:
        if (random.integer(3) === 0) {
          process.kill(service.pid, "SIGHUP");
          done.restarts += 1;
        }
        break;
      default:
        if (hasThird) service.removeVersion(3);
        hasThird = false;
        done.reloads += 1;
    }
  }
}

/** Ends a process at once; false where it has just ended by itself. */
function kill(pid: number): boolean {
  try {
    return process.kill(pid, "SIGKILL");
  } catch {
    return false;
  }
}

async function changeRules({ url, key }: SoakService, random: Random): Promise<void> {
  const share = random.next();
  const weights = [
    { version: "1", weight: share },
    { version: "2", weight: 1 - share },
  ];
  const shadows = random.integer(2) === 0 ? [] : [{ version: "1", share: 0.2 }];
  const answer = await fetch(`${url}/admin/v1/traffic/soak`, {
    method: "PUT",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    body: JSON.stringify({ weights, shadows }),
  }).catch(() => undefined);
  // A worker may be killed under it.
  if (answer !== undefined && !answer.ok) throw new Error(`traffic rules: ${await answer.text()}`);
}

/** The findings in lines. */
export function describeServing({
  minutes,
  most,
  rate,
  good,
  bad,
  done,
  memory,
}: ServingSoak): readonly string[] {
  const ms = (q: number): string => quantile(good.times, q).toFixed(1);
  return [
    `  ${minutes} minutes at ${rate.toFixed(0)} calls/s, 70 % of ${most.toFixed(0)}`,
    `  ${good.answered} calls answered rightly but ${good.wrong.length}, ${good.lost.length} lost, ${good.refused} refused for load and ${good.retried} cut off, then tried again`,
    `  times p50 ${ms(0.5)}, p99 ${ms(0.99)}, p99.9 ${ms(0.999)} ms, tries and the load's own waits in them`,
    `  ${bad.sent} bad calls: ${bad.refused} refused, ${bad.answered} answered, ${bad.cut} cut off, ${bad.failures.length} failed`,
    `  ${done.kills} workers killed, ${done.restarts} restarts in turn, ${done.reloads} versions changed, ${done.rules} traffic rules`,
    `  memory ${memory.map((each) => each.toFixed(0)).join(" ")} MiB`,
  ];
}
