/** @file Programs of training as the CPU computes them fast. */
import { decodeOnnx } from "../onnx/decode.ts";
import { encodeOnnx } from "../onnx/encode.ts";
import { withBlockedConvolutions } from "./blocked-convolutions.ts";
import { hasBlockedLayout } from "./blocked-layout.ts";
import { withProductsByRows } from "./cpu-products.ts";

/** The same program, with convolutions as this processor is fast with. */
export async function forCpu(model: Uint8Array): Promise<Uint8Array> {
  const decoded = decodeOnnx(model);
  const blocked = withBlockedConvolutions(decoded);
  const isHere = blocked === decoded || (await hasBlockedLayout());
  const adapted = withProductsByRows(isHere ? blocked : decoded);
  return adapted === decoded ? model : encodeOnnx(adapted);
}
