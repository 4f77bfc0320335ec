/** @file jax-js as a subject of `npm run bench -- train`: `jax_peer.mjs FOLDER VERSION`; a whole step is one program. */
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { LinearCongruential } from "../../support/linear-congruential.ts";
import { models } from "./jax_models.mjs";
import { serveSubject } from "./serve-subject.ts";
import { batches, matrices } from "./training-samples.ts";

const [, , folder, version] = process.argv;
const require = createRequire(join(folder, "package.json"));
const jax = await import(pathToFileURL(require.resolve("@jax-js/jax")).href);
const { numpy: np } = jax;
if (!(await jax.init("wasm")).includes("wasm")) throw new Error("jax-js has no wasm backend here");
jax.defaultDevice("wasm");
const ready = `jax-js ${version}, wasm, jit`;

const [rate, beta1, beta2, epsilon] = [1e-3, 0.9, 0.999, 1e-8];
const shapes = {
  mlp: [128, 1, 28, 28],
  cnn: [64, 1, 28, 28],
  lenet: [128, 1, 28, 28],
  lstm: [50, 64, 64],
};

await serveSubject(async (name) => (name === "matmul" ? product() : training(name)));

async function training(name) {
  const { shapes: parameterShapes, loss } = models(jax)[name];
  const random = new LinearCongruential(3);
  let parameters = parameterShapes.map(({ shape, bound, constant }) => {
    const length = shape.reduce((total, size) => total * size, 1);
    const draw = () => constant ?? bound * (2 * random.uniform() - 1);
    return np.array(Float32Array.from({ length }, draw), { shape });
  });
  let [means, squares] = [parameterShapes, parameterShapes].map((list) =>
    list.map(({ shape }) => np.zeros(shape)),
  );
  const data = batches(name).map(({ x, labels }) =>
    name === "transformer"
      ? [oneHot(x, 65, [16, 128, 65]), oneHot(labels, 65, [16, 128, 65])]
      : [np.array(x, { shape: shapes[name] }), oneHot(labels, 10, [labels.length, 10])],
  );
  const compiled = jax.jit(stepOf(loss));
  let steps = 0;
  const step = async () => {
    const [x, labels] = data[steps++ % data.length];
    const scales = [1 / (1 - beta1 ** steps), 1 / (1 - beta2 ** steps)].map((scale) => np.array(scale));
    let value;
    [value, parameters, means, squares] = compiled(parameters, means, squares, ...scales, x.ref, labels.ref);
    const [number] = await value.data();
    await jax.blockUntilReady(parameters);
    return number;
  };
  const start = performance.now();
  // The first step compiles; it is one of the training.
  await step();
  return { ready, compileSeconds: (performance.now() - start) / 1000, step };
}

/** Loss, gradients and Adam of a loss function. */
function stepOf(loss) {
  return (parameters, means, squares, meanScale, squareScale, x, labels) => {
    const [value, gradients] = jax.valueAndGrad(loss)(
      parameters.map((each) => each.ref),
      x,
      labels,
    );
    const next = parameters.map((parameter, index) => {
      const gradient = gradients[index];
      const mean = means[index].mul(beta1).add(gradient.ref.mul(1 - beta1));
      const square = squares[index].mul(beta2).add(gradient.ref.mul(gradient).mul(1 - beta2));
      const root = np.sqrt(square.ref.mul(squareScale.ref)).add(epsilon);
      const moved = parameter.sub(mean.ref.mul(meanScale.ref).mul(rate).div(root));
      return [moved, mean, square];
    });
    meanScale.dispose();
    squareScale.dispose();
    return [value, ...[0, 1, 2].map((part) => next.map((each) => each[part]))];
  };
}

function oneHot(labels, count, shape) {
  const data = new Float32Array(labels.length * count);
  for (const [row, label] of labels.entries()) data[row * count + label] = 1;
  return np.array(data, { shape });
}

async function product() {
  const [a, b] = matrices().map((matrix) => np.array(matrix, { shape: [1024, 1024] }));
  const multiply = jax.jit((left, right) => np.matmul(left, right));
  let last = multiply(a.ref, b.ref);
  const step = async () => {
    last.dispose();
    last = multiply(a.ref, b.ref);
    await last.blockUntilReady();
  };
  const result = () => {
    const data = last.ref.dataSync();
    return data.reduce((total, each) => total + each, 0) / data.length;
  };
  return { ready, compileSeconds: 0, step, result };
}
