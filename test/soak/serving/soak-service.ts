/** @file `tenon serve` with two workers, API keys and a model of several versions, whose right answers are known. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout } from "node:timers/promises";
import { tensor } from "../../../ml/graph/create.ts";
import { type Tensor, toOnnx } from "../../../ml/graph/index.ts";
import { type ModelSignature, writeModel } from "../../../ml/package/index.ts";
import { apiKeysText, makeApiKey } from "../../../ml/serve/security/api-keys.ts";
import { freePort } from "../../interop/served-model.ts";
import { weights } from "../../ml/serve/matrix-model.ts";
import { repositoryRoot } from "../../support/repository.ts";

export const columns = 32;
export const outputs = 3;
/** The largest body that the service takes. */
export const largestBody = 2 ** 20;

const signature: ModelSignature = {
  inputs: [{ name: "x", type: "float32", dtype: "float32", required: true, shape: [columns] }],
  outputs: [{ name: "y", type: "float32", shape: [outputs] }],
};

/** What a version of the model must answer for rows: `tanh(x · w)` with the version's own weights. */
export function rightAnswer(version: number, rows: Float32Array): Float32Array {
  const matrix = weights(columns, outputs, version);
  const count = rows.length / columns;
  return Float32Array.from({ length: count * outputs }, (_, at) => {
    const [row, column] = [Math.floor(at / outputs), at % outputs];
    let sum = 0;
    for (let from = 0; from < columns; from++)
      sum += (rows[row * columns + from] ?? 0) * (matrix[from]?.[column] ?? 0);
    return Math.tanh(sum);
  });
}

/** The service. */
export interface SoakService {
  readonly url: string;
  readonly port: number;
  /** A key that may do everything. */
  readonly key: string;
  /** The supervisor's process. */
  readonly pid: number;
  readonly log: () => string;
  /** The processes of the workers that answer and aren't being replaced. */
  answering(): readonly number[];
  /** Adds a version, or takes its place with the same content. */
  putVersion(version: number): Promise<void>;
  removeVersion(version: number): void;
  stop(): Promise<void>;
}

/** Starts the service in a folder, with versions 1 and 2. */
export async function startSoakService(folder: string): Promise<SoakService> {
  const models = join(folder, "models");
  mkdirSync(join(models, "soak"), { recursive: true });
  let written = 0;
  const putVersion = async (version: number): Promise<void> => {
    const matrix = tensor(weights(columns, outputs, version));
    const x = { dtype: "float32", shape: ["rows", columns] } as const;
    const onnx = toOnnx(({ x }: { readonly x: Tensor }) => ({ y: x.matmul(matrix).tanh() }), { x });
    // Beside the models, and moved there whole.
    const fresh = join(folder, `fresh-${written++}`);
    await writeModel(fresh, { onnx, signature });
    const place = join(models, "soak", String(version));
    rmSync(place, { recursive: true, force: true });
    renameSync(fresh, place);
  };
  await putVersion(1);
  await putVersion(2);
  const { key, record } = makeApiKey({
    name: "soak",
    grants: [{ models: ["*"], verbs: ["infer", "read", "admin"] }],
  });
  writeFileSync(join(folder, "keys.json"), apiKeysText([record]));
  const config = join(folder, "config.json");
  writeFileSync(config, JSON.stringify({ security: { keys: "keys.json" }, trafficRules: "rules.json" }));
  const port = await freePort();
  const program = join(repositoryRoot, "dist/cli/main.js");
  const options = ["--workers", "2", "--port", String(port), "--config", config, "--reload", "500"];
  const child = spawn(
    process.execPath,
    [program, "serve", models, ...options, "--max-body", String(largestBody)],
    {
      stdio: ["ignore", "ignore", "pipe"],
      detached: true,
    },
  );
  const { pid } = child;
  if (pid === undefined) throw new Error("tenon serve does not start");
  let words = "";
  // Those that answer and are to stay, as the supervisor says it.
  const answering = new Set<number>();
  createInterface(child.stderr).on("line", (line) => {
    words = `${words}${line}\n`.slice(-20_000);
    const [, worker, what] = /^worker (\d+) (answers|is replaced|ended)/.exec(line) ?? [];
    if (what === "answers") answering.add(Number(worker));
    else if (what !== undefined) answering.delete(Number(worker));
  });
  const closed = once(child, "close");
  const stop = async (): Promise<void> => {
    if (child.exitCode === null) process.kill(pid, "SIGTERM");
    const late = globalThis.setTimeout(() => process.kill(-pid, "SIGKILL"), 20_000);
    await closed;
    clearTimeout(late);
  };
  const url = `http://127.0.0.1:${port}`;
  for (let waited = 0; ; waited += 50) {
    const answer = await fetch(`${url}/v2/health/ready`).catch(() => undefined);
    if (answer?.ok === true) break;
    if (child.exitCode !== null || waited > 60_000) {
      await stop();
      throw new Error(`tenon serve gives no answer: ${words}`);
    }
    await setTimeout(50);
  }
  return {
    url,
    port,
    key,
    pid,
    log: () => words,
    answering: () => Array.from(answering),
    putVersion,
    removeVersion: (version) =>
      rmSync(join(models, "soak", String(version)), { recursive: true, force: true }),
    stop,
  };
}
