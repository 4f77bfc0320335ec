/** @file `tenon serve` */
import { Command, InvalidArgumentError, Option } from "commander";
import { allProviders, type Provider } from "../../ml/graph/runtime/provider.ts";
import { collect, count } from "../option-values.ts";
import { dashboardsCommand } from "./serve-dashboards.ts";

export interface ServeCommandOptions {
  readonly host: string;
  readonly port: number;
  readonly timeout?: number;
  readonly maxBody?: number;
  readonly drain?: number;
  readonly config?: string;
  readonly workers: number;
  readonly maxWorkerMemory?: number;
  readonly workerSilence?: number;
  readonly registry: string;
  readonly policy?: string;
  readonly reload?: number;
  readonly memory?: number;
  readonly instances?: number;
  readonly provider?: Provider | "best";
  readonly handler: readonly string[];
}

export function serveCommand(): Command {
  return new Command("serve")
    .description(
      "Serve packaged models by HTTP: Open Inference Protocol, MLflow, SageMaker, Vertex AI, TF Serving.",
    )
    .argument("[models...]", "model directories, folders of them, or models:/NAME@ALIAS of a registry")
    .option("--host <address>", "the address to listen at; 0.0.0.0 for all of this machine", "127.0.0.1")
    .option("-p, --port <number>", "the port; 0 for one that is free", parsePort, 8080)
    .option("--timeout <milliseconds>", "in how long a request must have its answer", count)
    .option("--max-body <bytes>", "the largest body of a request (default: 64 MiB)", count)
    .option(
      "--drain <milliseconds>",
      "how long requests under way may take at the end (default: 30000)",
      count,
    )
    .option(
      "--workers <number>",
      "processes that answer the port; SIGHUP replaces one after the other",
      count,
      1,
    )
    .option("--max-worker-memory <bytes>", "replace a worker that takes more", count)
    .option(
      "--worker-silence <milliseconds>",
      "replace a worker that hangs for so long (default: 30000)",
      count,
    )
    .option("--registry <folder>", "the store of models:/ names", "mlruns.tenon")
    .option(
      "--policy <file>",
      "who must have signed what is loaded (default: tenon.policy.json in the store's folder or beside it)",
    )
    .option(
      "--reload <milliseconds>",
      "how often to look for new versions (default: 2000; 0: never)",
      parseTime,
    )
    .option(
      "--memory <bytes>",
      "how much loaded models may take; others are loaded when they are asked",
      count,
    )
    .option("--instances <number>", "threads for a model that isn't tiny (default: 1)", count)
    .addOption(
      new Option("--provider <name>", "what computes models that aren't compiled (default: cpu)").choices([
        ...allProviders,
        "best",
      ]),
    )
    .option(
      "--handler <module>",
      "a module whose default export is a model as a program; repeatable",
      collect,
      [],
    )
    .option("--config <file>", "limits, keys, traffic, caches and more, as JSON (docs/serving-operations.md)")
    .addHelpText(
      "after",
      `
Only programs on this machine can connect unless --host says otherwise. Ctrl-C or SIGTERM ends it when all that came
in has its answer.

Examples:
  tenon serve models/risk
  tenon serve models --host 0.0.0.0 --port 8080
  tenon serve models:/risk@champion --registry ~/runs
  curl -d '{"inputs": [{"name": "income", "shape": [1], "datatype": "FP64", "data": [2200]}]}' \\
    http://127.0.0.1:8080/v2/models/risk/infer`,
    )
    .addCommand(dashboardsCommand())
    .action(async (models: readonly string[], options: ServeCommandOptions) => {
      const { serve } = await import("../serve/serve.ts");
      await serve(models, options);
    });
}

function parseTime(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError("It must be a whole number from 0 up.");
  return Number(text);
}

function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535) throw new InvalidArgumentError("A port is a number up to 65535.");
  return port;
}
