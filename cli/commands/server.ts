/** @file `tenon server` */
import { Command, InvalidArgumentError } from "commander";

export interface ServerCommandOptions {
  readonly port: number;
}

export function serverCommand(): Command {
  return new Command("server")
    .description("Keep runs and models in a folder, and serve them by MLflow's REST API.")
    .argument("[folder]", "where they are kept; made where it is not there", "mlruns.tenon")
    .option("-p, --port <number>", "the port on 127.0.0.1; 0 for one that is free", parsePort, 5000)
    .addHelpText(
      "after",
      `
Runs and models go to tenon.db, artifacts to artifacts/ in the folder. Only programs on this machine can connect.

Examples:
  tenon server
  tenon server ~/runs --port 5001
  MLFLOW_TRACKING_URI=http://127.0.0.1:5000 python train.py`,
    )
    .action(async (folder: string, options: ServerCommandOptions) => {
      const { serve } = await import("../server/serve.ts");
      await serve(folder, options);
    });
}

function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535) throw new InvalidArgumentError("A port is a number up to 65535.");
  return port;
}
