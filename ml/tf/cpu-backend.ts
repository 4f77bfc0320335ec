/** @file TensorFlow.js in plain JavaScript. */
import { findPackages, loadTensorFlow, type TensorFlow } from "./packages.ts";
import { useBackend } from "./known-result.ts";

const welcomed = new WeakSet<TensorFlow>();

/** Starts TensorFlow.js in plain JavaScript. @throws {@link PackageMissingError} {@link BackendError} */
export async function startCpu(): Promise<TensorFlow> {
  const [path = ""] = findPackages(["@tensorflow/tfjs"]);
  const tf = loadTensorFlow(path);
  silenceWelcome(tf);
  await useBackend(tf, "cpu");
  return tf;
}

/**
 * The cpu backend advertises another backend when it first holds a tensor. Who comes through here has chosen; let it
 * hold its first one in the mode for production, which says nothing.
 */
export function silenceWelcome(tf: TensorFlow): void {
  if (welcomed.has(tf)) return;
  welcomed.add(tf);
  const cpu = tf.engine().findBackend("cpu");
  if (!(cpu instanceof tf.MathBackendCPU)) return;
  const production = tf.env().getBool("PROD");
  tf.env().set("PROD", true);
  cpu.disposeIntermediateTensorInfo(cpu.makeTensorInfo([1], "float32", new Float32Array(1)));
  tf.env().set("PROD", production);
}
