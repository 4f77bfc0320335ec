/** @file `npm run soak [-- fuzz|cells|kill|training|tracking|tables|artifacts|serving…]`: the endurance checks in full. */
import { checkArtifact } from "./artifacts.ts";
import type { Sample } from "./cells.ts";
import { assertNoGrowth, checkFuzz, checkKillChild, checkKillParent, checkSoak } from "./endurance.ts";
import { checkServing } from "./serving/serving.ts";
import { checkTables } from "./tables.ts";
import { checkTracking } from "./tracking.ts";
import { checkTraining } from "./training.ts";

const print = (text: string): void => void process.stdout.write(`${text}\n`);
const seed = Number(process.env["TENON_SEED"] ?? 20_261);

const checks: Readonly<Record<string, () => Promise<void>>> = {
  fuzz: () => checkFuzz(10_000, seed),
  cells: async () => {
    const samples = await checkSoak(Number(process.env["TENON_SOAK_CELLS"] ?? 20_000), 20);
    for (const sample of samples) print(describeSample(sample));
    assertNoGrowth(samples, 1);
  },
  kill: async () => {
    await checkKillChild(100, seed);
    await checkKillParent();
  },
  training: async () => {
    for (const name of ["mlp", "cnn", "lenet", "lstm", "transformer"] as const) {
      const { early, late } = await checkTraining(name, 2000);
      print(`  ${name}: ${early.toFixed(0)} MiB early on, ${late.toFixed(0)} MiB after 2,000 steps`);
    }
  },
  tracking: async () => {
    for (const [what, kills] of Object.entries(await checkTracking(100, seed)))
      print(
        `  ${kills.rounds} ${what} killed: ${kills.acknowledged} points acknowledged, ${kills.arrived} there, each once; ${kills.replayed} calls from journals`,
      );
  },
  tables: async () => {
    const { rows, bytes, peak } = await checkTables(1000, "1GB", 2 * 2 ** 30);
    print(
      `  ${rows.toLocaleString("en")} rows, ${(bytes / 1e9).toFixed(1)} GB: ${(peak / 2 ** 20).toFixed(0)} MiB held at most`,
    );
  },
  artifacts: async () => {
    const { peak, up, down } = await checkArtifact(1e9, 300 * 2 ** 20);
    const rate = (bytes: number): string => `${(bytes / 1e6).toFixed(0)} MB/s`;
    print(`  1 GB: ${(peak / 2 ** 20).toFixed(0)} MiB held at most, ${rate(up)} up, ${rate(down)} down`);
  },
  serving: async () => {
    await checkServing(Number(process.env["TENON_SOAK_MINUTES"] ?? 30), seed, print);
  },
};

function describeSample({ cells, ...roles }: Sample): string {
  const texts = Object.entries(roles).map(
    ([role, held]) =>
      `${role} ${held === undefined ? "-" : `${held.memory.toFixed(1)} MiB ${held.handles} files ${held.threads} threads`}`,
  );
  return `  ${String(cells).padStart(6)} cells: ${texts.join(", ")}`;
}

const named = process.argv.slice(2);
let passed = 0;
let failed = 0;
for (const [name, check] of Object.entries(checks)) {
  if (named.length > 0 && !named.includes(name)) continue;
  const start = performance.now();
  try {
    await check();
    passed += 1;
    print(`${name}: passed in ${((performance.now() - start) / 1000).toFixed(0)} s`);
  } catch (error) {
    failed += 1;
    print(`${name}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  }
}
print(`${passed} passed, ${failed} failed, 0 skipped (Node ${process.versions.node}, seed ${seed})`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
