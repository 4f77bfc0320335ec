/** @file `tenon server` */
import { Command, InvalidArgumentError } from "commander";
import { count } from "../option-values.ts";
import { serverImportCommand } from "./server-import.ts";
import { serverUsersCommand } from "./server-users.ts";

export interface ServerCommandOptions {
  readonly port: number;
  readonly host: string;
  readonly store?: string;
  readonly artifacts?: string;
  readonly policy?: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly rateLimit?: number;
  readonly maxConcurrentRequests?: number;
}

export function serverCommand(): Command {
  const command = new Command("server")
    .description("Keep runs and models, and serve them by MLflow's REST API.")
    .argument("[folder]", "where they are kept; made where it is not there", "mlruns.tenon")
    .option("-p, --port <number>", "the port; 0 for one that is free", parsePort, 5000)
    .option(
      "--host <address>",
      "the address to listen on; others than this machine's need users",
      "127.0.0.1",
    )
    .option("--store <url>", "a Postgres database (postgres://…) in place of SQLite in the folder")
    .option(
      "--artifacts <url>",
      "S3-compatible storage (s3://bucket/prefix) in place of artifacts/ in the folder",
    )
    .option(
      "--policy <file>",
      "what aliases demand (default: tenon.policy.json in the folder or beside it, where there is one)",
    )
    .option("--tls-cert <file>", "the certificate, as PEM, to serve by TLS; with --tls-key")
    .option("--tls-key <file>", "the certificate's key, as PEM")
    .option(
      "--rate-limit <number>",
      "requests of one client a second (1000 on other addresses than this machine's)",
      count,
    )
    .option("--max-concurrent-requests <number>", "requests that are answered at once (256)", count)
    .addHelpText(
      "after",
      `
Runs and models go to tenon.db, artifacts to artifacts/ in the folder. Where the store has users, everyone proves who they are;
without users, only programs on this machine can connect. Credentials of S3 are taken from AWS_ACCESS_KEY_ID,
AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, AWS_REGION and AWS_ENDPOINT_URL_S3 (or MLFLOW_S3_ENDPOINT_URL).

Examples:
  tenon server
  tenon server ~/runs --port 5001
  MLFLOW_TRACKING_URI=http://127.0.0.1:5000 python train.py
  tenon server users add ada --role admin
  tenon server --host 0.0.0.0 --tls-cert server.pem --tls-key server.key
  tenon server --store postgres://tenon@db/tenon --artifacts s3://models/tenon`,
    )
    .action(async (folder: string, options: ServerCommandOptions) => {
      const { serve } = await import("../server/serve.ts");
      await serve(folder, options);
    });
  return command.addCommand(serverUsersCommand()).addCommand(serverImportCommand());
}

function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535) throw new InvalidArgumentError("A port is a number up to 65535.");
  return port;
}
