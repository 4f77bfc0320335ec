/**
 * @file Whether ONNX Runtime's blocked layout of images is here, with blocks of 16 channels.
 *
 * On the CPU ONNX Runtime computes convolutions fastest with channels in blocks of as many as fit a vector register
 * (`onnxruntime/core/mlas/lib/reorder.cpp`), by operators of its own: 16 with AVX-512, 8 with AVX, none elsewhere. It
 * changes to it by itself where weights are constants, which in training they are not.
 */
import { encodeOnnx } from "../onnx/encode.ts";
import { Session } from "./session.ts";

/** The domain of the operators on blocked images. */
export const blockedDomain = "com.microsoft.nchwc";

/** Channels in a block. */
export const blockSize = 16;

let found: Promise<boolean> | undefined;

/** Tries it, once in a process. */
export async function hasBlockedLayout(): Promise<boolean> {
  return await (found ??= tryLayout().catch(() => false));
}

async function tryLayout(): Promise<boolean> {
  const shape = [1, 2 * blockSize, 1, 2];
  const value = (name: string) => ({ name, dtype: "float32", shape }) as const;
  const model = encodeOnnx({
    irVersion: 8,
    producer: "tenon",
    documentation: "",
    opsets: { "": 17, [blockedDomain]: 1 },
    metadata: {},
    graph: {
      name: "main",
      nodes: [
        {
          name: "",
          operator: "ReorderInput",
          domain: blockedDomain,
          inputs: ["image"],
          outputs: ["blocked"],
          attributes: {},
        },
      ],
      inputs: [value("image")],
      outputs: [value("blocked")],
      initializers: [],
    },
  });
  // The first session of a process says for all whether the smallest numbers count as 0.
  await using session = await Session.create(model, { flushDenormals: true });
  const data = Float32Array.from({ length: 4 * blockSize }, (_, index) => index);
  const { blocked } = await session.run({ image: { dtype: "float32", data, shape } }, { blocked: null });
  // The first positions of all channels of a block, before the second ones.
  return (
    blocked?.dtype === "float32" &&
    blocked.data.every((each, index) => {
      const channel = Math.floor(index / (2 * blockSize)) * blockSize + (index % blockSize);
      return each === 2 * channel + (Math.floor(index / blockSize) % 2);
    })
  );
}
