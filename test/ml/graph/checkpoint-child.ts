/** @file A process of its own that takes the gradients of a deep stack of blocks and says its peak of memory. */
import { readFileSync } from "node:fs";
import { randn } from "../../../ml/graph/create.ts";
import type { Tensor } from "../../../ml/graph/tensor.ts";
import { checkpoint } from "../../../ml/graph/transforms/checkpoint.ts";
import { grad } from "../../../ml/graph/transforms/grad.ts";
import { jit } from "../../../ml/graph/transforms/jit.ts";

type Block = { readonly up: Tensor; readonly down: Tensor };

const [, , how] = process.argv;
const block = (x: Tensor, { up, down }: Block): Tensor => x.add(x.matmul(up).tanh().matmul(down));
const layer = how === "checkpoint" ? checkpoint(block) : block;
const blocks = Array.from({ length: 12 }, (_, index) => ({
  up: randn([64, 1024], { seed: index }).mul(0.05),
  down: randn([1024, 64], { seed: index + 100 }).mul(0.05),
}));
const loss = (stack: readonly Block[], x: Tensor): Tensor<readonly []> =>
  stack
    .reduce<Tensor>((each, weights) => layer(each, weights), x)
    .square()
    .mean();
const step = jit((stack: readonly Block[], x: Tensor) => grad(loss)(stack, x));
const gradients = await step(blocks, randn([2048, 64], { seed: 7 }));
const [first] = gradients;
const peak = Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync("/proc/self/status", "utf8"))?.[1]) / 1024;
process.stdout.write(
  JSON.stringify({ peak, slopes: Array.from((await first?.up.data()) ?? []).slice(0, 100) }),
);
