// Mistakes that must not compile. The line after each comment has the one error that the comment tells of.
import {
  eye,
  fromData,
  grad,
  jit,
  ones,
  randn,
  tensor,
  zeros,
  type Tensor,
} from "../../../../ml/graph/index.ts";
import { embedding, linear, relu, sequential } from "../../../../ml/nn/index.ts";

const seed = { seed: 1 };
const image = randn([32, 784], seed);
const weight = randn([784, 10], seed);
const whole = tensor([1, 2], "int64");
const model = sequential(linear(784, 256), relu(), linear(256, 10));
const parameters = model.init(1);

// '100' is not assignable to type '784'
image.matmul(randn([100, 10], seed));
// '10' is not assignable to type '784'
image.matmul(weight.transpose());
// '"int64"' is not assignable to type '"float32"'
image.matmul(zeros([784, 10], "int64"));
// '32' is not assignable to type '16'
randn([8, 16, 16], seed).matmul(randn([8, 32, 4], seed));
// cannot broadcast [32, 784] with [64]: 784 against 64
image.add(zeros([64]));
// cannot broadcast [32, 784] with [10, 784]: 32 against 10
image.sub(zeros([10, 784]));
// cannot broadcast [2, 3, 4] with [2, 1]: 3 against 2
ones([2, 3, 4]).mul(ones([2, 1]));
// cannot broadcast [32, 784] with [784, 32]: 784 against 32
image.div(image.transpose());
// cannot broadcast [2] with [3]: 2 against 3
ones([2]).greater(ones([3]));
// '"int64"' is not assignable to type '"float32"'
ones([2]).add(whole);
// '"float32"' is not assignable to type '"int64"'
whole.mul(ones([2]));
// there is no axis 2 in [32, 784]
image.sum(2);
// there is no axis -3 in [32, 784]
image.mean(-3);
// there is no axis 5 in [32, 784]
image.max([0, 5]);
// there is no axis 2 in [32, 784]
image.logSoftmax(2);
// '"float32"' is not assignable to type '"bool"'
image.not();
// '"float32"' is not assignable to type '"bool"'
image.greater(0).and(image);
// cannot broadcast [32, 784] with [64]: 784 against 64
image.greater(0).or(zeros([64], "bool"));
// '"rows"' is not assignable to parameter of type 'Axes'
image.sum("rows");
// '"float31"' is not assignable
image.cast("float31");
// 'number' is not assignable to parameter of type 'Shape'
image.reshape(784);
// 'boolean' is not assignable to type 'Dimension'
image.reshape([32, true]);
// '784' is not assignable to type '10'
export const wrongResult: Tensor<readonly [32, 10], "float32"> = image;
// 'readonly [784]' is not assignable to type 'readonly [32, 784]'
export const wrongRank: Tensor<readonly [32, 784], "float32"> = image.sum(0);
// 'readonly [784]' is not assignable to type 'readonly [32]'
export const wrongAxis: Tensor<readonly [32], "float32"> = image.sum(0);
// 'Float32Array<ArrayBuffer>' is not assignable to parameter of type 'Uint8Array
fromData("uint8", new Float32Array(4), [4]);
// 'string' is not assignable to type 'number'
zeros(["batch", 3]);
// 'string' is not assignable to parameter of type 'number'
eye("3");
// '700' is not assignable to type '784'
model.apply(parameters, randn([32, 700], seed));
// this layer takes [255], but what comes before it gives [256]
sequential(linear(784, 256), relu(), linear(255, 10));
// this isn't a layer from one float32 tensor to another: apply it by itself, an embedding before the row
sequential(embedding(10, 4), linear(4, 10));
// Property 'wieght' does not exist
export const misspelt = parameters[0].wieght.sum();
// '"float32"' is not assignable to type '"int32" | "int64"'
embedding(10, 4).apply(embedding(10, 4).init(1), ones([3]));
// 'readonly [32, 10]' is not assignable to type 'readonly []'
grad((w: typeof weight) => image.matmul(w))(weight);
// '100' is not assignable to type '784'
void jit((x: typeof image) => x.sum(1))(randn([32, 100], seed));
// 'readonly [784, 10]' is not assignable to type 'readonly [784, 256]'
linear(784, 256).apply({ weight, bias: zeros([256]) }, image);
