/** @file MLServer: it serves our graphs by the Open Inference Protocol v2, and our clients ask it. */
import { copyFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openDatabase } from "../../ml/data/index.ts";
import { readModel, writeModel } from "../../ml/package/index.ts";
import { amountPipeline, latePipeline, loanTable, statusPipeline } from "../ml/package/loan-models.ts";
import { pythonEnvironment } from "../support/python-environment.ts";
import { Checks, type InteropSuite } from "./interop-suite.ts";
import { withScratchFolder } from "./scratch-folder.ts";
import { assertSame, clientOf, flat, freePort, whileServed } from "./served-model.ts";

export const openInference: InteropSuite = {
  name: "open-inference",
  about: "graphs of packaged pipelines served by the Open Inference Protocol v2, asked by our clients",
  peer: "mlserver 1.7.1, onnxruntime 1.32.0",
  run: () =>
    withScratchFolder(async (folder) => {
      const here = join(import.meta.dirname, "open-inference");
      const { python, env } = await pythonEnvironment("open-inference", join(here, "requirements.txt"));
      const checks = new Checks();
      using database = await openDatabase();
      const loans = await loanTable(database);
      const names = ["status", "late", "amount"] as const;
      const pipelines = { status: statusPipeline, late: latePipeline, amount: amountPipeline };
      for (const name of names) {
        const directory = join(folder, name);
        await writeModel(directory, await pipelines[name](loans), { rows: loans });
        const parameters = { uri: join(directory, "model.onnx") };
        const settings = { name, implementation: "graph_runtime.GraphRuntime", parameters };
        writeFileSync(join(directory, "model-settings.json"), JSON.stringify(settings));
      }
      copyFileSync(join(here, "graph_runtime.py"), join(folder, "graph_runtime.py"));
      const [port, grpc, metrics] = [await freePort(), await freePort(), await freePort()];
      const ports = { http_port: port, grpc_port: grpc, metrics_port: metrics };
      const settings = { host: "127.0.0.1", parallel_workers: 0, ...ports };
      writeFileSync(join(folder, "settings.json"), JSON.stringify(settings));
      const url = `http://127.0.0.1:${port}`;
      await whileServed(
        {
          command: [python, "-c", "from mlserver.cli import main; main()", "start", folder],
          env: { ...env, PYTHONPATH: folder, HOME: folder },
          cwd: folder,
        },
        `${url}/v2/health/ready`,
        async () => {
          for (const name of names)
            await checks.check(`our client is told what "${name}" predicts`, async () => {
              await using model = await readModel(join(folder, name));
              const client = await clientOf(model.signature, folder, { url, protocol: "v2", model: name });
              const rows = model.recorded?.rows ?? [];
              assertSame((await client.predict(rows)).map(flat), await model.predict(rows));
            });
        },
      );
      return checks.result;
    }),
};
