/** @file Checks our kernel, by running a cell, and that Jupyter frontends know it. */
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { KernelClient } from "../../jupyter/client.ts";
import { kernelArgv, listKernelspecs } from "../../jupyter/kernelspec.ts";
import { isTenonKernelspec, missingProgram } from "../commands/kernel-list.ts";
import type { Installation } from "../installation.ts";
import type { Finding } from "./finding.ts";

/** Starts the kernel and runs a cell on it. */
export async function checkKernel({ kernelMain }: Installation): Promise<Finding> {
  const common = { group: "Kernel", name: "kernel", essential: true } as const;
  if (!existsSync(kernelMain)) {
    return {
      ...common,
      status: "missing",
      detail: `${kernelMain} does not exist`,
      advice: "run `npm run build`",
    };
  }
  try {
    const client = await KernelClient.start({ argv: kernelArgv(process.execPath, kernelMain) });
    try {
      const { reply, outputs } = await client.execute("6 * 7").result();
      const shown = outputs.some(
        (output) => output.type === "execute_result" && output.data["text/plain"] !== undefined,
      );
      if (reply.status !== "ok" || !shown) throw new Error("it does not run a cell");
    } finally {
      await client.close();
    }
    return { ...common, status: "ok", detail: "runs a cell" };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return {
      ...common,
      status: "missing",
      detail: reason,
      advice: "see the modules above; then install again",
    };
  }
}

/** Whether Jupyter is there and our kernel installed in it. */
export async function checkJupyter(): Promise<Finding[]> {
  return [findJupyter(), await checkKernelspec()];
}

function findJupyter(): Finding {
  const common = { group: "Jupyter", name: "jupyter", essential: false } as const;
  const names = process.platform === "win32" ? ["jupyter.exe", "jupyter.cmd"] : ["jupyter"];
  const found = (process.env["PATH"] ?? "")
    .split(delimiter)
    .flatMap((directory) => names.map((name) => join(directory, name)))
    .find((path) => existsSync(path));
  if (found !== undefined) return { ...common, status: "ok", detail: found };
  return {
    ...common,
    status: "warning",
    detail: "not found on the PATH",
    advice: "only needed for JupyterLab: `pip install jupyterlab`; VS Code and `tenon run` work without it",
  };
}

async function checkKernelspec(): Promise<Finding> {
  const common = { group: "Jupyter", name: "kernelspec", essential: false } as const;
  const ours = (await listKernelspecs()).filter(isTenonKernelspec);
  const broken = ours.find((spec) => missingProgram(spec) !== undefined);
  if (broken !== undefined) {
    return {
      ...common,
      status: "warning",
      detail: `${broken.directory} names ${missingProgram(broken) ?? ""}, which does not exist`,
      advice: "run `tenon kernel install` again",
    };
  }
  if (ours.length > 0)
    return { ...common, status: "ok", detail: ours.map((spec) => spec.directory).join(", ") };
  return {
    ...common,
    status: "warning",
    detail: "our kernel is not installed",
    advice: "run `tenon kernel install` to use it in JupyterLab and VS Code",
  };
}
