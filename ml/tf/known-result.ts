/** @file A computation whose value and gradient are known: what a backend must get right before it is used. */
import { BackendError } from "./errors.ts";
import { firstLine, type TensorFlow } from "./packages.ts";

// The WebGPU backend leaves tensors of up to 1000 elements to the processor.
const size = 64;

/**
 * Makes a registered backend the current one and lets it compute sum(relu(x·w)) and its gradient by w, for x[i, k] = k
 * and w[k, j] = 1 in even columns, -1 in odd ones: the sum is n·(n/2)·(0 + 1 + … + n-1), the gradient n·k in even columns
 * and 0 in odd ones.
 *
 * @throws {@link BackendError} when the backend does not start, fails, or gives other numbers
 */
export async function useBackend(tf: TensorFlow, name: string): Promise<void> {
  const before = tf.engine().backendName;
  try {
    if (!(await tf.setBackend(name))) throw new BackendError(`the backend "${name}" does not start`);
    await assertKnownResult(tf);
  } catch (error) {
    if (before) await tf.setBackend(before);
    if (error instanceof BackendError) throw error;
    throw new BackendError(`the backend "${name}" fails: ${firstLine(error)}`, { cause: error });
  }
}

async function assertKnownResult(tf: TensorFlow): Promise<void> {
  const { value, grad } = tf.tidy(() => {
    const cells = Array.from({ length: size * size }, (_, index) => index % size);
    const x = tf.tensor2d(cells, [size, size]);
    const w = tf.tensor2d(
      cells.map((column) => (column % 2 === 0 ? 1 : -1)),
      [size, size],
    );
    return tf.valueAndGrad((weights) => x.matMul(weights).relu().sum())(w);
  });
  try {
    const [sum] = await value.data();
    const gradient = await grad.data();
    const right =
      sum === (size * (size / 2) * size * (size - 1)) / 2 &&
      gradient.every((element, index) => element === (index % 2 === 0 ? size * Math.floor(index / size) : 0));
    if (!right) throw new BackendError(`the backend "${tf.getBackend()}" computes wrong numbers`);
  } finally {
    tf.dispose([value, grad]);
  }
}
