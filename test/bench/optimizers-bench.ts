/** @file `npm run bench -- optimizers --python PYTHON`: a step of Adam against PyTorch's, one thread each, in turns. */
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import * as v from "valibot";
import { adam, OptimizerState } from "../../ml/graph/optimizers/index.ts";
import { Random } from "../../ml/random.ts";
import { median } from "./statistics.ts";

/** Nanoseconds a parameter and step, and how many times as fast as the peer ours is. */
export interface OptimizerRow {
  readonly bench: "optimizers";
  readonly case: string;
  readonly peer: string;
  readonly ours: number;
  readonly theirs: number;
  readonly unit: "ns per parameter";
  readonly ratio: number;
}

const models: Readonly<Record<string, readonly (readonly number[])[]>> = {
  "MLP 784-256-128-10": [[784, 256], [256], [256, 128], [128], [128, 10], [10]],
  "8 matrices of 1024 x 512": Array.from({ length: 8 }, () => [1024, 512]),
};
const torchSchema = v.object({ version: v.string(), foreach: v.number(), fused: v.number() });

/** Medians of the rounds' medians. Ours includes the gradients' norm and the search for NaN, PyTorch's does not. */
export function measureOptimizers(python: string, rounds: number, steps: number): OptimizerRow[] {
  return Object.entries(models).flatMap(([model, shapes]) => {
    const count = shapes.reduce((sum, shape) => sum + shape.reduce((product, size) => product * size, 1), 0);
    const results = Array.from({ length: rounds }, () => ({
      ours: ourStep(shapes, steps),
      torch: torchStep(python, shapes, steps),
    }));
    const nanoseconds = (seconds: readonly number[]): number => (median(seconds) * 1e9) / count;
    const ours = nanoseconds(results.map((result) => result.ours));
    return (["foreach", "fused"] as const).map((implementation) => {
      const theirs = nanoseconds(results.map(({ torch }) => torch[implementation]));
      return {
        bench: "optimizers",
        case: `Adam, ${model}`,
        peer: `PyTorch ${results[0]?.torch.version}, ${implementation}`,
        ours,
        theirs,
        unit: "ns per parameter",
        ratio: theirs / ours,
      };
    });
  });
}

function ourStep(shapes: readonly (readonly number[])[], steps: number): number {
  const random = new Random(1);
  const specs = shapes.map((shape, at) => ({ name: `p${at}`, shape, decay: true }));
  const state = new OptimizerState(specs, adam());
  for (const values of state.parameters) values.forEach((_, at) => (values[at] = random.normal()));
  for (const values of state.gradients) values.forEach((_, at) => (values[at] = 0.1 * random.normal()));
  const seconds = Array.from({ length: steps }, () => {
    const started = performance.now();
    state.step(1e-3);
    return (performance.now() - started) / 1000;
  });
  return median(seconds);
}

function torchStep(
  python: string,
  shapes: readonly (readonly number[])[],
  steps: number,
): v.InferOutput<typeof torchSchema> {
  const script = fileURLToPath(new URL("./adam-by-torch.py", import.meta.url));
  const output = execFileSync(python, [script, JSON.stringify(shapes), String(steps)], { encoding: "utf8" });
  return v.parse(torchSchema, JSON.parse(output));
}
