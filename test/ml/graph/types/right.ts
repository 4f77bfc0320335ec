// Programs that compile: typed shapes must not stand in the way.
import {
  arange,
  eye,
  fromData,
  full,
  grad,
  jit,
  ones,
  randn,
  tensor,
  valueAndGrad,
  vmap,
  zeros,
  type Shape,
  type Tensor,
} from "../../../../ml/graph/index.ts";
import {
  type BatchOf,
  type Dataset,
  dataset,
  embedding,
  linear,
  relu,
  sequential,
  tanh,
} from "../../../../ml/nn/index.ts";

const seed = { seed: 1 };
const image = randn([32, 784], seed);
const weight = randn([784, 10], seed);

export const created: Tensor<readonly [2, 2], "float32"> = tensor([
  [1, 2],
  [3, 4],
]);
export const scalar: Tensor<readonly [], "float32"> = tensor(3);
export const counted: Tensor<readonly [5], "int64"> = arange(5, "int64");
export const identity: Tensor<readonly [3, 3], "float32"> = eye(3);
export const filled: Tensor<readonly [2, 3], "float32"> = full([2, 3], 7);
export const data: Tensor<readonly [6], "uint8"> = fromData("uint8", new Uint8Array(6), [6]);
export const product: Tensor<readonly [32, 10], "float32"> = image.matmul(weight);
export const broadcastRow: Tensor<readonly [32, 10], "float32"> = product.add(zeros([10]));
export const broadcastColumn: Tensor<readonly [32, 10], "float32"> = product.mul(ones([32, 1]));
export const outer: Tensor<readonly [4, 3], "float32"> = ones([4, 1]).add(ones([3]));
export const withNumber: Tensor<readonly [32, 10], "float32"> = product.div(2).sub(1).pow(2);
export const chained: Tensor<readonly [32, 10], "float32"> = product.tanh().relu().square();
export const total: Tensor<readonly [], "float32"> = product.sum();
export const rows: Tensor<readonly [32], "float32"> = product.sum(1);
export const columns: Tensor<readonly [10], "float32"> = product.mean(0);
export const lastAxis: Tensor<readonly [32], "float32"> = product.max(-1);
export const kept: Tensor<readonly [32, 1], "float32"> = product.max(-1, { keepAxes: true });
export const twoAxes: Tensor<readonly [3], "float32"> = randn([2, 3, 4], seed).sum([0, -1]);
export const turned: Tensor<readonly [10, 32], "float32"> = product.transpose();
export const permuted: Tensor<readonly [4, 2, 3], "float32"> = randn([2, 3, 4], seed).transpose([2, 0, 1]);
export const reshaped: Tensor<readonly [32, 2, 5], "float32"> = product.reshape([32, 2, 5]);
export const remaining: Tensor<readonly [number, 5], "float32"> = product.reshape([-1, 5]);
export const compared: Tensor<readonly [32, 10], "bool"> = product.greater(0);
export const chosen: Tensor<readonly [10], "bool"> = product.greater(0).and(product.notEqual(1).not()).any(0);
export const allOf: Tensor<readonly [32, 1], "bool"> = product
  .less(zeros([10]))
  .xor(compared)
  .all(-1, { keepAxes: true });
export const shares: Tensor<readonly [32, 10], "float32"> = product.softmax(0).add(product.logSoftmax());
export const rowProducts: Tensor<readonly [32], "float32"> = product.prod(1);
export const converted: Tensor<readonly [32, 10], "int64"> = product.cast("int64");
export const batched: Tensor<readonly [8, 4, 16, 16], "float32"> = randn([8, 4, 16, 32], seed).matmul(
  randn([8, 4, 32, 16], seed),
);
export const batchedByMatrix: Tensor<readonly [8, 16, 5], "float32"> = randn([8, 16, 32], seed).matmul(
  randn([32, 5], seed),
);

// What is unknown fits everywhere.
export function unknownShapes(x: Tensor): Tensor {
  return x
    .matmul(weight)
    .add(zeros([10]))
    .sum(1)
    .add(x.mean());
}

// Names stand for sizes that are known later.
export function named(
  x: Tensor<readonly ["batch", 784], "float32">,
): Tensor<readonly ["batch", 10], "float32"> {
  return x.matmul(weight).add(zeros([10]));
}

// Sizes as type parameters, and matrix products among them.
export function projected<B extends number, I extends number, O extends number>(
  x: Tensor<readonly [B, I], "float32">,
  w: Tensor<readonly [I, O], "float32">,
): Tensor<readonly [B, O], "float32"> {
  return x.matmul(w);
}

export function anyRank<S extends Shape>(x: Tensor<S, "float32">): Tensor<S, "float32"> {
  return x.mul(2).tanh();
}

const model = sequential(linear(784, 256), relu(), linear(256, 64), tanh(), linear(64, 10));
const parameters = model.init(1);
export const logits: Tensor<readonly [32, 10], "float32"> = model.apply(parameters, image);
export const firstWeight: Tensor<readonly [784, 256], "float32"> = parameters[0].weight;
export const sequence: Tensor<readonly [32, 7, 5], "float32"> = linear(3, 5).apply(
  linear(3, 5).init(1),
  randn([32, 7, 3], seed),
);
const words = embedding(100, 16);
export const vectors: Tensor<readonly [2, 3, 16], "float32"> = words.apply(
  words.init(1),
  tensor(
    [
      [1, 2, 3],
      [4, 5, 6],
    ],
    "int64",
  ),
);

const loss = (p: typeof parameters): Tensor<readonly [], "float32"> => model.apply(p, image).square().mean();
export const slope: Tensor<readonly [256, 64], "float32"> = grad(loss)(parameters)[2].weight;
export const both: Tensor<readonly [], "float32"> = valueAndGrad(loss)(parameters).value;
export const compiled: Promise<Tensor<readonly [32, 10], "float32">> = jit((x: typeof image) =>
  x.matmul(weight),
)(image);
export function batchOfDataset(
  batch: BatchOf<{ readonly image: Tensor<readonly [60000, 28, 28], "uint8"> }>,
): Tensor<readonly [number, 784], "float32"> {
  return batch.image.cast("float32").div(255).reshape([-1, 784]);
}
export const examples: Dataset<{ readonly x: Tensor<readonly [32, 784], "float32"> }> = dataset({ x: image });

const cubic = (x: Tensor<readonly [], "float32">) => x.pow(3).sub(x.mul(2));
export const slopeOfCubic: Tensor<readonly [], "float32"> = grad(cubic)(tensor(2));
export const slopes: Tensor<readonly [number], "float32"> = vmap(grad(cubic))(ones([5]));
export const numberInside: Tensor<readonly [2], "float32"> = ones([2]).sub(ones([2]).mul(2).add(1));
export const scalarsStretch: Tensor<readonly [4], "float32"> = scalar
  .mul(ones([4]))
  .add(scalar)
  .sub(ones([4]));
