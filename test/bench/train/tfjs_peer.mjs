/** @file TensorFlow.js as a subject of `npm run bench -- train`: `tfjs_peer.mjs FOLDER wasm|cpu`, as it is shipped. */
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { LinearCongruential } from "../../support/linear-congruential.ts";
import { serveSubject } from "./serve-subject.ts";
import { models } from "./tfjs_models.mjs";
import { batches, matrices } from "./training-samples.ts";

const [, , folder, backend] = process.argv;
const require = createRequire(join(folder, "package.json"));
const tf = require("@tensorflow/tfjs");
if (backend === "wasm") {
  const wasm = require("@tensorflow/tfjs-backend-wasm");
  tf.env().set("WASM_HAS_MULTITHREAD_SUPPORT", false);
  wasm.setWasmPaths(`${dirname(require.resolve("@tensorflow/tfjs-backend-wasm"))}/`);
}
await tf.setBackend(backend);
if (tf.getBackend() !== backend) throw new Error(`TensorFlow.js has no backend "${backend}" here`);
const ready = `TensorFlow.js ${tf.version.tfjs}, ${backend}`;

const shapes = {
  mlp: [-1, 28, 28, 1],
  cnn: [-1, 28, 28, 1],
  lenet: [-1, 28, 28, 1],
  lstm: [50, 64, 64],
};

await serveSubject(async (name) => {
  if (name === "matmul") return product();
  const random = new LinearCongruential(3);
  const loss = models(tf, () => 2 * random.uniform() - 1)[name]();
  const classes = name === "transformer" ? 65 : 10;
  const data = batches(name).map(({ x, labels }) => [
    name === "transformer"
      ? tf.oneHot(tf.tensor1d(x, "int32"), classes).toFloat()
      : tf.tensor(x, [x.length]).reshape(shapes[name]),
    tf.oneHot(tf.tensor1d(labels, "int32"), classes).toFloat(),
  ]);
  const optimizer = tf.train.adam(1e-3);
  let steps = 0;
  const step = () => {
    const [x, labels] = data[steps++ % data.length];
    const value = optimizer.minimize(() => loss(x, labels), true);
    const [number] = value.dataSync();
    value.dispose();
    return number;
  };
  return { ready, compileSeconds: 0, step };
});

function product() {
  const [a, b] = matrices().map((matrix) => tf.tensor(matrix, [1024, 1024]));
  let last;
  const step = () => {
    last?.dispose();
    last = tf.matMul(a, b);
  };
  return { ready, compileSeconds: 0, step, result: () => mean(last.dataSync()) };
}

function mean(numbers) {
  return numbers.reduce((total, each) => total + each, 0) / numbers.length;
}
