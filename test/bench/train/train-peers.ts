/** @file What is compared, each as it is installed from its registry, with how its process is started. */
import { join } from "node:path";
import { nodePackages } from "../../support/node-packages.ts";
import { pythonEnvironment } from "../../support/python-environment.ts";
import { repositoryRoot } from "../../support/repository.ts";
import type { SubjectCommand } from "./subject-process.ts";

/** The name of a subject; ours first. */
export type SubjectName = "tenon" | "pytorch" | "torch.compile" | "tfjs-wasm" | "tfjs-cpu" | "jax-js";

/** All subjects, in the order in which they take turns. */
export const subjectNames: readonly SubjectName[] = [
  "tenon",
  "pytorch",
  "torch.compile",
  "tfjs-wasm",
  "tfjs-cpu",
  "jax-js",
];

const tfjsVersion = "4.22.0";
const jaxVersion = "0.1.25";

const makers: Readonly<Record<SubjectName, (threads: number) => Promise<SubjectCommand>>> = {
  tenon: async (threads) => ({ argv: node("ours.ts", `${threads}`), env: {} }),
  pytorch: async (threads) => torch("eager", threads),
  "torch.compile": async (threads) => torch("compile", threads),
  "tfjs-wasm": async () => tfjs("wasm"),
  "tfjs-cpu": async () => tfjs("cpu"),
  "jax-js": async () => {
    const folder = await nodePackages("jax-js", { "@jax-js/jax": jaxVersion });
    return { argv: node("jax_peer.mjs", folder, jaxVersion), env: {} };
  },
};

/**
 * How a subject is started, which is installed first where it is not. `threads` is how many it may use; TensorFlow.js
 * and jax-js use one whatever it says.
 */
export function subjectCommand(name: SubjectName, threads: number): Promise<SubjectCommand> {
  return makers[name](threads);
}

function node(file: string, ...rest: readonly string[]): readonly [string, ...string[]] {
  return [process.execPath, "--import", "tsx", join(import.meta.dirname, file), ...rest];
}

async function torch(mode: "eager" | "compile", threads: number): Promise<SubjectCommand> {
  const { python, env } = await pythonEnvironment(
    "bench-train",
    join(import.meta.dirname, "requirements.txt"),
  );
  return {
    argv: [python, join(import.meta.dirname, "torch_peer.py"), mode, `${threads}`],
    env: {
      ...env,
      OMP_NUM_THREADS: `${threads}`,
      PYTHONDONTWRITEBYTECODE: "1",
      // What is compiled is compiled anew, so that its time is told; and by no processes that stay.
      TORCHINDUCTOR_FORCE_DISABLE_CACHES: "1",
      TORCHINDUCTOR_CACHE_DIR: join(repositoryRoot, "build/peers/torchinductor"),
      TORCHINDUCTOR_COMPILE_THREADS: "1",
    },
  };
}

async function tfjs(backend: "wasm" | "cpu"): Promise<SubjectCommand> {
  const folder = await nodePackages("tfjs", {
    "@tensorflow/tfjs": tfjsVersion,
    "@tensorflow/tfjs-backend-wasm": tfjsVersion,
  });
  return { argv: node("tfjs_peer.mjs", folder, backend), env: {} };
}
