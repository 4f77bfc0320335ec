/** @file A process of its own that computes and then ends in the way that its argument names. */
import { writeFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { randn, tensor, zeros } from "../../../ml/graph/create.ts";
import { currentRuntime, restartRuntime, runtimeContents } from "../../../ml/graph/shared-runtime.ts";
import { scope } from "../../../ml/graph/scope.ts";
import type { Tensor } from "../../../ml/graph/tensor.ts";
import { valueAndGrad } from "../../../ml/graph/transforms/grad.ts";
import { jit } from "../../../ml/graph/transforms/jit.ts";
import { endless } from "./endless.ts";

const say = (what: unknown): void => void process.stdout.write(`${JSON.stringify(what)}\n`);
const twice = jit((x: Tensor) => x.add(x));

async function startEndless(): Promise<void> {
  const stop = new AbortController();
  await twice(tensor(1));
  const run = jit((x: Tensor) => endless(x)).run({ signal: stop.signal }, tensor(1));
  // Long enough for the thread to have begun.
  await setTimeout(300);
  stop.abort(new Error("enough"));
  await run.catch((error: unknown) => say(String(error)));
}

type Weights = { readonly a: Tensor; readonly b: Tensor };

/** Steps of a multilayer perceptron, its state in the runtime; memory at a fifth of them and at the end. */
async function train(steps: number, frees: boolean): Promise<void> {
  const loss = ({ a, b }: Weights, x: Tensor): Tensor<readonly []> =>
    x.matmul(a).relu().matmul(b).square().mean();
  const step = jit((weights: Weights, x: Tensor) => {
    const { value, gradient } = valueAndGrad(loss)(weights, x);
    const a = weights.a.sub(gradient.a.mul(0.01));
    return { loss: value, weights: { a, b: weights.b.sub(gradient.b.mul(0.01)) } };
  });
  const x = randn([64, 128], { seed: 1 });
  let weights: Weights = { a: randn([128, 256], { seed: 2 }), b: zeros([256, 10]) };
  let early = 0;
  for (let index = 1; index <= steps; index++) {
    const next = frees
      ? await scope(async () => ({ weights: (await step(weights, x)).weights }))
      : { weights: (await step(weights, x)).weights };
    if (frees && index > 1) for (const each of Object.values(weights)) each[Symbol.dispose]();
    ({ weights } = next);
    if (index === steps / 5) early = process.memoryUsage.rss();
  }
  say({ early, late: process.memoryUsage.rss(), ...(await runtimeContents()) });
}

const endings: Readonly<Record<string, () => Promise<void>>> = {
  "by itself": async () => say(await (await twice(tensor(2))).item()),
  "process.exit": async () => {
    say(await (await twice(tensor(2))).item());
    process.exit(3);
  },
  "an uncaught error": async () => {
    say(await (await twice(tensor(2))).item());
    setImmediate(() => {
      throw new Error("not caught");
    });
  },
  "a signal": async () => {
    say(await (await twice(tensor(2))).item());
    setInterval(() => {}, 1000);
  },
  "an endless run, process.exit": async () => {
    await startEndless();
    process.exit(3);
  },
  "an endless run, restarted": async () => {
    await startEndless();
    const waits = twice(tensor(3)).catch((error: unknown) => say(String(error)));
    await setTimeout(100);
    restartRuntime();
    await waits;
    say(await (await twice(tensor(4))).item());
    process.exit(0);
  },
  "a thread that fails": async () => {
    const kept = await twice(tensor(1));
    writeFileSync(process.env["TENON_TEST_CRASH"] ?? "", "");
    while (currentRuntime()) await setTimeout(5);
    await kept.data().catch((error: unknown) => say(String(error)));
    say(await (await twice(tensor(5))).item());
    process.exit(0);
  },
  "training that frees": async () => train(2000, true),
  "training that forgets": async () => train(2000, false),
};

const [, , ending = ""] = process.argv;
await endings[ending]?.();
