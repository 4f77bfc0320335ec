/** @file Questions to Parquet files: ours, pandas and Polars at the same number of threads, in turns. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as v from "valibot";
import { openDatabase } from "../../../ml/data/index.ts";
import { pythonEnvironment } from "../../support/python-environment.ts";
import { repositoryRoot } from "../../support/repository.ts";
import { runCommand } from "../../support/run-command.ts";
import type { CaseMeasurements } from "../bench-row.ts";
import { median } from "../statistics.ts";
import { outcomeSchema, questions, type Outcome } from "./outcome.ts";

interface TablesBenchOptions {
  readonly rounds: number;
  readonly threads: number;
  readonly quick: boolean;
  readonly onProgress: (text: string) => void;
}

/** A case's values, ours first: of each round the median of its repetitions. @throws where the answers differ */
export async function benchTables({
  rounds,
  threads,
  quick,
  onProgress,
}: TablesBenchOptions): Promise<readonly CaseMeasurements[]> {
  const requirements = join(import.meta.dirname, "requirements.txt");
  const { python, env } = await pythonEnvironment("bench-tables", requirements);
  const folder = mkdtempSync(join(tmpdir(), "tenon-bench-"));
  const outcomes = new Map<string, Outcome[]>();
  try {
    const files = [
      join(repositoryRoot, "node_modules/vega-datasets/data/flights-3m.parquet"),
      ...(await makeTrades(folder, quick ? 100_000 : 1_000_000)),
    ];
    const args = [...files, `${threads}`, quick ? "1" : "3"];
    const ours = ["--import", "tsx", join(import.meta.dirname, "ours.ts"), ...args];
    const peers = join(import.meta.dirname, "peers.py");
    const threadsOf = { OMP_NUM_THREADS: `${threads}`, POLARS_MAX_THREADS: `${threads}` };
    for (let round = 1; round <= rounds; round++) {
      onProgress(`round ${round} of ${rounds}`);
      const asked = [
        await measure(process.execPath, ours, {}),
        await measure(python, [peers, "pandas", ...args], { ...env, ...threadsOf }),
        await measure(python, [peers, "polars", ...args], { ...env, ...threadsOf }),
      ];
      requireAgreement(asked);
      for (const outcome of asked) {
        outcomes.set(outcome.version, [...(outcomes.get(outcome.version) ?? []), outcome]);
      }
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  const byPeer = (measureCase: (outcome: Outcome) => number): ReadonlyMap<string, readonly number[]> =>
    new Map([...outcomes].map(([version, each]) => [version, each.map(measureCase)]));
  return [
    ...questions.map((name) => ({
      case: { name, unit: "ms", better: "less" } as const,
      byPeer: byPeer(({ times }) => median(times[name] ?? [])),
    })),
    { case: { name: "peak memory", unit: "MiB", better: "less" }, byPeer: byPeer(({ peak }) => peak) },
  ];
}

/** Trades, and ten times as many quotes, of a thousand symbols in the order of time; no two at one time. */
async function makeTrades(folder: string, trades: number): Promise<readonly string[]> {
  using database = await openDatabase();
  const symbol = "'s' || hash(i, 1) % 1000 AS symbol";
  const time = (micros: string): string => `make_timestamp(${micros}) AS time`;
  const paths = [join(folder, "trades.parquet"), join(folder, "quotes.parquet")];
  const [tradesFile = "", quotesFile = ""] = paths;
  const made = await database.table(`SELECT ${time("i * 1000 + 50")}, ${symbol} FROM range(${trades}) t(i)`);
  await made.writeParquet(tradesFile);
  const quotes = `SELECT ${time("i * 100")}, ${symbol}, (hash(i, 2) % 1000)::BIGINT AS bid`;
  await (await database.table(`${quotes} FROM range(${trades * 10}) t(i)`)).writeParquet(quotesFile);
  return paths;
}

async function measure(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Outcome> {
  const output = await runCommand(program, args, { env, input: JSON.stringify(questions) });
  return v.parse(outcomeSchema, JSON.parse(output.stdout.trim().split("\n").at(-1) ?? ""));
}

function requireAgreement([ours, ...theirs]: readonly Outcome[]): void {
  for (const question of questions) {
    const expected = ours?.answers[question] ?? [];
    for (const { version, answers } of theirs) {
      const found = answers[question] ?? [];
      const isSame =
        found.length === expected.length &&
        found.every((value, index) => Math.abs(value - (expected[index] ?? 0)) <= 1e-9 * Math.abs(value));
      if (!isSame) {
        throw new Error(
          `${version} answers "${question}" by ${found.join(", ")}, not ${expected.join(", ")}`,
        );
      }
    }
  }
}
