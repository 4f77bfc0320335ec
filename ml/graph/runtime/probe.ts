/** @file Finds what of a step is not finite, by looking at everything that it computes. */
import type { Tensor as OrtTensor } from "onnxruntime-node";
import { fetchFromDevice } from "./device-copy.ts";
import type { Session } from "./session.ts";
import type { TensorData } from "./tensor-data.ts";
import type { NotFinite, NotFiniteNumber, PlannedProbe } from "./training-protocol.ts";

/** Bytes of outputs that are held at once: what a step computes altogether may be more than there is memory for. */
const bytesAtOnce = 64 * 2 ** 20;

/**
 * The inputs and outputs that hold NaN or an infinity, inputs first, each in its order. Where some of the outputs are more
 * than are held at once, the program runs again for the next.
 */
export async function findNotFinite(
  session: Session,
  feeds: Readonly<Record<string, OrtTensor>>,
  outputs: PlannedProbe["outputs"],
): Promise<readonly NotFinite[]> {
  const found: NotFinite[] = [];
  const look = async (name: string, tensor: OrtTensor): Promise<void> => {
    const first = firstNotFinite(await fetchFromDevice(tensor));
    if (first) found.push({ name, ...first });
  };
  for (const { name } of session.inputs) {
    const tensor = feeds[name];
    if (tensor) await look(name, tensor);
  }
  for (let start = 0; start < outputs.length;) {
    let end = start;
    for (let bytes = 0; end < outputs.length; end++) {
      bytes += outputs[end]?.bytes ?? 0;
      if (end > start && bytes > bytesAtOnce) break;
    }
    const names = outputs.slice(start, end).map(({ name }) => name);
    const results = await session.runTensors(feeds, Object.fromEntries(names.map((name) => [name, null])));
    for (const name of names) {
      const tensor = results[name];
      if (tensor) await look(name, tensor);
    }
    start = end;
  }
  return found;
}

function firstNotFinite({ dtype, data }: TensorData): Omit<NotFinite, "name"> | undefined {
  if (dtype === "float16") return firstNotFiniteHalf(data);
  if (dtype !== "float32" && dtype !== "float64") return undefined;
  let infinite: Omit<NotFinite, "name"> | undefined;
  for (let position = 0; position < data.length; position++) {
    const value = data[position] ?? 0;
    if (Number.isFinite(value)) continue;
    if (Number.isNaN(value)) return { holds: "NaN", position };
    infinite ??= { holds: infinity(value < 0), position };
  }
  return infinite;
}

/** A half is not finite where all bits of its exponent are set, and then no number where any is of its fraction. */
function firstNotFiniteHalf(bits: Uint16Array): Omit<NotFinite, "name"> | undefined {
  let infinite: Omit<NotFinite, "name"> | undefined;
  for (let position = 0; position < bits.length; position++) {
    const value = bits[position] ?? 0;
    if ((value & 0x7c00) !== 0x7c00) continue;
    if ((value & 0x3ff) !== 0) return { holds: "NaN", position };
    infinite ??= { holds: infinity((value & 0x8000) !== 0), position };
  }
  return infinite;
}

function infinity(isNegative: boolean): NotFiniteNumber {
  return isNegative ? "-Infinity" : "Infinity";
}
