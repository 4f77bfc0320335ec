/** @file PyTorch's figures on the same GPU, where a Python with it is found. */
import { fileURLToPath } from "node:url";
import * as v from "valibot";
import { tryCommand } from "../support/run-command.ts";

const machine = v.object({ torch: v.string(), cuda: v.nullable(v.string()), device: v.string() });
const figure = v.object({
  case: v.string(),
  stepsPerSecond: v.number(),
  firstLoss: v.number(),
  lastLoss: v.number(),
});

/** What PyTorch gave. */
export interface TorchFigures {
  readonly machine: v.InferOutput<typeof machine>;
  readonly stepsPerSecond: ReadonlyMap<string, number>;
}

/** PyTorch's steps a second in each case, or why there are none. */
export async function torchFigures(
  cases: readonly string[],
  seconds: number,
): Promise<TorchFigures | { readonly missing: string }> {
  const script = fileURLToPath(new URL("./torch_gpu.py", import.meta.url));
  const python = process.env["TENON_PYTHON"] ?? "python3";
  // The pack's libraries are not Python's.
  const env = { LD_LIBRARY_PATH: process.env["TENON_HOST_LIBRARY_PATH"] ?? "", PYTHONDONTWRITEBYTECODE: "1" };
  const failed = (error: unknown): { readonly missing: string } => ({
    missing: (error instanceof Error ? error.message : String(error)).trim().split("\n").at(-1) ?? "failed",
  });
  try {
    const result = await tryCommand(python, [script, `${seconds}`, ...cases], { cwd: ".", env });
    if (result.code !== 0) return failed(result.stderr);
    const [first = "", ...rest] = result.stdout.trim().split("\n");
    const found = rest.map((line) => v.parse(figure, JSON.parse(line)));
    return {
      machine: v.parse(machine, JSON.parse(first)),
      stepsPerSecond: new Map(found.map((each) => [each.case, each.stepsPerSecond])),
    };
  } catch (error) {
    return failed(error);
  }
}
