import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { randn } from "../../../ml/graph/create.ts";
import { lower } from "../../../ml/graph/lower.ts";
import { Tensor } from "../../../ml/graph/tensor.ts";
import { checkpoint } from "../../../ml/graph/transforms/checkpoint.ts";
import { grad, valueAndGrad } from "../../../ml/graph/transforms/grad.ts";
import { vmap } from "../../../ml/graph/transforms/vmap.ts";
import { assertCloseTo } from "../close-to.ts";
import { checkGradients, normals, type Float64 } from "./check-gradients.ts";

async function peakOf(how: string): Promise<{ readonly peak: number; readonly slopes: readonly number[] }> {
  const file = fileURLToPath(new URL("checkpoint-child.ts", import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, ["--import", "tsx", file, how]);
  return JSON.parse(stdout) as { peak: number; slopes: number[] };
}

describe("checkpoint", () => {
  const inner = (x: Float64, w: Float64): Float64 => x.matmul(w).tanh().mul(x.square().sum());

  it("has the gradients of the function, also of what it uses from outside and of what that depends on", async () => {
    await checkGradients(
      (x, w, v) => {
        const outside = x.matmul(v);
        const part = checkpoint((y: Float64) => ({ a: inner(y, w).add(outside), b: y.mul(outside) }));
        const { a, b } = part(outside.add(x));
        return a.mul(b).add(part(a).a);
      },
      [normals([2, 3], 1), normals([3, 3], 2), normals([3, 3], 3)],
    );
  });

  it("in itself, and differentiated twice", async () => {
    const nested = checkpoint((x: Float64) =>
      checkpoint((y: Float64) => y.sigmoid().mul(y))(x.square()).tanh(),
    );
    await checkGradients((x) => grad((y: Float64) => nested(y).sum())(x), [normals([2, 3], 1)]);
  });

  it("writes the function twice: its values are not taken from the first time", () => {
    const count = (layer: (x: Tensor) => Tensor): number => {
      const x = new Tensor(randn([4, 4], { seed: 1 }).value);
      const { value, gradient } = valueAndGrad((y: Tensor) => layer(layer(y)).sum())(x);
      const { model } = lower([], { value: value.value, gradient: gradient.value });
      return model.graph.nodes.filter(({ operator }) => operator === "Tanh").length;
    };
    const layer = (x: Tensor): Tensor => x.tanh().exp();
    assert.equal(count(layer), 2);
    assert.equal(count(checkpoint(layer)), 4);
  });

  it("in a batch", async () => {
    const w = normals([3, 3], 2);
    const plain = (x: Float64): Tensor<readonly []> => inner(x, w).sum();
    const kept = (x: Float64): Tensor<readonly []> => checkpoint((y: Float64) => inner(y, w))(x).sum();
    const x = normals([4, 2, 3], 1);
    const slopes = async (loss: (x: Float64) => Tensor<readonly []>): Promise<number[]> =>
      Array.from(await vmap(grad(loss), { inAxes: 0 })(x).data(), Number);
    const expected = await slopes(plain);
    assertCloseTo(await slopes(kept), expected, 1e-12);
    const whole = grad((all: Float64): Tensor<readonly []> => vmap(kept, { inAxes: 0 })(all).sum());
    assertCloseTo(Array.from(await whole(x).data(), Number), expected, 1e-12);
  });

  it("lowers the peak of memory of a deep stack, whose gradients stay", async function () {
    if (process.platform !== "linux") return this.skip();
    this.timeout(60_000);
    const plain = await peakOf("plain");
    const kept = await peakOf("checkpoint");
    assert.deepEqual(kept.slopes, plain.slopes);
    // Of each of 12 blocks 8 MB of inner values.
    assert.ok(kept.peak < plain.peak - 60, `${kept.peak} MB with checkpoints, ${plain.peak} MB without`);
    return undefined;
  });
});
