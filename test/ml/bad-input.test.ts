/**
 * @file What is wrong is refused by a named error that says what it is, leaves nothing behind, and the next computation
 * works. Cells are not always type-checked: most of these would not compile with their types.
 */
import assert from "node:assert/strict";
import {
  conv2d,
  crossEntropy,
  embedding,
  fromData,
  GraphError,
  jit,
  providers,
  randn,
  restartRuntime,
  runtimeContents,
  RuntimeError,
  tensor,
  Tensor,
  useProvider,
  zeros,
} from "../../ml/graph/index.ts";
import { InvalidInputError } from "../../ml/errors.ts";
import { adam, dataset, fit, linear, stream, type FitSettings } from "../../ml/nn/index.ts";

/** Something as a program without types has it. */
// SAFETY: there is none: what is wrong must be refused when it runs.
const untyped = (value: unknown): never => value as never;
const any = (value: unknown): Tensor => untyped(value);

type Kind = typeof GraphError | typeof RuntimeError | typeof InvalidInputError;
type Case = readonly [name: string, kind: Kind, message: RegExp, use: () => unknown];

const here = String.raw`applied at test.ml.bad-input\.test\.ts:\d+:\d+, failed`;
const integers = (...numbers: readonly number[]): Tensor<readonly [number], "int64"> =>
  fromData("int64", BigInt64Array.from(numbers, BigInt), [numbers.length]);
const x = randn([8, 3], { seed: 1 });

/** Runs cases; each must leave the runtime with what it held, and working. */
function refuses(cases: readonly Case[]): void {
  for (const [name, kind, message, use] of cases)
    it(name, async () => {
      const before = await runtimeContents();
      await assert.rejects(
        async () => use(),
        (error) => {
          assert.ok(error instanceof kind, String(error));
          assert.match(error.message, message);
          return true;
        },
      );
      const { tensors, trainings, datasets } = await runtimeContents();
      assert.deepEqual({ ...before, tensors, trainings, datasets }, before);
      assert.equal(await tensor([1, 2]).add(1).sum().item(), 5);
    });
}

describe("tensors refuse", () => {
  const floats = fromData("float32", new Float32Array(4), [4]);
  const lost = fromData("float32", new Float32Array(4), [4]);
  refuses([
    [
      "text and numbers together",
      GraphError,
      /Add: float32 \[2\] and string \[2\] differ/,
      () => any(tensor([1, 2])).add(any(tensor(["a", "b"], "string"))),
    ],
    [
      "integers and floats together",
      GraphError,
      /differ in element type/,
      () => any(tensor([1])).add(any(integers(1))),
    ],
    [
      "matrices that do not fit",
      GraphError,
      /\[2, 3\] and \[4, 5\] do not fit/,
      () => any(zeros([2, 3])).matmul(any(zeros([4, 5]))),
    ],
    [
      "an array of another type",
      GraphError,
      /float32 are held in a Float32Array, not in a Float64Array/,
      () => fromData("float32", untyped(new Float64Array(4)), [4]),
    ],
    ["a plain array as data", GraphError, /not in an array/, () => fromData("float32", untyped([1, 2]), [2])],
    [
      "data of another length",
      GraphError,
      /\[2, 2\] has 4 elements, not 3/,
      () => fromData("float32", new Float32Array(3), [2, 2]),
    ],
    ["sizes below 0", GraphError, /\[-1, 2\] is no shape/, () => zeros([-1, 2])],
    ["sizes that are not whole", GraphError, /\[1\.5, 2\] is no shape/, () => zeros([1.5, 2])],
    ["arrays of unequal lengths", GraphError, /differ in length/, () => tensor([[1, 2], [3]])],
    [
      "text among numbers",
      GraphError,
      /a string is no element of a tensor of float32/,
      () => tensor(untyped([1, "2"])),
    ],
    ["nothing", GraphError, /undefined is no element/, () => tensor(untyped(undefined))],
    ["the mean of nothing", GraphError, /mean: \[0, 3\] has no elements/, () => zeros([0, 3]).mean()],
    ["the largest of nothing", GraphError, /max: \[0, 3\] has no elements/, () => zeros([0, 3]).max([0])],
    [
      "a loss over an empty batch",
      GraphError,
      /has no elements/,
      () => crossEntropy(zeros([0, 3]), untyped(integers())),
    ],
    ["an image of too few axes", GraphError, /./, () => conv2d(untyped(zeros([4, 4])), zeros([2, 4, 3, 3]))],
    [
      "classes that there are not",
      RuntimeError,
      new RegExp(`^GatherElements of float32 \\[8, 3\\] and int64 \\[8, 1\\], ${here}: .*[Oo]ut of range`),
      () => crossEntropy(any(x), any(integers(0, 1, 2, 3, 0, 1, 2, 0))).data(),
    ],
    [
      "classes below 0",
      RuntimeError,
      new RegExp(here),
      () => crossEntropy(any(x), any(integers(0, 1, 2, -1, 0, 1, 2, 0))).data(),
    ],
    [
      "tokens that there are not",
      RuntimeError,
      new RegExp(`^Gather of float32 \\[8, 3\\] and int64 \\[2\\], ${here}: .*idx=8`),
      () => embedding(x, integers(1, 8)).data(),
    ],
    [
      "an array that was given away",
      RuntimeError,
      /can't be sent/,
      async () => {
        const array = new Float32Array(100);
        const sum = jit((value: Tensor) => value.add(1));
        const given = fromData("float32", array, [100]);
        structuredClone(array.buffer, { transfer: [array.buffer] });
        await sum(given);
      },
    ],
    [
      "an array that was given away, in a program's own data",
      GraphError,
      /the array of a tensor \[4\] has changed since it was made: it has 0 elements/,
      async () => {
        const array = new Float32Array(4);
        const sum = fromData("float32", array, [4]).add(1);
        structuredClone(array.buffer, { transfer: [array.buffer] });
        await sum.data();
      },
    ],
    [
      "more memory than there is",
      RuntimeError,
      new RegExp(`^Expand of .* ${here}: Failed to allocate memory`),
      () =>
        tensor([1])
          .broadcastTo([2 ** 20, 2 ** 20])
          .add(1)
          .data(),
    ],
    [
      "a compiled function of a number",
      GraphError,
      /"0" is a number, not a tensor/,
      () => jit((value: Tensor) => value.add(1))(untyped(3)),
    ],
    [
      "a compiled function that is async",
      GraphError,
      /a promise/,
      () => jit(untyped(async (value: Tensor) => value))(floats),
    ],
    [
      "a compiled function that gives nothing",
      GraphError,
      /is undefined/,
      () => jit(untyped(() => undefined))(floats),
    ],
    [
      "a compiled function that gives an empty object",
      GraphError,
      /gives no tensor/,
      () => jit(() => ({}))(),
    ],
    [
      "what a compiled function kept and was freed",
      RuntimeError,
      /used after it was freed/,
      async () => {
        const kept = await jit((value: Tensor) => value.add(1))(lost);
        kept[Symbol.dispose]();
        await kept.data();
      },
    ],
  ]);
});

describe("fit refuses", () => {
  const line = linear(3, 2);
  const rows = { x, y: integers(0, 1, 0, 1, 0, 1, 0, 1) };
  type Settings = FitSettings<ReturnType<typeof line.init>, typeof rows>;
  const settings: Settings = {
    parameters: line.init(1),
    loss: (parameters, batch) => crossEntropy(line.apply(parameters, batch.x), batch.y),
    data: dataset(rows),
    optimizer: adam(),
    learningRate: 0.1,
    epochs: 1,
    batchSize: 4,
  };
  const fitting = (changes: { readonly [Name in keyof Settings]?: unknown }) => (): unknown =>
    fit(untyped({ ...settings, ...changes }));
  const streamed = (...batches: readonly unknown[]): unknown =>
    stream({ batches: batches.length, open: () => untyped(batches) });
  refuses([
    [
      "a class that there is not",
      RuntimeError,
      new RegExp(`${here}: indices element out of data bounds, idx=7`),
      fitting({ data: dataset({ x, y: integers(0, 1, 0, 7, 0, 1, 0, 1) }) }),
    ],
    [
      "a class below 0",
      RuntimeError,
      new RegExp(here),
      fitting({ data: dataset({ x, y: integers(0, 1, 0, -1, 0, 1, 0, 1) }) }),
    ],
    [
      "a loss that gives nothing",
      GraphError,
      /the loss function gave undefined: it must give a scalar tensor/,
      fitting({ loss: () => undefined }),
    ],
    ["a loss that gives a number", GraphError, /the loss function gave a number/, fitting({ loss: () => 3 })],
    [
      "a loss that is async",
      GraphError,
      /the loss function gave a promise/,
      fitting({ loss: async () => tensor(1) }),
    ],
    [
      "a metric that is a number",
      GraphError,
      /the metric "accuracy" must be a scalar tensor, not a number/,
      fitting({
        loss: (p: never, b: never) => ({ loss: settings.loss(p, b, untyped(undefined)), accuracy: 1 }),
      }),
    ],
    [
      "a loss of integers",
      GraphError,
      /int64 has no gradient/,
      fitting({ loss: (_: unknown, batch: { readonly y: Tensor }) => batch.y.sum() }),
    ],
    [
      "a loss that wants more memory than there is",
      RuntimeError,
      new RegExp(`^Expand of .* ${here}: Failed to allocate memory`),
      fitting({
        loss: (p: { readonly bias: Tensor }) =>
          p.bias
            .broadcastTo([2 ** 20, 2 ** 19, 2])
            .exp()
            .mean(),
      }),
    ],
    [
      "no data",
      InvalidInputError,
      /data is undefined: make it by dataset\(\) or stream\(\)/,
      fitting({ data: undefined }),
    ],
    ["rows that are no dataset", InvalidInputError, /data is an object: make it by/, fitting({ data: rows })],
    ["no parameters", InvalidInputError, /no parameters/, fitting({ parameters: {} })],
    [
      "a parameter that is a number",
      GraphError,
      /"a" is a number, not a tensor/,
      fitting({ parameters: { a: 1 } }),
    ],
    [
      "a parameter of float64",
      GraphError,
      /"a" is float64: only float32 is trained/,
      fitting({ parameters: { a: zeros([2], "float64") }, loss: (p: { readonly a: Tensor }) => p.a.mean() }),
    ],
    ["no optimizer", InvalidInputError, /optimizer is undefined/, fitting({ optimizer: undefined })],
    [
      "an optimizer that there is not",
      InvalidInputError,
      /no optimizer of kind "adma"/,
      fitting({ optimizer: { kind: "adma" } }),
    ],
    [
      "a decay out of its range",
      InvalidInputError,
      /betas\[0\] must be a number from 0 up and below 1, not 2/,
      () => fitting({ optimizer: adam({ betas: [2, 0.9] }) })(),
    ],
    [
      "a learning rate of NaN",
      InvalidInputError,
      /from 0 up, not NaN/,
      fitting({ learningRate: Number.NaN }),
    ],
    [
      "no learning rate",
      InvalidInputError,
      /learningRate is undefined/,
      fitting({ learningRate: undefined }),
    ],
    [
      "a schedule that there is not",
      InvalidInputError,
      /no schedule of kind "square"/,
      fitting({ learningRate: { kind: "square", rate: 1 } }),
    ],
    ["a norm to clip to below 0", InvalidInputError, /maxNorm/, fitting({ clipping: { maxNorm: -1 } })],
    [
      "validation rows of other columns",
      InvalidInputError,
      /the validation rows have "z" where the data have "x", "y"/,
      fitting({ validation: dataset({ z: x }) }),
    ],
    [
      "validation rows of another width",
      GraphError,
      /\[4, 4\] and \[3, 2\] do not fit/,
      fitting({ validation: dataset({ ...rows, x: randn([8, 4], { seed: 1 }) }) }),
    ],
    ["a stream of numbers", GraphError, /is a number, not a tensor/, fitting({ data: streamed(3) })],
    [
      "a stream that is none",
      InvalidInputError,
      /open\(\) gave a number/,
      fitting({ data: stream({ batches: 1, open: () => untyped(3) }) }),
    ],
    [
      "a stream's empty batch",
      InvalidInputError,
      /has no rows/,
      fitting({ data: streamed({ x: zeros([0, 3]), y: integers() }) }),
    ],
    [
      "a stream whose width changes",
      GraphError,
      /\[8, 4\] and \[3, 2\] do not fit/,
      fitting({ data: streamed(rows, { ...rows, x: randn([8, 4], { seed: 1 }) }) }),
    ],
    [
      "a stream whose element type changes",
      GraphError,
      /differ in element type/,
      fitting({ data: streamed(rows, { ...rows, x: zeros([8, 3], "float64") }) }),
    ],
    [
      "a dataset whose array was given away",
      InvalidInputError,
      /the array of "x" has changed .* 0 elements in place of 24/,
      () => {
        const array = new Float32Array(24);
        const data = dataset({ ...rows, x: fromData("float32", array, [8, 3]) });
        structuredClone(array.buffer, { transfer: [array.buffer] });
        return fitting({ data })();
      },
    ],
  ]);

  it("goes on where onEpoch and streams throw, with their errors", async () => {
    const before = await runtimeContents();
    const mine = new Error("mine");
    const fail = (): never => {
      throw mine;
    };
    for (const changes of [
      { onEpoch: fail },
      {
        data: stream({
          batches: 2,
          open: () =>
            (function* () {
              yield rows;
              fail();
            })(),
        }),
      },
      { loss: fail },
    ])
      await assert.rejects(
        async () => fitting(changes)(),
        (error) => error === mine,
      );
    const { trainings, datasets } = await runtimeContents();
    assert.deepEqual({ trainings, datasets }, { trainings: before.trainings, datasets: before.datasets });
    await fit(settings);
  });

  it("a runtime that is given up in the middle: its error, and the next fit works", async () => {
    const long = fit({
      ...settings,
      epochs: 1_000_000,
      onEpoch: ({ epoch }) => (epoch === 3 ? restartRuntime() : undefined),
    });
    await assert.rejects(
      long,
      (error) => error instanceof RuntimeError && /was restarted/.test(error.message),
    );
    assert.equal((await fit(settings)).history.length, 1);
  });

  it("a provider that the machine has not", async function () {
    const missing = (await providers()).find(({ works }) => !works)?.provider;
    if (missing === undefined) return this.skip();
    useProvider(missing);
    try {
      await assert.rejects(fit(settings), RuntimeError);
      await assert.rejects(tensor([1]).add(41).data(), RuntimeError);
      const { trainings, datasets, tensors } = await runtimeContents();
      assert.deepEqual({ trainings, datasets, tensors }, { trainings: 0, datasets: 0, tensors: 0 });
    } finally {
      useProvider("cpu");
    }
    assert.equal((await fit(settings)).history.length, 1);
  });
});
